using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>The reasons for which requests are refused, by the codes that programs know them by: what it means and what to do, in both languages. What a single refusal says beyond that is in English.</summary>
public static class ReasonWords
{
    /// <summary>Of a rule of policy: its code is of whoever made the rule.</summary>
    const string Forbidden = "forbidden-by-policy";

    static readonly FrozenDictionary<string, (Words Title, Words Mend)> Known = new Dictionary<string, (Words, Words)>(StringComparer.Ordinal)
    {
        ["invalid-request"] = (new("the request cannot be used", "请求无法使用"), new("compare it with the example in /openapi/v1.json", "请对照 /openapi/v1.json 中的示例修改")),
        ["not-found"] = (new("there is no such thing", "没有找到"), new("check the name; something new takes a moment until it is indexed", "请核对名称；刚产生的内容需要片刻才会进入索引")),
        ["fault"] = (new("the platform made a mistake", "平台出错"), new("try again; a command keeps its Idempotency-Key, so nothing happens twice", "请重试；同一 Idempotency-Key 的命令不会执行两次")),
        ["no-key"] = (new("who are you?", "尚未表明身份"), new("send Authorization: Bearer KEY; in a browser, sign in", "请发送 Authorization: Bearer 密钥；在浏览器中请登录")),
        ["not-allowed"] = (new("the caller may not do this", "无权进行此操作"), new("use a key that opens it", "请使用具有该权限的密钥")),
        ["not-from-there"] = (new("the request comes from elsewhere", "请求来源不被接受"), new("call the API from a program, or from a page of the console", "请由程序或控制台页面调用")),
        [Forbidden] = (new("a rule of policy forbids it", "政策规则禁止此操作"), new("see GET /api/v1/policy/rules for the rule", "规则见 GET /api/v1/policy/rules")),
        ["idempotency-key-reused"] = (new("the key belongs to another request", "该幂等键属于另一请求"), new("send the request under a key of its own", "请为此请求使用新的键")),
        ["contract-refused"] = (new("the contract refused", "合约拒绝执行"), new("change what the reason names and send it under a new key", "请按原因修改后，用新的键重新发送")),
        ["chain-refused"] = (new("the chain refused", "链拒绝了该请求"), new("change what the reason names", "请按原因修改")),
        ["chain-unreachable"] = (new("the chain cannot be reached", "无法连接到链"), new("try again in a moment; under the same key nothing happens twice", "请稍后重试；同一键不会执行两次")),
        ["too-large"] = (new("it is too large", "内容过大"), new("split it", "请拆分后发送")),
        ["destination-inside"] = (new("the address leads inside a network", "地址指向内部网络"), new("give an address that the whole internet can reach", "请提供公网可达的地址；平台运营者可用 --private-destinations 放行")),
        ["iso-unreadable"] = (new("the message cannot be read", "报文无法读取"), new("check the file with `hufu iso20022 check FILE`", "请用 `hufu iso20022 check FILE` 检查文件")),
        ["iso-contradicts"] = (new("the message contradicts itself", "报文自相矛盾"), new("nothing of it was executed: mend it and send it again", "未执行其中任何一笔；请改正后重新发送")),
        ["no-statement"] = (new("there is no statement yet", "尚无对账单"), new("send one first", "请先提交对账单")),
        ["nothing-to-settle"] = (new("there is nothing to settle", "没有可清算的内容"), new("queue obligations, or have participants pay in", "请先登记债务，或由参与方充值")),
        ["too-many-obligations"] = (new("the debtor has too many obligations waiting", "该债务人等待清算的债务过多"), new("wait until some are past their deadlines, or net them before", "请等待部分债务到期，或事先轧差")),
        ["name-taken"] = (new("the name is taken", "名称已被使用"), new("choose another name", "请换一个名称")),
        ["epcis-validation"] = (new("it is no EPCIS that the standard allows", "不符合 EPCIS 标准"), new("check the file with `hufu epcis check FILE`", "请用 `hufu epcis check FILE` 检查文件")),
        ["epcis-capture-limit"] = (new("the document is too large", "文档过大"), new("send fewer events at a time", "请减少每次发送的事件")),
        ["epcis-name-taken"] = (new("there is a query of that name already", "该查询名称已被使用"), new("choose another name, or delete it first", "请换一个名称，或先删除原查询")),
        ["epcis-subscription"] = (new("the subscription cannot be kept", "订阅无法建立"), new("give \"stream\": true, or a schedule", "请给出 \"stream\": true 或时间表")),
        ["query-parameter"] = (new("a parameter of the query cannot be used", "查询参数无法使用"), new("see the parameters of EPCIS 2.0, section 8.2.7", "参数见 EPCIS 2.0 第 8.2.7 节")),
        ["media-type"] = (new("that form is not read here", "不支持该内容类型"), new("send JSON-LD or XML", "请发送 JSON-LD 或 XML")),
        ["not-acceptable"] = (new("what is asked for cannot be met", "无法满足所要求的版本或格式"), new("see the headers of OPTIONS /api/v1/epcis/events", "支持范围见 OPTIONS /api/v1/epcis/events 的响应头")),
        ["not-anchored"] = (new("the event is not on the ledger yet", "事件尚未上链"), new("try again in a few seconds", "请几秒后重试")),
        ["other-contract"] = (new("it was made on another contract", "它属于另一份合约"), new("offer it again", "请重新提出")),
        ["not-heard"] = (new("the answer was not heard", "未收到答复"), new("look at what became of it before it is sent again", "重新发送前请先查看结果")),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The codes there are.</summary>
    public static IEnumerable<string> Codes => Known.Keys;

    /// <summary>What a code means, and what to do.</summary>
    public static (Words Title, Words Mend) Of(string code) => Known.TryGetValue(code, out var words) ? words : Known[Forbidden];

    /// <summary>Whether whoever asks would rather read Chinese.</summary>
    internal static bool PrefersChinese(HttpRequest request)
    {
        foreach (var language in request.GetTypedHeaders().AcceptLanguage.OrderByDescending(one => one.Quality ?? 1))
        {
            if (language.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase)) return true;
            if (language.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) return false;
        }
        return false;
    }
}
