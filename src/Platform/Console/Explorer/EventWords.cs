using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>The sentences of events that people care for. An event without one is told by its name and values.</summary>
static class EventWords
{
    static readonly UInt256 Unlimited = new UInt256(1) << 255;

    static readonly Dictionary<string, Func<Log, object[], ChainExplorer, CancellationToken, Task<Sentence>>> Words = new(StringComparer.Ordinal)
    {
        ["Transfer(address,address,uint256)"] = TransferAsync,
        ["Approval(address,address,uint256)"] = ApprovalAsync,
        ["PaymentMade(bytes32,address,address,address,uint256,bytes32)"] = async (_, v, explorer, stop) =>
            new("{0} paid {1} to {2} under the reference {3}", "{0} 以参考号 {3} 向 {2} 支付 {1}", v[1], await Of(v[3], v[4], explorer, stop), v[2], Reference(v[5])),
        ["TokenAccepted(address,bool)"] = (_, v, _, _) => Plain((bool)v[1] ? new("Payments now accept the token {0}", "支付合约开始接受代币 {0}", v[0]) : new("Payments no longer accept the token {0}", "支付合约不再接受代币 {0}", v[0])),
        ["Deposited(address,address,uint256)"] = async (log, v, explorer, stop) =>
            new("{0} paid {1} into the clearing house", "{0} 向清算所存入 {1}", v[1], await Of(v[0], v[2], explorer, stop)),
        ["Withdrawn(address,address,address,uint256)"] = async (log, v, explorer, stop) =>
            new("{0} withdrew {1} from the clearing house to {2}", "{0} 从清算所取出 {1}，转至 {2}", v[1], await Of(v[0], v[3], explorer, stop), v[2]),
        ["ObligationSettled(bytes32,uint256,address,address,address,uint256,bytes32)"] = async (_, v, explorer, stop) =>
            new("In cycle {3}, what {0} owed {1} was settled: {2}", "第 {3} 期清算：{0} 欠 {1} 的 {2} 已结清", v[2], v[3], await Of(v[4], v[5], explorer, stop), Number(v[1])),
        ["CycleSettled(uint256,bytes32,uint256)"] = (_, v, _, _) => Plain(new("Clearing cycle {0} settled {1} obligations", "第 {0} 期清算结清了 {1} 笔债务", Number(v[0]), Number(v[2]))),
        ["ParticipantSet(address,bool)"] = (_, v, _, _) => Plain((bool)v[1] ? new("{0} now takes part in clearing", "{0} 成为清算参与方", v[0]) : new("{0} no longer takes part in clearing", "{0} 退出清算", v[0])),
        ["ReserveAttested(uint256,uint64,bytes32,address)"] = async (_, v, explorer, stop) => new("The auditor {0} attested a reserve of {1}", "审计方 {0} 证明储备为 {1}", v[3], await OfCoin(v[0], explorer, stop)),
        ["Minted(address,address,uint256,uint256,uint256)"] = async (_, v, explorer, stop) =>
            new("The minter {0} issued {1} to {2}; the supply is now {3} against a reserve of {4}", "铸币方 {0} 向 {2} 发行 {1}；现供应量 {3}，储备 {4}", v[0], await OfCoin(v[2], explorer, stop), v[1], await OfCoin(v[4], explorer, stop), await OfCoin(v[3], explorer, stop)),
        ["MintOrdered(uint256,address,address,uint256,uint64)"] = async (_, v, explorer, stop) =>
            new("{0} asked for {1} to be issued to {2}; a second officer must confirm", "{0} 申请向 {2} 发行 {1}，须另一名经办人确认", v[1], await OfCoin(v[3], explorer, stop), v[2]),
        ["RedemptionRequested(uint256,address,uint256,bytes32,uint64)"] = async (_, v, explorer, stop) => new("{0} asked to redeem {1}", "{0} 申请赎回 {1}", v[1], await OfCoin(v[2], explorer, stop)),
        ["RedemptionPaid(uint256,bytes32,bool)"] = (_, v, _, _) => Plain((bool)v[2] ? new("Redemption {0} was paid, late", "第 {0} 号赎回已支付（逾期）", Number(v[0])) : new("Redemption {0} was paid in time", "第 {0} 号赎回已按时支付", Number(v[0]))),
        ["Frozen(address,bytes32)"] = (_, v, _, _) => Plain(new("The account {0} was frozen by order", "账户 {0} 依令冻结", v[0])),
        ["Unfrozen(address,bytes32)"] = (_, v, _, _) => Plain(new("The account {0} was released", "账户 {0} 已解冻", v[0])),
        ["EventsAnchored(address,uint256,uint32,bytes32,uint32)"] = (_, v, _, _) => Plain(new("{0} anchored {1} trace events", "{0} 锚定了 {1} 条溯源事件", v[0], Number(v[4]))),
        ["HandedOver(bytes32,address,address,bytes32)"] = (_, v, _, _) => Plain(new("{0} handed goods over to {1}; both signed", "{0} 向 {1} 交接货物，双方均已签名", v[1], v[2])),
        ["RecallCalled(bytes32,address,bytes32,bool)"] = (_, v, _, _) => Plain((bool)v[3] ? new("{0} began a recall drill", "{0} 启动召回演练", v[1]) : new("{0} called a recall", "{0} 发起召回", v[1])),
        ["AuthorizationUsed(address,bytes32)"] = (log, v, _, _) => Plain(new("What {0} had signed was used: it counts no second time", "{0} 的签名授权已使用，不能再次使用", v[0])),
        ["RoleGranted(uint64,address,uint32,uint48,bool)"] = (_, v, _, _) => Plain(new("{0} was given role {1}", "{0} 获得角色 {1}", v[1], Number(v[0]))),
    };

