using System.Diagnostics;
using System.Text;
using Xunit;

namespace Hufu.EndToEnd;

/// <summary>Four organisations, each in a folder of its own that no other looks into, begin a network together.</summary>
public sealed class CeremonyTests
{
    static readonly string[] Names = ["Bank A", "银行 B", "Clearing House C", "Auditor D"];

    [Fact]
    public async Task Four_organisations_begin_a_network_and_no_key_leaves_its_folder()
    {
        using var place = new Place();
        await place.Agree();
        Assert.Contains("signed", await HufuProcess.Succeed("network", "check", place.Network), StringComparison.Ordinal);
        Assert.DoesNotContain("not signed", await HufuProcess.Succeed("network", "check", place.Network), StringComparison.Ordinal);

        var nodes = new List<HufuProcess>();
        try
        {
            for (var i = 0; i < Names.Length; i++)
                nodes.Add(await HufuProcess.Start("node", place.Own(i), "--consensus", "qbft", "--network", place.Network, "--p2p-port", place.Ports[i].ToString(), "--no-discovery"));
            for (var patience = Stopwatch.StartNew(); ; await Task.Delay(200))
            {
                var heights = await Task.WhenAll(nodes.Select(async node => Convert.ToUInt64((await node.Call("eth_blockNumber")).GetString(), 16)));
                if (heights.All(height => height >= 3)) break;
                Assert.True(patience.Elapsed < TimeSpan.FromSeconds(90), $"heights {string.Join(", ", heights)}: {await nodes[0].Call("hufu_consensus")}");
            }
        }
        finally
        {
            foreach (var node in nodes) await node.DisposeAsync();
        }
        // Each named its own controller, so that a contract names the validators.
        Assert.Contains($"decided about by {ValidatorNetwork.AccountOf(2)}", await HufuProcess.Succeed("network", "check", place.Network), StringComparison.Ordinal);
        place.AssertSecretsStayed();
    }

