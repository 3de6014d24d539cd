using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What a person writes of a step: a field by its name, and what is wrong with it in both languages.</summary>
public sealed record CaptureFault(string Field, string English, string Chinese);

/// <summary>A lot that went into another one.</summary>
public sealed record LotInput(string Link, decimal Quantity);

/// <summary>One step of one lot, as people record it: by form, as a row of a spreadsheet, or on a phone.</summary>
/// <param name="Link">The lot's GS1 Digital Link.</param>
/// <param name="Place">A GLN.</param>
/// <param name="MadeOf">Lots that went into this one; empty where it was not made of others.</param>
public sealed record LotStep(string Link, string Step, decimal Quantity, string Unit, string Place, DateTimeOffset At, IReadOnlyList<LotInput> MadeOf)
{
    const string Context = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
    const int LongestLot = 20, MostInputs = 100;

    /// <summary>Steps in the words of the Core Business Vocabulary, and as people say them.</summary>
    public static IReadOnlyList<(string Value, string English, string Chinese)> Steps { get; } =
    [
        ("commissioning", "picked or made", "采摘或制成"), ("inspecting", "inspected", "检验"), ("packing", "packed", "包装"), ("storing", "stored", "入库"),
        ("shipping", "shipped", "发运"), ("receiving", "received", "收货"), ("stocking", "put on the shelf", "上架"), ("retail_selling", "sold", "售出"),
    ];

    /// <summary>Units of UN/CEFACT Recommendation 20, and as people write them.</summary>
    static readonly (string Code, string[] Written)[] Units = [("KGM", ["kg", "千克", "公斤", ""]), ("GRM", ["g", "克"]), ("TNE", ["t", "吨"]), ("LTR", ["l", "升"]), ("LBR", ["lb", "磅"])];

    static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd", "yyyy/M/d H:mm:ss", "yyyy/M/d H:mm", "yyyy/M/d"];

    /// <summary>Reads a step of what was typed into its fields: gtin, lot, step, quantity, unit, place, time, from.</summary>
    /// <param name="now">Counts where no time was typed; nothing is of the future.</param>
    public static bool TryRead(Func<string, string?> typed, DateTimeOffset now, [NotNullWhen(true)] out LotStep? step, out IReadOnlyList<CaptureFault> faults)
    {
        var found = new List<CaptureFault>();
        string Text(string field) => typed(field)?.Trim() ?? "";
        void Fault(string field, string english, string chinese) => found.Add(new CaptureFault(field, english, chinese));

        var link = LinkOf(Text("gtin"), Text("lot"), Fault);
        var word = Text("step") is { Length: > 0 } said ? Steps.FirstOrDefault(one => said.Equals(one.Value, StringComparison.OrdinalIgnoreCase) || said.Equals(one.English, StringComparison.OrdinalIgnoreCase) || said == one.Chinese).Value : "commissioning";
        if (word is null) Fault("step", $"“{Text("step")}” is no step that is known: write one of {string.Join(", ", Steps.Select(one => one.Value))}", $"没有“{Text("step")}”这一环节，请填写：{string.Join("、", Steps.Select(one => one.Chinese))}");
        if (!TryReadQuantity(Text("quantity"), out var quantity)) Fault("quantity", $"“{Text("quantity")}” is no quantity: write a number above zero, such as 1200 or 0.5", $"“{Text("quantity")}”不是数量，请填写大于零的数字，例如 1200 或 0.5");
        var unit = Units.FirstOrDefault(one => one.Code.Equals(Text("unit"), StringComparison.OrdinalIgnoreCase) || one.Written.Contains(Text("unit"), StringComparer.OrdinalIgnoreCase)).Code;
        if (unit is null) Fault("unit", $"“{Text("unit")}” is no unit that is known: write kg, g, t, l or lb", $"没有“{Text("unit")}”这一单位，请填写千克、克、吨或升");
        var place = Text("place");
        if (place is not { Length: 13 } || !place.All(char.IsAsciiDigit) || Gs1Uri.CheckDigit(place.AsSpan()[..12]) != place[12]) Fault("place", $"“{place}” is no GLN: it has not 13 digits, or its check digit is wrong", $"“{place}”不是 GLN：不足 13 位数字或校验位有误");
        var at = now;
        if (Text("time") is { Length: > 0 } time && !TryReadTime(time, out at)) Fault("time", $"“{time}” is no time: write 2026-11-27 08:30 (UTC)", $"“{time}”不是时间，请按 2026-11-27 08:30（UTC）填写");
        else if (at > now.AddMinutes(5)) Fault("time", $"{at:yyyy-MM-dd HH:mm} UTC is still to come", $"{at:yyyy-MM-dd HH:mm}（UTC）尚未到来");
        var inputs = InputsOf(Text("from"), Fault);

        faults = found;
        step = found.Count > 0 ? null : new LotStep(link!, word!, quantity, unit!, place, at, inputs);
        return step is not null;
    }

