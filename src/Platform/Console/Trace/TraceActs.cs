using System.Globalization;
using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What people of a supply chain do: record what happens to a lot, hand it over, call it back, certify who made it.</summary>
static class TraceActs
{
    // A GS1 number with a prefix that GS1 keeps for examples.
    static readonly ActField Gtin = new("gtin", FieldKind.Text, "Product number (GTIN)", "商品编号 (GTIN)", "09521141012345", "14 digits, as under the bar code", "14 位，条码下方的数字") { Usual = "09521141012345" },
        Lot = new("lot", FieldKind.Text, "Lot", "批号", "MANGO-7"),
        IsDrill = new("drill", FieldKind.Text, "For real?", "是否演练") { Choices = [("yes", "a drill", "演练"), ("no", "for real", "正式召回")] };

    static readonly (string, string) Recorder = ("The platform's recorder signs and pays; the data itself stays here.", "由平台的登记员签名并付费；数据本身保存在此。");

    public static Act[] All { get; } =
    [
        new("record", LotStep.Right, "/trace", "Record a step of a lot", "登记批次环节",
            [
                Gtin, Lot, new("step", FieldKind.Text, "What happened", "环节") { Choices = LotStep.Steps },
                new("quantity", FieldKind.Amount, "Quantity in kg", "数量（千克）", "1200") { IsCoin = false },
                new("place", FieldKind.Text, "Place (GLN)", "地点 (GLN)", "9521141000007", "13 digits", "13 位") { Usual = "9521141000007" },
                new("from", FieldKind.Text, "Made of", "投入批次", "09521141012345/FARM-7/400", "only where lots went into it: product number/lot/quantity, ; between several", "仅当由其他批次制成时填写：商品编号/批号/数量，多个用分号隔开") { IsOptional = true },
            ],
            values => new("The lot {0} of product {1} was {2}: {3} kg, at {4}. Within seconds its hash is anchored on the ledger; then nobody, we included, can change what was written.", "商品 {1} 的批次 {0}：{2}，{3} 千克，地点 {4}。数秒内其哈希将锚定上链，此后任何人（包括我们）都无法改动。",
                values["lot"], values["gtin"], new Either(LotStep.Steps.FirstOrDefault(step => step.Value == values["step"]).English ?? "", LotStep.Steps.FirstOrDefault(step => step.Value == values["step"]).Chinese ?? ""), values["quantity"], values["place"]),
            async doing =>
            {
                if (!LotStep.TryRead(field => field == "time" ? null : doing[field], TimeOf(doing.Key), out var step, out var faults)) throw new ProblemException(400, "invalid-request", new Refusal("the step cannot be recorded", string.Join("; ", faults.Select(fault => fault.English)), "mend what is named and send it again"));
                var service = doing.Service<TraceabilityService>();
                // By the form's key: sent twice, it is the same event, and is kept once.
                await LotStep.RecordAsync(service, doing.By, doing.Rooms.Policy, [(Guid.Parse(doing.Key), step)]).ConfigureAwait(false);
                await service.Anchors.AnchorAsync(doing.Stop).ConfigureAwait(false);
                return Done.Here("The step of lot {0} is recorded, and its hash stands on the ledger. Its page has the journey, the code for the label and the proof.", "批次 {0} 的环节已登记，其哈希已上链。批次页面上有来路、标签二维码与证明。", doing["lot"]);
            }) { Signer = Recorder },
        new("hand-over", "trace.hand-over", "/trace/hand-overs", "Hand a lot over", "交接批次",
            [Gtin, Lot, new("giver", FieldKind.OwnAccount, "Who gives", "交方"), new("receiver", FieldKind.OwnAccount, "Who receives", "收方")],
            values => new("{0} hands the lot {2} of product {3} over to {1}. Both sign; it goes onto the ledger, and neither can deny it.", "{0} 将商品 {3} 的批次 {2} 交给 {1}。双方签名后上链，均不能否认。", values["giver"], values["receiver"], values["lot"], values["gtin"]),
            async doing =>
            {
                var (rooms, service) = (doing.Rooms, doing.Service<TraceabilityService>());
                var (giver, receiver) = (rooms.OwnAccount(doing.By, doing["giver"], "giver"), rooms.OwnAccount(doing.By, doing["receiver"], "receiver"));
                var asked = new NewHandOver(LatestOf(service, LinkOf(doing.Values)).EventId, giver, receiver, TimeOf(doing.Key).AddDays(30));
                var ask = doing.Asks(asked);
                // Both keys are at hand, so that offer and receipt are one step.
                var offer = await service.Desk.OfferAsync(ask, asked, doing.Stop).ConfigureAwait(false);
                await service.Desk.ReceiveAsync(ask, offer.Digest, new Services.Receipt(), doing.Stop).ConfigureAwait(false);
                return new Done(rooms.Commands.Find(ask.Caller, ask.Key), new Sentence("The lot {0} was handed over.", "批次 {0} 已交接。", doing["lot"]));
            }) { Signer = ("Both accounts sign with their keys, which are kept here; the platform pays the fee.", "由双方账户签名（密钥保存在此），手续费由平台支付。") },
        new("recall", "trace.recall", "/trace/recalls", "Call lots back", "召回批次",
            [new("lots", FieldKind.Lines, "Lots", "批次", "09521141012345/MANGO-7", "product number/lot, one a line", "商品编号/批号，每行一个"), new("reason", FieldKind.Text, "Reason", "原因", "metal in the fruit"), IsDrill],
            values => new("Everything these lots went into is found, and who had it last: {0}. The reason: “{1}”. The call stands on the ledger as {2}, and its clock runs until the recall is closed with a report.", "将查出这些批次流入的一切产品及其最后所在：{0}。原因：“{1}”。召回以“{2}”记入账本并开始计时，直至提交报告了结。", string.Join(", ", values["lots"].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), values["reason"], values.Choice(IsDrill)),
            Act.On(values => new NewRecall([.. values["lots"].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(LinkOfLine)], values["reason"], values["drill"] != "no"),
                async (doing, ask, body) => (await doing.Service<TraceabilityService>().Desk.RecallAsync(ask, body, doing.Stop).ConfigureAwait(false)).Command)) { Signer = Recorder },
        new("close-recall", "trace.close-recall", "/trace/recalls", "Close a recall", "了结召回", [new("id", FieldKind.Text, "Recall", "召回编号", "0x…"), new("report", FieldKind.Lines, "What was found", "处置结果", "all 12 pallets returned")],
            values => new("The recall {0} is closed: its clock stops, and the hash of the report goes onto the ledger.", "召回 {0} 将了结：停止计时，报告的哈希上链。", Hash256.TryParse(values["id"], out var id) ? id : values["id"]),
            Act.On(values => (Id: Hash256.TryParse(values["id"], out var id) ? id : throw ProblemException.Invalid("there is no such recall", values["id"], "choose one from the list"), Report: new RecallReport(values["report"])),
                (doing, ask, asked) => doing.Service<TraceabilityService>().Desk.CloseAsync(ask, asked.Id, asked.Report, doing.Stop))) { Signer = Recorder },
        new("certify", "trace.certify", "/trace/certificates", "Keep a certificate", "登记证书",
            [
                new("subject", FieldKind.Text, "Of whom or what", "主体", "9521141000007", "a GLN, or product number/lot", "GLN，或“商品编号/批号”"), new("standard", FieldKind.Text, "Standard", "标准", "GLOBALG.A.P. IFA 6"), new("issuer", FieldKind.Text, "Issuer", "颁发机构", "Control Union"),
                new("from", FieldKind.Date, "Valid from", "生效日"), new("until", FieldKind.Date, "Valid until", "失效日"), new("url", FieldKind.Text, "Where it can be read", "查阅网址", "https://…") { IsOptional = true },
            ],
            values => new("The certificate {0} by {1} for {2}, valid from {3} until {4}, is kept here and shown on every page it concerns; once it has run out, the pages say so.", "{1} 为 {2} 颁发的证书“{0}”，有效期 {3} 至 {4}，将保存在此并显示在所有相关页面；到期后页面会注明。", values["standard"], values["issuer"], values["subject"], values["from"], values["until"]),
            async doing =>
            {
                DateTimeOffset Day(string field) => DateTimeOffset.TryParseExact(doing[field], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var day) ? day : throw ProblemException.Invalid("the certificate's dates cannot be read", $"“{doing[field]}”", "write them as 2026-11-27");
                var subject = doing["subject"].Contains('/', StringComparison.Ordinal) ? LinkOfLine(doing["subject"]) : $"https://id.gs1.org/414/{doing["subject"]}";
                var asked = new NewCertificate(subject, doing["standard"], doing["issuer"], Day("from"), Day("until"), doing.Values.Optional("url"));
                await doing.Service<TraceabilityService>().Desk.CertifyAsync(doing.Asks(asked), asked).ConfigureAwait(false);
                return Done.Here("The certificate {0} is kept.", "证书“{0}”已登记。", asked.Standard);
            }) { Signer = Act.Nothing },
    ];

