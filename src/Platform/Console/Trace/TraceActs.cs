using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>What people of a supply chain do: record what happens to a lot, and hand it over.</summary>
static class TraceActs
{
    const string Context = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
    const string HandOverType = "HandOver(address giver,address receiver,bytes32 eventHash,uint64 deadline)";

    static readonly TimeSpan HandOverLifetime = TimeSpan.FromDays(30);

    // A GS1 number with a prefix that GS1 keeps for examples.
    static readonly ActField Gtin = new("gtin", FieldKind.Text, "Product number (GTIN)", "商品编号 (GTIN)", "09521141012345", "14 digits, as under the bar code", "14 位，条码下方的数字") { Usual = "09521141012345" };
    static readonly ActField Lot = new("lot", FieldKind.Text, "Lot", "批号", "MANGO-7");

    /// <summary>Steps in the words of the Core Business Vocabulary, and as people say them.</summary>
    public static IReadOnlyList<(string Value, string English, string Chinese)> Steps { get; } =
    [
        ("commissioning", "picked or made", "采摘或制成"), ("inspecting", "inspected", "检验"), ("packing", "packed", "包装"), ("storing", "stored", "入库"),
        ("shipping", "shipped", "发运"), ("receiving", "received", "收货"), ("stocking", "put on the shelf", "上架"), ("retail_selling", "sold", "售出"),
    ];

    public static Act[] All { get; } =
    [
        new("record", "/trace", "Record a step of a lot", "登记批次环节",
            [
                Gtin, Lot, new("step", FieldKind.Text, "What happened", "环节") { Choices = Steps },
                new("quantity", FieldKind.Amount, "Quantity in kg", "数量（千克）", "1200") { IsCoin = false },
                new("place", FieldKind.Text, "Place (GLN)", "地点 (GLN)", "9521141000007", "13 digits", "13 位") { Usual = "9521141000007" },
            ],
            values => new("The lot {0} of product {1} was {2}: {3} kg, at {4}. Within seconds its hash is anchored on the ledger; then nobody, we included, can change what was written.", "商品 {1} 的批次 {0}：{2}，{3} 千克，地点 {4}。数秒内其哈希将锚定上链，此后任何人（包括我们）都无法改动。",
                values["lot"], values["gtin"], new Either(Steps.FirstOrDefault(step => step.Value == values["step"]).English ?? "", Steps.FirstOrDefault(step => step.Value == values["step"]).Chinese ?? ""), values["quantity"], values["place"]),
            RecordAsync) { Signer = ("The platform's recorder signs the anchor and pays; the data itself stays here.", "由平台的登记员签署锚定并付费；数据本身保存在此。") },
        new("hand-over", "/trace", "Hand a lot over", "交接批次",
            [Gtin, Lot, new("giver", FieldKind.OwnAccount, "Who gives", "交方"), new("receiver", FieldKind.OwnAccount, "Who receives", "收方")],
            values => new("{0} hands the lot {2} of product {3} over to {1}. Both sign; it goes onto the ledger, and neither can deny it.", "{0} 将商品 {3} 的批次 {2} 交给 {1}。双方签名后上链，均不能否认。", values["giver"], values["receiver"], values["lot"], values["gtin"]),
            HandOverAsync) { Signer = ("Both accounts sign with their keys, which are kept here; the platform pays the fee.", "由双方账户签名（密钥保存在此），手续费由平台支付。") },
    ];

    /// <summary>The lot's GS1 Digital Link.</summary>
    static string LinkOf(ActValues values)
    {
        if (!Gs1Uri.TryParseGtin(values["gtin"], out var gtin)) throw ProblemException.Invalid("the product number is no GTIN", $"'{values["gtin"]}' has not 8, 12, 13 or 14 digits, or its check digit is wrong", "copy the digits under the bar code");
        return Gs1Uri.TryCanonical($"https://id.gs1.org/01/{gtin}/10/{Uri.EscapeDataString(values["lot"])}", out var link) && values["lot"].Length is > 0 and <= 20 ? link
            : throw ProblemException.Invalid("the lot cannot be used", "it has from 1 to 20 letters, digits and simple signs", "write it as on the label: MANGO-7");
    }