    static string? LinkOf(string number, string lot, Action<string, string, string> fault)
    {
        if (!Gs1Uri.TryParseGtin(number, out var gtin))
        {
            fault("gtin", $"“{number}” is no product number: it has not 8, 12, 13 or 14 digits, or its check digit is wrong", $"“{number}”不是商品编号：须为 8、12、13 或 14 位数字且校验位正确");
            return null;
        }
        if (lot.Length is > 0 and <= LongestLot && Gs1Uri.TryCanonical($"https://id.gs1.org/01/{gtin}/10/{Uri.EscapeDataString(lot)}", out var link)) return link;
        fault("lot", $"“{lot}” is no lot: it has from 1 to {LongestLot} letters, digits and simple signs", $"“{lot}”不是批号：须为 1 到 {LongestLot} 个字母、数字或简单符号");
        return null;
    }

    // 09521141012345/FARM-7/400; 09521141012345/FARM-8/100
    static List<LotInput> InputsOf(string text, Action<string, string, string> fault)
    {
        var inputs = new List<LotInput>();
        foreach (var one in text.Split([';', '；', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = one.Split('/');
            if (parts.Length == 3 && TryReadQuantity(parts[2], out var quantity) && LinkOf(parts[0].Trim(), parts[1].Trim(), (_, _, _) => { }) is { } link) inputs.Add(new LotInput(link, quantity));
            else fault("from", $"“{one}” is no lot: write product number/lot/quantity, and ; between several", $"“{one}”不是批次，请按“商品编号/批号/数量”填写，多个之间用分号隔开");
            if (inputs.Count > MostInputs) fault("from", $"more than {MostInputs} lots went into it", $"投入批次超过 {MostInputs} 个");
        }
        return inputs;
    }

    static bool TryReadQuantity(string text, out decimal quantity) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out quantity) && quantity is > 0 and < 1_000_000_000_000m;

    static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);

    /// <summary>The step as an event of EPCIS 2.0.</summary>
    /// <param name="id">The same id is the same event, and is kept once.</param>
    public JsonObject ToEvent(Guid id)
    {
        var location = $"https://id.gs1.org/414/{Place}";
        var one = new JsonObject
        {
            ["type"] = MadeOf.Count > 0 ? "TransformationEvent" : "ObjectEvent",
            ["eventID"] = $"urn:uuid:{id:D}",
            ["eventTime"] = At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["eventTimeZoneOffset"] = "+00:00",
            ["bizStep"] = Step,
            ["disposition"] = Step switch { "shipping" => "in_transit", "retail_selling" => "retail_sold", "stocking" => "sellable_accessible", "commissioning" => "active", _ => "in_progress" },
            ["readPoint"] = new JsonObject { ["id"] = location },
            ["bizLocation"] = new JsonObject { ["id"] = location },
        };
        if (MadeOf.Count > 0)
        {
            one["inputQuantityList"] = new JsonArray([.. MadeOf.Select(input => QuantityOf(input.Link, input.Quantity))]);
            one["outputQuantityList"] = new JsonArray(QuantityOf(Link, Quantity));
        }
        else
        {
            one["action"] = Step == "commissioning" ? "ADD" : "OBSERVE";
            one["quantityList"] = new JsonArray(QuantityOf(Link, Quantity));
        }
        return one;
    }

    JsonObject QuantityOf(string link, decimal quantity) => new() { ["epcClass"] = link, ["quantity"] = quantity, ["uom"] = Unit };

    /// <summary>Records steps: all of them, or none with the reason. What was recorded under the same ids before is not recorded again.</summary>
    /// <returns>How many were new.</returns>
    public static async Task<int> RecordAsync(TraceabilityService service, Caller by, PolicyBook policy, IReadOnlyList<(Guid Id, LotStep Step)> steps)
    {
        policy.Require(by, Right);
        var file = new JsonObject
        {
            ["@context"] = new JsonArray(Context),
            ["type"] = "EPCISDocument",
            ["schemaVersion"] = "2.0",
            ["creationDate"] = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            ["epcisBody"] = new JsonObject { ["eventList"] = new JsonArray([.. steps.Select(one => one.Step.ToEvent(one.Id))]) },
        };
        if (!EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(file.ToJsonString()), out var document, out var refusal)) throw new ProblemException(400, "invalid-request", refusal);
        var job = await service.Store.CaptureAsync(document).ConfigureAwait(false);
        return job.Succeeded ? job.New : throw new ProblemException(400, "invalid-request", new Primitives.Refusal("the events were not taken", string.Join("; ", job.Errors)));
    }

    /// <summary>What a key has to open for it.</summary>
    public const string Right = "trace.capture";
}