    public static bool HasWords(AbiEvent one) => Words.ContainsKey(one.Signature);

    public static Task<Sentence> OfAsync(Log log, AbiEvent one, object[] values, ChainExplorer explorer, CancellationToken stop) =>
        Words.TryGetValue(one.Signature, out var words) ? words(log, values, explorer, stop)
            : Plain(new("{0} recorded {1}", "{0} 记录了 {1}", log.Address, new ProgramWord(one.Name)));

    static async Task<Sentence> TransferAsync(Log log, object[] v, ChainExplorer explorer, CancellationToken stop)
    {
        var (from, to, token) = ((Address)v[0], (Address)v[1], await explorer.Tokens.OfAsync(log.Address, stop).ConfigureAwait(false));
        if (log.Topics.Count == 4)
            return from.IsZero ? new("{0} received the new piece number {1} of {2}", "{0} 获得新铸的 {2} 第 {1} 号藏品", to, Number(v[2]), log.Address)
                : new("{0} gave the piece number {1} of {2} to {3}", "{0} 将 {2} 的第 {1} 号藏品转给 {3}", from, Number(v[2]), log.Address, to);
        var amount = new TokenAmount((UInt256)v[2], log.Address, token);
        return from.IsZero ? new("{0} were issued to {1}", "向 {1} 发行了 {0}", amount, to)
            : to.IsZero ? new("{0} gave up {1}: they are gone from the supply", "{0} 销毁了 {1}，总供应量随之减少", from, amount)
            : new("{0} sent {1} to {2}", "{0} 向 {2} 转账 {1}", from, amount, to);
    }

    static async Task<Sentence> ApprovalAsync(Log log, object[] v, ChainExplorer explorer, CancellationToken stop)
    {
        if (log.Topics.Count == 4) return new("{0} lets {1} move the piece number {2} of {3}", "{0} 允许 {1} 转移 {3} 的第 {2} 号藏品", v[0], v[1], Number(v[2]), log.Address);
        var units = (UInt256)v[2];
        if (units.IsZero) return new("{0} no longer lets {1} spend the token {2}", "{0} 不再允许 {1} 动用代币 {2}", v[0], v[1], log.Address);
        return units >= Unlimited ? new("{0} lets {1} spend the token {2} without a limit", "{0} 允许 {1} 无限额动用代币 {2}", v[0], v[1], log.Address)
            : new("{0} lets {1} spend up to {2}", "{0} 允许 {1} 动用至多 {2}", v[0], v[1], new TokenAmount(units, log.Address, await explorer.Tokens.OfAsync(log.Address, stop).ConfigureAwait(false)));
    }

    static async Task<TokenAmount> Of(object token, object units, ChainExplorer explorer, CancellationToken stop) =>
        new((UInt256)units, (Address)token, await explorer.Tokens.OfAsync((Address)token, stop).ConfigureAwait(false));

    // These desks do not name their coin: where one alone is known here, it is meant.
    static async Task<object> OfCoin(object units, ChainExplorer explorer, CancellationToken stop) =>
        explorer.Contracts.Tokens.Take(2).ToArray() is [var coin] ? await Of(coin, units, explorer, stop).ConfigureAwait(false) : new Either($"{Number(units)} units", $"{Number(units)} 单位");

    static string Number(object value) => AbiJson.Text(value);

    // A reference is 32 bytes that people often fill with text.
    static string Reference(object value)
    {
        var bytes = ((byte[])value).AsSpan().TrimEnd((byte)0);
        foreach (var one in bytes)
            if (one is < 0x20 or > 0x7e) return Text.Short(Hex.Encode((byte[])value));
        return System.Text.Encoding.ASCII.GetString(bytes);
    }

    static Task<Sentence> Plain(Sentence sentence) => Task.FromResult(sentence);
}