    static async Task<Command?> RecordAsync(IServiceProvider provider, string key, ActValues values, CancellationToken stop)
    {
        var service = provider.GetRequiredService<TraceabilityService>();
        if (!decimal.TryParse(values["quantity"], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quantity) || quantity <= 0) throw ProblemException.Invalid("the quantity is no number", $"'{values["quantity"]}'", "write it in kilograms: 1200");
        if (values["place"] is not { Length: 13 } place || !place.All(char.IsAsciiDigit) || Gs1Uri.CheckDigit(place.AsSpan()[..12]) != place[12]) throw ProblemException.Invalid("the place is no GLN", $"'{values["place"]}' has not 13 digits, or its check digit is wrong", "copy the place's GS1 number");
        var step = values["step"] is { Length: > 0 } chosen ? chosen : "commissioning";
        var location = $"https://id.gs1.org/414/{place}";
        var happened = new JsonObject
        {
            ["type"] = "ObjectEvent",
            // By the form's key: sent twice, it is the same event, and is kept once.
            ["eventID"] = $"urn:uuid:{Guid.Parse(key):D}",
            ["eventTime"] = TimeOf(key).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["eventTimeZoneOffset"] = "+00:00",
            ["action"] = step == "commissioning" ? "ADD" : "OBSERVE",
            ["bizStep"] = step,
            ["disposition"] = step switch { "shipping" => "in_transit", "retail_selling" => "retail_sold", "stocking" => "sellable_accessible", "commissioning" => "active", _ => "in_progress" },
            ["readPoint"] = new JsonObject { ["id"] = location },
            ["bizLocation"] = new JsonObject { ["id"] = location },
            ["quantityList"] = new JsonArray(new JsonObject { ["epcClass"] = LinkOf(values), ["quantity"] = quantity, ["uom"] = "KGM" }),
        };
        var file = new JsonObject
        {
            ["@context"] = new JsonArray(Context),
            ["type"] = "EPCISDocument",
            ["schemaVersion"] = "2.0",
            ["creationDate"] = happened["eventTime"]!.GetValue<string>(),
            ["epcisBody"] = new JsonObject { ["eventList"] = new JsonArray(happened) },
        };
        if (!EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(file.ToJsonString()), out var document, out var refusal)) throw new ProblemException(400, "invalid-request", refusal);
        var job = await service.Store.CaptureAsync(document).ConfigureAwait(false);
        if (!job.Succeeded) throw new ProblemException(400, "invalid-request", new Refusal("the event was not taken", string.Join("; ", job.Errors)));
        await service.Anchors.AnchorAsync(stop).ConfigureAwait(false);
        return null;
    }

    // The digest that giver and receiver sign is TraceAnchor's own (EIP-712); here both keys are at hand, so that offer and receipt are one step.
    static async Task<Command?> HandOverAsync(IServiceProvider provider, string key, ActValues values, CancellationToken stop)
    {
        var (rooms, service) = (provider.GetRequiredService<Rooms>(), provider.GetRequiredService<TraceabilityService>());
        var (giver, receiver, link) = (rooms.OwnAccount(values["giver"], "giver"), rooms.OwnAccount(values["receiver"], "receiver"), LinkOf(values));
        if (giver == receiver) throw ProblemException.Invalid("giver and receiver are the same", giver.ToChecksumString(), "a hand-over has two sides");
        var stored = service.Store.Of(link, 1) is [var latest, ..] ? latest : throw ProblemException.NotFound($"nothing is recorded of the lot {values["lot"]}", "no event names it", "record a step of it first");
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var deadline = (ulong)(TimeOf(key) + HandOverLifetime).ToUnixTimeSeconds();
        var digest = new TypedDataDomain("Hufu Trace", "1", await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false), made["TraceAnchor"]).DigestOf(HandOverType, giver, receiver, stored.Hash.ToArray(), (UInt256)deadline);
        var request = new TraceAnchorContract(rooms.Chain, made["TraceAnchor"]).HandOver(new(giver, receiver, stored.Hash, deadline), rooms.Custody.SignerOf(giver).SignDigest(digest).ToBytes(), rooms.Custody.SignerOf(receiver).SignDigest(digest).ToBytes());
        return await rooms.DoAsync(new Ask(Act.Caller, key, digest), "trace.hand-over", link, () => Task.FromResult((rooms.Operator, request)), stop).ConfigureAwait(false);
    }

    // A form's key is a UUID of version 7: it begins with the moment at which the form was made.
    static DateTimeOffset TimeOf(string key) =>
        Guid.TryParse(key, out var id) && long.TryParse(id.ToString("N").AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 253_402_300_799_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())) : throw ProblemException.Invalid("the form's key cannot be used", key, "load the form again");
}