    /// <summary>The lot's GS1 Digital Link.</summary>
    internal static string LinkOf(ActValues values) => LinkOfLine($"{values["gtin"]}/{values["lot"]}");

    internal static string LinkOfLine(string line)
    {
        if (line.StartsWith("https://", StringComparison.Ordinal) && Gs1Uri.TryCanonical(line, out var whole)) return whole;
        var parts = line.Split('/');
        return parts.Length == 2 && Gs1Uri.TryParseGtin(parts[0].Trim(), out var gtin) && parts[1].Trim() is { Length: > 0 and <= 20 } lot && Gs1Uri.TryCanonical($"https://id.gs1.org/01/{gtin}/10/{Uri.EscapeDataString(lot)}", out var link) ? link
            : throw ProblemException.Invalid($"“{line}” names no lot", "it is no product number and lot, or a check digit is wrong", "write it as on the label: 09521141012345/MANGO-7");
    }

    /// <summary>What was recorded of a lot last: a hand-over is of that.</summary>
    internal static StoredEvent LatestOf(TraceabilityService service, string link) =>
        service.Store.Of(link, 1) is [var latest, ..] ? latest : throw ProblemException.NotFound($"nothing is recorded of {link}", "no event names it", "record a step of it first");

    // A form's key is a UUID of version 7: it begins with the moment at which the form was made.
    internal static DateTimeOffset TimeOf(string key) =>
        Guid.TryParse(key, out var id) && long.TryParse(id.ToString("N").AsSpan(0, 12), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 253_402_300_799_000
            ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds())) : throw ProblemException.Invalid("the form's key cannot be used", key, "load the form again");
}
