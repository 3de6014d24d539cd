using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Mangoes from the farm to the shop, through a real process: captured, anchored, traced, recalled, and proven on the shopper's own device with the network cut.</summary>
public sealed class TraceabilityTests
{
    const string Farm = "https://id.gs1.org/01/09521141012345/10/FARM7", Juice = "https://id.gs1.org/01/09521141012352/10/JUICE1", Pallet = "https://id.gs1.org/00/095211410000000017";

    static readonly HttpClient Http = new(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(2) };

    static string Events => $$$"""
        {"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"example":"https://ns.example.com/epcis/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-07-22T10:30:00Z","epcisBody":{"eventList":[
          {"type":"ObjectEvent","eventTime":"2026-07-20T06:00:00+08:00","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"commissioning","disposition":"active","readPoint":{"id":"https://id.gs1.org/414/9521141000014"},"quantityList":[{"epcClass":"{{{Farm}}}","quantity":500,"uom":"KGM"}],"ilmd":{"example:variety":"Kent"}},
          {"type":"TransformationEvent","eventTime":"2026-07-21T09:00:00+08:00","eventTimeZoneOffset":"+08:00","bizStep":"commissioning","inputQuantityList":[{"epcClass":"{{{Farm}}}","quantity":400,"uom":"KGM"}],"outputQuantityList":[{"epcClass":"{{{Juice}}}","quantity":300,"uom":"KGM"}]},
          {"type":"AggregationEvent","eventTime":"2026-07-21T12:00:00+08:00","eventTimeZoneOffset":"+08:00","action":"ADD","bizStep":"packing","parentID":"{{{Pallet}}}","childQuantityList":[{"epcClass":"{{{Juice}}}","quantity":100,"uom":"KGM"}]}
        ]}}
        """;

