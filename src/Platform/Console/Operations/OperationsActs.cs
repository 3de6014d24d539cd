using System.Globalization;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>What whoever runs the platform does: who is told of events, what is done by itself, what is forbidden.</summary>
static class OperationsActs
{
    static readonly ActField Hook = new("id", FieldKind.Text, "Subscriber", "订阅者"), Job = new("name", FieldKind.Text, "Job", "任务", "clearing.settle");

    static readonly ActField IsOn = new("on", FieldKind.Text, "State", "状态") { Choices = [("yes", "on", "启用"), ("no", "off", "停用")] };

    public static Act[] All { get; } =
    [
        new("add-webhook", "webhooks.write", "/operations/webhooks", "Tell somebody of events", "添加事件订阅", [new("url", FieldKind.Text, "Address", "地址", "https://example.org/hufu", "where notices are sent", "通知发往的网址"), new("kinds", FieldKind.Text, "Which events", "事件种类", "hufu.payments.*", "* for all", "* 表示全部") { Usual = "*" }],
            values => new("From now on {0} is told of {1}: each event at least once, in order, signed with a secret that is shown once on the next page.", "自此起，{0} 将收到 {1} 事件：每个事件至少送达一次、按序、带签名；签名密钥只在下一页显示一次。", values["url"], values["kinds"]),
            async doing =>
            {
                var (url, kinds, hooks) = (await doing.Rooms.Courier.AcceptAsync(doing["url"], doing.Stop).ConfigureAwait(false), doing.Values.Optional("kinds") ?? "*", doing.Service<Platform>().Webhooks);
                // The same form sent again asks for the same, and the secret is told once.
                if (hooks.All().Any(one => one.Url == url && one.Kinds == kinds)) throw ProblemException.Invalid("this address is told of these events already", url.ToString(), "remove it first, or choose other events");
                var (_, secret) = await hooks.AddAsync(url, kinds).ConfigureAwait(false);
                return Done.Here("{0} is told of events from now on. With this secret it can tell our notices from others; copy it now, it is shown this once.", "{0} 自此会收到事件。凭此密钥可辨认通知确由我们发出；请立即复制，仅显示这一次。", url.ToString()) with { Secret = secret };
            }) { Signer = Act.Nothing },
        new("test-webhook", "webhooks.write", "/operations/webhooks", "Send a test notice", "发送测试通知", [Hook],
            values => new("A notice of the kind {0} is sent now, so that you see whether it is heard. It tells of nothing that happened.", "将立即发送一条 {0} 通知，以确认能否收到；其中不含任何真实事件。", "hufu.test"),
            async doing =>
            {
                var hook = Find(doing);
                return await doing.Service<Platform>().Webhooks.TestAsync(hook, doing.Stop).ConfigureAwait(false) is { } error
                    ? throw new ProblemException(422, "not-heard", new Primitives.Refusal($"{hook.Url} did not take it", error, "look at the receiving program; it answers 200 once it has the notice"))
                    : Done.Here("{0} has taken the test notice.", "{0} 已收到测试通知。", hook.Url.ToString());
            }) { Signer = Act.Nothing },
        new("remove-webhook", "webhooks.write", "/operations/webhooks", "Tell somebody no more", "取消订阅", [Hook],
            values => new("The subscriber is told of nothing more, and what waited for it is dropped.", "该订阅者不再收到通知，等候中的通知一并丢弃。"),
            async doing =>
            {
                var hook = Find(doing);
                await doing.Service<Platform>().Webhooks.RemoveAsync(hook.Id).ConfigureAwait(false);
                return Done.Here("{0} is told no more.", "{0} 已取消订阅。", hook.Url.ToString());
            }) { Signer = Act.Nothing },
        new("retry-notice", "webhooks.write", "/operations/webhooks", "Try a notice again", "重试通知", [Hook, new("position", FieldKind.Number, "Notice", "通知编号", "1")],
            values => new("Notice {0} is sent again at once; if it fails again, it is tried for as long as a new one.", "第 {0} 号通知将立即重发；若再失败，按新通知的规则继续重试。", values["position"]),
            async doing =>
            {
                await doing.Service<Platform>().Webhooks.RetryAsync(Find(doing).Id, (long)doing.Values.Number("position")).ConfigureAwait(false);
                return Done.Here("Notice {0} is on its way again.", "第 {0} 号通知已重新发送。", doing["position"]);
            }) { Signer = Act.Nothing },
        new("replay-webhook", "webhooks.write", "/operations/webhooks", "Tell everything again", "全部重发", [Hook, new("after", FieldKind.Number, "After notice", "自此编号之后", "0", "0 for everything there is", "0 表示全部") { Usual = "0" }],
            values => new("Everything after notice {0} is told again, dead letters too. Who keeps to the notices' ids takes nothing twice.", "第 {0} 号之后的全部通知将重新发送，包括死信。按通知编号去重的接收方不会重复处理。", values["after"]),
            async doing =>
            {
                await doing.Service<Platform>().Webhooks.ReplayAsync(Find(doing).Id, (long)doing.Values.Number("after")).ConfigureAwait(false);
                return Done.Here("Everything after notice {0} is on its way again.", "第 {0} 号之后的通知正在重新发送。", doing["after"]);
            }) { Signer = Act.Nothing },

        new("set-job", "jobs.write", "/operations/jobs", "Change a job", "调整任务", [Job, IsOn, new("seconds", FieldKind.Number, "Looks every (seconds)", "检查间隔（秒）", "3600")],
            values => new("The job {0} is switched {1}, and looks every {2} seconds for what is due.", "任务 {0} 将被{1}，每 {2} 秒检查一次到期事项。", values["name"], values.Choice(IsOn), values["seconds"]),
            async doing =>
            {
                var state = await doing.Service<Platform>().Jobs.SetAsync(doing["name"], TimeSpan.FromSeconds(doing.Values.Number("seconds")), doing["on"] == "yes").ConfigureAwait(false);
                return Done.Here("The job {0} looks every {1} seconds, and is {2}.", "任务 {0} 每 {1} 秒检查一次，现已{2}。", state.Name, state.EverySeconds.ToString("0", CultureInfo.InvariantCulture), state.IsOn ? new Either("on", "启用") : new Either("off", "停用"));
            }) { Signer = Act.Nothing },
        new("run-job", "jobs.write", "/operations/jobs", "Run a job now", "立即运行任务", [Job],
            values => new("The job {0} looks now for what is due, and does it. What is not due is left alone; nothing is done twice.", "任务 {0} 将立即检查并办理到期事项；未到期的不动，也不会重复办理。", values["name"]),
            async doing =>
            {
                var state = await doing.Service<Platform>().Jobs.RunAsync(doing["name"], doing.Stop).ConfigureAwait(false);
                return Done.Here("The job {0} has run.", "任务 {0} 已运行。", state.Name);
            }) { Signer = ("Whoever owns what is due signs with its key, which is kept here; the platform pays the fee.", "由到期事项所属账户签名（密钥保存在此），手续费由平台支付。") },

        new("forbid", "policy.write", "/operations/policy", "Forbid something", "添加禁令", [new("act", FieldKind.Text, "What", "禁止的操作", "payments.*", "an act, or * after a service's name", "一项操作，或“服务名.*”"), new("reason", FieldKind.Text, "Reason, for programs", "原因代码", "sanctions", "lower-case letters and dashes", "小写字母与连字符"), new("words", FieldKind.Text, "Reason, for people", "原因说明", "Listed since 27 November"), new("account", FieldKind.Account, "Account", "账户", "", "empty: whichever", "留空：任何账户") { IsOptional = true }, new("caller", FieldKind.Text, "Whom", "对象", "", "a key's name; empty: everybody", "密钥名称；留空：所有人") { IsOptional = true }],
            values => new("From now on {0} is refused ({1}): {2}. It holds until the rule is taken away, and is written into the audit log.", "自此起拒绝 {0}（{1}）：{2}。直至撤销该禁令，并记入审计日志。", values["act"], values["reason"], values["words"]),
            async doing =>
            {
                if (doing["act"] is not { Length: > 0 } act || doing["reason"] is not { Length: > 0 } reason || !reason.All(letter => char.IsAsciiLetterLower(letter) || letter == '-')) throw ProblemException.Invalid("the rule cannot be used", "it needs an act, and a reason of lower-case letters and dashes", "write for example payments.* and sanctions");
                var account = doing.Values.Optional("account") is { } named ? doing.Rooms.Account(named, "account").ToString() : "*";
                await doing.Rooms.Policy.AddAsync(new PolicyRule(doing.Key, doing.Values.Optional("caller") ?? "*", act, account, reason, doing.Values.Optional("words") ?? reason, null, DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()))).ConfigureAwait(false);
                return Done.Here("{0} is refused from now on.", "{0} 自此被拒绝。", act);
            }) { Signer = Act.Nothing },
        new("allow", "policy.write", "/operations/policy", "Take a rule away", "撤销禁令", [new("id", FieldKind.Text, "Rule", "禁令编号")],
            values => new("The rule ends at once; what it forbade is possible again.", "该禁令立即失效，所禁之事恢复可行。"),
            async doing =>
            {
                await doing.Rooms.Policy.RemoveAsync(doing["id"]).ConfigureAwait(false);
                return Done.Here("The rule is gone.", "禁令已撤销。");
            }) { Signer = Act.Nothing },
    ];

    static Webhook Find(Doing doing) => doing.Service<Platform>().Webhooks.Find(doing["id"]) ?? throw ProblemException.NotFound($"there is no subscriber {doing["id"]}", "it may have been removed", "choose one from the list");
}
