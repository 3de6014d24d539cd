using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>Who else is told of what happens to goods: standing queries of EPCIS and their subscriptions.</summary>
static class WatchActs
{
    const string Right = "traceability.subscribe", Back = "/trace/watches", Any = "any";

    static readonly ActField Step = new("step", FieldKind.Text, "What happens", "环节") { Choices = [(Any, "anything", "任何环节"), .. LotStep.Steps] },
        When = new("when", FieldKind.Text, "When to tell", "何时通知") { Choices = [("stream", "at once", "随时"), ("hourly", "every hour", "每小时"), ("daily", "once a day, at 06:00 UTC", "每天一次（UTC 6:00）")] },
        Id = new("id", FieldKind.Text, "Subscription", "订阅编号");

    public static Act[] All { get; } =
    [
        new("watch", Right, Back, "Tell a partner of events", "向伙伴通报事件",
            [
                new("name", FieldKind.Text, "Name of the query", "查询名称", "arrivals", "a short name; the same name and choice can have several receivers", "简短名称；同名同条件可有多个接收方"), Step,
                new("lot", FieldKind.Text, "Only this lot", "仅限此批次", "09521141012345/MANGO-7", "product number/lot; empty: all", "商品编号/批号；留空：全部") { IsOptional = true },
                new("url", FieldKind.Text, "Where to", "接收地址", "https://partner.example.org/epcis", "results are posted there as EPCIS 2.0", "结果以 EPCIS 2.0 格式发送到此网址"), When,
            ],
            values => new("From now on {0} is sent every event “{1}” as an EPCIS document, {2}; each once it was taken, in order, signed with a secret that is shown once on the next page.", "自此起，每个“{1}”事件将以 EPCIS 文档发往 {0}，{2}；按序送达直至收妥，并带签名，签名密钥只在下一页显示一次。", values["url"], values.Choice(Step), values.Choice(When)),
            async doing =>
            {
                var service = doing.Service<TraceabilityService>();
                var (name, query) = (doing["name"], QueryOf(doing.Values));
                if (name is not { Length: > 0 and <= 64 } || !name.All(letter => char.IsLetterOrDigit(letter) || letter is '-' or '.')) throw ProblemException.Invalid("the name cannot be used", "it has from 1 to 64 letters, digits, dashes or dots", "give it a name such as arrivals");
                var url = await doing.Rooms.Courier.AcceptAsync(doing["url"], doing.Stop).ConfigureAwait(false);
                // The same form sent again asks for the same, and the secret is told once.
                if (service.Subscriptions.Of(name, "", int.MaxValue).Any(one => one.Destination == url)) throw ProblemException.Invalid("this address is told of these events already", url.ToString(), "remove it first, or choose other events");
                if (!service.Queries.All("", int.MaxValue).Any(one => one.Name == name && one.Json == query)) await service.Queries.KeepAsync(name, query).ConfigureAwait(false);
                var secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
                await service.Subscriptions.AddAsync(name, url, secret, ScheduleOf(doing["when"]), reportsIfEmpty: false, asLinks: true, since: null).ConfigureAwait(false);
                return Done.Here("{0} is told from now on. With this secret it can tell our reports from others (header GS1-Signature); copy it now, it is shown this once.", "自此向 {0} 通报。凭此密钥可辨认报告确由我们发出（请求头 GS1-Signature）；请立即复制，仅显示这一次。", url.ToString()) with { Secret = secret };
            }) { Signer = Act.Nothing },
        new("unwatch", Right, Back, "Tell a partner no more", "停止通报", [Id],
            _ => new("The receiver is sent nothing more, and what waited for it is dropped.", "不再向该接收方发送，等候中的内容一并丢弃。"),
            async doing =>
            {
                var service = doing.Service<TraceabilityService>();
                var one = service.Subscriptions.Find(doing["id"]) ?? throw ProblemException.NotFound("there is no such subscription", doing["id"], "choose one from the list");
                await service.Subscriptions.RemoveAsync(one.Id).ConfigureAwait(false);
                return Done.Here("{0} is told no more.", "已停止向 {0} 通报。", one.Destination.ToString());
            }) { Signer = Act.Nothing },
        new("forget-query", Right, Back, "Forget a query", "删除查询", [new("name", FieldKind.Text, "Name of the query", "查询名称")],
            values => new("The query {0} is forgotten, and all its receivers are told no more.", "查询 {0} 将被删除，其全部接收方停止通报。", values["name"]),
            async doing =>
            {
                await doing.Service<TraceabilityService>().Queries.ForgetAsync(doing["name"]).ConfigureAwait(false);
                return Done.Here("The query {0} is gone.", "查询 {0} 已删除。", doing["name"]);
            }) { Signer = Act.Nothing },
    ];

    /// <summary>The parameters of EPCIS 2.0 for what was chosen.</summary>
    static string QueryOf(ActValues values)
    {
        var query = new JsonObject();
        if (values["step"] is { Length: > 0 } step && step != Any) query["EQ_bizStep"] = new JsonArray(step);
        if (values.Optional("lot") is { } lot) query["MATCH_anyEPCClass"] = new JsonArray(TraceActs.LinkOfLine(lot));
        return query.ToJsonString();
    }

    static QuerySchedule? ScheduleOf(string when)
    {
        Dictionary<string, string>? given = when switch { "hourly" => new() { ["minute"] = "0" }, "daily" => new() { ["hour"] = "6", ["minute"] = "0" }, _ => null };
        return given is null ? null : QuerySchedule.TryParse(given, out var schedule, out var refusal) ? schedule : throw new ProblemException(400, "epcis-subscription", refusal);
    }

    /// <summary>What a query asks for, in words; its parameters where a program chose them.</summary>
    public static Sentence WordsOf(NamedQuery query)
    {
        using var json = JsonDocument.Parse(query.Json);
        var (step, lot, others) = (Any, (string?)null, false);
        foreach (var one in json.RootElement.EnumerateObject())
        {
            if (one.Name == "EQ_bizStep" && One(one.Value) is { } word) step = word;
            else if (one.Name == "MATCH_anyEPCClass" && One(one.Value) is { } link) lot = Trace.LotPage.ShortOf(link);
            else others = true;
        }
        var choice = Step.Choices.FirstOrDefault(one => one.Value == step);
        if (others || choice.Value is null) return new Sentence("{0}", "{0}", new ProgramWord(query.Json));
        return lot is null ? new Sentence("every lot: {0}", "全部批次：{0}", new Either(choice.English, choice.Chinese)) : new Sentence("lot {1}: {0}", "批次 {1}：{0}", new Either(choice.English, choice.Chinese), lot);
    }

    static string? One(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 1 ? value[0].GetString() : null;
}