    [Fact]
    public async Task Mangoes_go_from_farm_to_shop_and_the_shoppers_device_proves_it_alone()
    {
        using var folder = new TemporaryFolder();
        await using var hufu = await HufuProcess.Up(Path.Combine(folder.Path, "chain"), "--console-port", "0");
        var root = await ConsoleOf(hufu);
        var api = root + "/api/v1";

        // Captured once, however often it is sent, and in either form.
        var captured = await Post($"{api}/epcis/capture", Events, "application/ld+json");
        Assert.Equal(HttpStatusCode.Accepted, captured.StatusCode);
        Assert.Equal("2.0.0", captured.Headers.GetValues("GS1-EPCIS-Version").Single());
        Assert.True((await Get(root + captured.Headers.Location)).GetProperty("success").GetBoolean());
        var xml = await Text($"{api}/epcis/events?eventType=TransformationEvent", "application/xml");
        Assert.Contains("<TransformationEvent>", xml, StringComparison.Ordinal);
        Assert.Equal(3, (await Get($"{api}/epcis/events")).GetProperty("epcisBody").GetProperty("queryResults").GetProperty("resultsBody").GetProperty("eventList").GetArrayLength());
        var refused = await Post($"{api}/epcis/capture", Events.Replace("\"packing\"", "\"wrapping\"", StringComparison.Ordinal), "application/ld+json");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Contains("bizStep is no word of the standard", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        // Anchored, traced both ways, with proofs.
        Assert.Equal(HttpStatusCode.OK, (await Post($"{api}/trace/anchors", "", "application/json")).StatusCode);
        var back = await Get($"{api}/trace/back?thing={Uri.EscapeDataString(Pallet)}&proofs=true");
        Assert.Equal([Pallet, Juice, Farm], back.GetProperty("things").EnumerateArray().Select(one => one.GetProperty("thing").GetString()));
        Assert.All(back.GetProperty("steps").EnumerateArray(), step => Assert.NotEmpty(step.GetProperty("path").EnumerateArray()));
        Assert.NotEmpty(back.GetProperty("tallies").EnumerateObject());
        Assert.True((await Get($"{api}/trace/balance?thing={Uri.EscapeDataString(Pallet)}")).GetProperty("holds").GetBoolean());
        var story = await Get($"{api}/trace/story?thing={Uri.EscapeDataString(Pallet)}");
        Assert.Equal(3, story.GetProperty("proven").GetInt32());

        // The code on the pallet leads a phone to the story, and a program to the links.
        Assert.Contains("<svg", await Text($"{api}/trace/qr?thing={Uri.EscapeDataString(Pallet)}", "*/*"), StringComparison.Ordinal);
        var scanned = await Http.GetAsync(root + new Uri(Pallet).AbsolutePath);
        Assert.Equal(HttpStatusCode.TemporaryRedirect, scanned.StatusCode);
        Assert.StartsWith("/trace/00/", scanned.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"linkset\"", await Text(root + new Uri(Pallet).AbsolutePath, "application/linkset+json"), StringComparison.Ordinal);

        // A hand-over that both sign; a recall with its clock.
        var accounts = new List<string>();
        foreach (var name in new[] { "farm", "factory" }) accounts.Add((await Read(await Http.PostAsJsonAsync($"{api}/accounts", new { name }))).GetProperty("address").GetString()!);
        var hash = back.GetProperty("steps")[0].GetProperty("hash").GetString();
        var offer = await Read(await Post($"{api}/trace/handovers", JsonSerializer.Serialize(new { @event = hash, giver = accounts[0], receiver = accounts[1] }), "application/json", "offer-1"));
        var received = await Read(await Post($"{api}/trace/handovers/{offer.GetProperty("digest").GetString()}/receipt", "{}", "application/json", "receipt-1"));
        Assert.StartsWith("0x", received.GetProperty("transaction").GetString(), StringComparison.Ordinal);
        var recall = await Read(await Post($"{api}/trace/recalls", JsonSerializer.Serialize(new { lots = new[] { Farm }, reason = "drill", isDrill = true }), "application/json", "recall-1"));
        Assert.Equal(3, recall.GetProperty("things").GetInt32());
        var closed = await Read(await Post($"{api}/trace/recalls/{recall.GetProperty("id").GetString()}/close", """{"report":"all found"}""", "application/json", "close-1"));
        Assert.NotEqual(JsonValueKind.Null, closed.GetProperty("onLedger").GetProperty("closedAt").ValueKind);

        // The proof, by command and by browser.
        var (proof, changed) = (Path.Combine(folder.Path, "pallet.trace.json"), Path.Combine(folder.Path, "changed.trace.json"));
        var file = await Http.GetByteArrayAsync($"{api}/trace/proof?thing={Uri.EscapeDataString(Pallet)}");
        await File.WriteAllBytesAsync(proof, file);
        await File.WriteAllTextAsync(changed, Encoding.UTF8.GetString(file).Replace("\"quantity\":100", "\"quantity\":900", StringComparison.Ordinal));
        Assert.NotEqual(file, await File.ReadAllBytesAsync(changed));
        Assert.Contains("it has not been changed since", await HufuProcess.Succeed("verify", proof), StringComparison.Ordinal);
        var (exitCode, _, error) = await HufuProcess.Run("verify", changed);
        Assert.NotEqual(0, exitCode);
        Assert.Contains("is not under the anchored root", error, StringComparison.Ordinal);
        var pictures = Environment.GetEnvironmentVariable("HUFU_SCREENSHOTS") ?? folder.Path;
        Directory.CreateDirectory(pictures);
        TestContext.Current.TestOutputHelper?.WriteLine(await BrowserScripts.Run("verify.mjs", root, proof, changed, pictures));
    }

    static async Task<string> ConsoleOf(HufuProcess hufu)
    {
        for (var patience = 0; patience < 600; patience++)
        {
            var line = hufu.Output.Split('\n').FirstOrDefault(one => one.Contains("console", StringComparison.Ordinal) && one.Contains("http://", StringComparison.Ordinal));
            if (line is not null) return line[line.IndexOf("http://", StringComparison.Ordinal)..].Split(' ', '"', '\r')[0].TrimEnd('/');
            await Task.Delay(100);
        }
        throw new TimeoutException($"no console is told of:\n{hufu.Output}");
    }

    static async Task<HttpResponseMessage> Post(string url, string body, string type, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await Http.SendAsync(request);
    }

    static async Task<JsonElement> Read(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    static async Task<JsonElement> Get(string url) => await Read(await Http.GetAsync(url));

    static async Task<string> Text(string url, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        var reply = await Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.IsSuccessStatusCode, text);
        return text;
    }
}