    [Fact]
    public async Task A_changed_byte_anywhere_is_refused_by_name()
    {
        using var place = new Place();
        await place.Agree();
        var whole = await File.ReadAllTextAsync(place.Network, TestContext.Current.CancellationToken);

        // A name, a place, a key, the genesis file, a signature, the form.
        await Refused(whole.Replace("Clearing House C", "Clearing House E", StringComparison.Ordinal), "the card of 'Clearing House E' was changed");
        await Refused(whole.Replace($":{place.Ports[1]}\"", $":{place.Ports[1] + 1}\"", StringComparison.Ordinal), "the card of '银行 B' was changed");
        await Refused(whole.Replace("\"blockperiodseconds\": 1", "\"blockperiodseconds\": 2", StringComparison.Ordinal), "has not signed this network");
        await Refused(whole.Replace("\"epochlength\": 30000", "\"epochlength\": 30001", StringComparison.Ordinal), "has not signed this network");
        await Refused(whole.Replace("\"chainId\": 1981", "\"chainId\": 1982", StringComparison.Ordinal), "has not signed this network");
        await Refused(whole + "\n", "was changed");
        var last = whole.LastIndexOf("\"signature\": \"0x", StringComparison.Ordinal) + "\"signature\": \"0x".Length;
        await Refused(whole[..last] + (whole[last] == 'a' ? 'b' : 'a') + whole[(last + 1)..], "has not signed this network");

        async Task Refused(string changed, string words)
        {
            Assert.NotEqual(whole, changed);
            var file = Path.Combine(place.Table, "changed.json");
            await File.WriteAllTextAsync(file, changed);
            var (code, _, error) = await HufuProcess.Run("network", "check", file);
            Assert.Equal(1, code);
            Assert.Contains(words, error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_changed_character_of_any_file_on_the_table_is_refused_by_the_name_of_whose_it_is()
    {
        using var place = new Place();
        await place.Draft();
        await place.Sign(1);
        var (card, draft, signature) = (await File.ReadAllTextAsync(place.CardOf(1)), await File.ReadAllTextAsync(place.Network), await File.ReadAllTextAsync(place.SignatureOf(1)));
        // Between the quotes of a value, another character of its kind.
        foreach (var (name, words) in new[] { ("nodeId", "银行 B"), ("reachable", "银行 B"), ("controller", "银行 B"), ("signature", "银行 B") })
            await Refused(card, name, words, file => ["network", "draft", "--member", file, "--member", place.CardOf(0), "--out", Path.Combine(place.Table, "never.json")], or: "changed.json is no member's card");
        await Refused(draft, "controller", "card of", file => ["network", "sign", file, "--data", place.Own(0), "--out", Path.Combine(place.Table, "never.json")]);
        await Refused(draft, "balance", "changed.json", file => ["network", "seal", file, "--signature", place.SignatureOf(1), "--out", Path.Combine(place.Table, "never.json")], or: "银行 B");
        await Refused(signature, "signature", "银行 B", file => ["network", "seal", place.Network, "--signature", file, "--out", Path.Combine(place.Table, "never.json")]);
        await Refused(signature, "address", "changed.json", file => ["network", "seal", place.Network, "--signature", file, "--out", Path.Combine(place.Table, "never.json")]);
        Assert.False(File.Exists(Path.Combine(place.Table, "never.json")));

        async Task Refused(string whole, string field, string words, Func<string, string[]> command, string? or = null)
        {
            var start = whole.IndexOf($"\"{field}\": \"", StringComparison.Ordinal) + field.Length + 5;
            // The last: a hexadecimal digit, or one of a port.
            var at = whole.IndexOf('"', start) - 1;
            var changed = whole[..at] + (char.IsAsciiDigit(whole[at]) ? whole[at] == '7' ? '8' : '7' : whole[at] == 'a' ? 'b' : 'a') + whole[(at + 1)..];
            var file = Path.Combine(place.Table, "changed.json");
            await File.WriteAllTextAsync(file, changed);
            var (code, output, error) = await HufuProcess.Run(command(file));
            Assert.True(code == 1, $"{field} was changed, and nobody minded:\n{output}");
            Assert.True(error.Contains(words, StringComparison.Ordinal) || (or is not null && error.Contains(or, StringComparison.Ordinal)), error);
        }
    }

    [Fact]
    public async Task Nobody_signs_for_another_and_a_network_that_one_has_not_signed_does_not_start()
    {
        using var place = new Place();
        await place.Draft();
        for (var i = 0; i < 3; i++) await place.Sign(i);
        await HufuProcess.Succeed(["network", "seal", place.Network, .. Enumerable.Range(0, 3).SelectMany(i => new[] { "--signature", place.SignatureOf(i) }), "--out", place.Network]);

        var (code, _, error) = await HufuProcess.Run("node", "--consensus", "qbft", "--network", place.Network, "--data", place.Own(0), "--rpc-port", "0", "--p2p-port", "0");
        Assert.Equal(1, code);
        Assert.Contains("missing: 'Auditor D'", error, StringComparison.Ordinal);

        using var stranger = new TemporaryFolder();
        await HufuProcess.Succeed("network", "key", "--data", stranger.Path);
        (code, _, error) = await HufuProcess.Run("network", "sign", place.Network, "--data", stranger.Path, "--out", Path.Combine(place.Table, "stranger.json"));
        Assert.Equal(1, code);
        Assert.Contains("is no member of this network", error, StringComparison.Ordinal);
    }

    /// <summary>Four folders that are their owners' alone, and a table on which lies what all may see.</summary>
    sealed class Place : IDisposable
    {
        readonly TemporaryFolder[] _own = [.. Names.Select(_ => new TemporaryFolder())];
        readonly TemporaryFolder _table = new();

        public int[] Ports { get; } = [.. Names.Select(_ => HufuProcess.FreePort())];
        public string Table => _table.Path;
        public string Network => Path.Combine(_table.Path, "network.json");

        public string Own(int member) => _own[member].Path;

        public string SignatureOf(int member) => Path.Combine(_table.Path, $"{member}.signature.json");

        public async Task Agree()
        {
            await Draft();
            for (var i = 0; i < Names.Length; i++) await Sign(i);
            await HufuProcess.Succeed(["network", "seal", Network, .. Enumerable.Range(0, Names.Length).SelectMany(i => new[] { "--signature", SignatureOf(i) }), "--out", Network]);
        }

        public async Task Draft()
        {
            for (var i = 0; i < Names.Length; i++)
                await HufuProcess.Succeed("network", "member", "--data", Own(i), "--name", Names[i], "--at", $"127.0.0.1:{Ports[i]}", "--controller", ValidatorNetwork.AccountOf(i), "--out", CardOf(i));
            await HufuProcess.Succeed(["network", "draft", .. Enumerable.Range(0, Names.Length).SelectMany(i => new[] { "--member", CardOf(i) }), "--out", Network]);
        }

        public Task Sign(int member) => HufuProcess.Succeed("network", "sign", Network, "--data", Own(member), "--out", SignatureOf(member));

        public void AssertSecretsStayed()
        {
            foreach (var owner in _own)
            {
                var secret = File.ReadAllText(Path.Combine(owner.Path, "nodekey")).Trim();
                foreach (var other in _own.Append(_table).Where(folder => folder != owner))
                    foreach (var file in Directory.EnumerateFiles(other.Path, "*", SearchOption.AllDirectories))
                    {
                        var bytes = File.ReadAllBytes(file);
                        Assert.True(bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(secret)) < 0, $"a secret is in {file}");
                        Assert.True(bytes.AsSpan().IndexOf(Convert.FromHexString(secret)) < 0, $"a secret is in {file}");
                    }
            }
        }

        public void Dispose()
        {
            foreach (var folder in _own) folder.Dispose();
            _table.Dispose();
        }

        public string CardOf(int member) => Path.Combine(_table.Path, $"{member}.json");
    }
}
