using Hufu.Primitives;
using Hufu.Services;

namespace Hufu.WebConsole;

/// <summary>The platform's own names: its contracts with their ABIs, and the accounts it keeps. Read anew every few seconds.</summary>
public sealed class PlatformNames(Rooms rooms)
{
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);

    static readonly Dictionary<string, (string English, string Chinese)> Contracts = new(StringComparer.Ordinal)
    {
        ["Access"] = ("Access (who may do what)", "权限合约"),
        ["Registry"] = ("Registry of contracts", "合约登记"),
        ["Payments"] = ("Payments contract", "支付合约"),
        ["ClearingHouse"] = ("Clearing house", "清算所"),
        ["Escrow"] = ("Escrow", "托管合约"),
        ["Streams"] = ("Streams", "分期付款合约"),
        ["Stablecoin"] = ("Hufu Dollar", "虎符美元"),
        ["ReserveFeed"] = ("Reserve feed", "储备证明"),
        ["MintDesk"] = ("Mint desk", "铸币台"),
        ["RedemptionQueue"] = ("Redemption queue", "赎回队列"),
        ["OrderDesk"] = ("Order desk", "司法命令台"),
        ["TraceAnchor"] = ("Trace anchor", "溯源锚定"),
    };

    static readonly Dictionary<string, string> Offices = new(StringComparer.Ordinal)
    {
        ["operator"] = "平台",
        ["clearing-operator"] = "清算操作员",
        ["risk-officer"] = "风险经办人",
        ["reserve-auditor"] = "储备审计人",
        ["mint-officer"] = "铸币经办人",
        ["mint-confirmer"] = "铸币确认人",
        ["master-minter"] = "铸币主管",
        ["treasury"] = "资金部",
        ["compliance-officer"] = "合规经办人",
        ["second-officer"] = "第二经办人",
        ["trace-recorder"] = "溯源登记员",
    };

    volatile Reading _last = new(DateTimeOffset.MinValue, new Dictionary<Address, AccountName>());

    sealed record Reading(DateTimeOffset At, IReadOnlyDictionary<Address, AccountName> Names);

    /// <summary>The account that pays the fees of all others.</summary>
    public Address Sponsor => rooms.Operator;

    public IReadOnlyDictionary<Address, AccountName> Names
    {
        get
        {
            if (DateTimeOffset.UtcNow - _last.At > Fresh) _last = new Reading(DateTimeOffset.UtcNow, Read());
            return _last.Names;
        }
    }

    Dictionary<Address, AccountName> Read()
    {
        var names = new Dictionary<Address, AccountName> { [rooms.Operator] = new("platform", "平台") };
        foreach (var account in rooms.Custody.All()) names[account.Address] = new AccountName(account.Name, Offices.GetValueOrDefault(account.Name, account.Name));
        foreach (var contract in rooms.Registry.List())
        {
            var (english, chinese) = Contracts.GetValueOrDefault(contract.Name, (contract.Name, contract.Name));
            names[contract.Address] = new AccountName(english, chinese, Artifacts.All.GetValueOrDefault(contract.Name));
        }
        return names;
    }
}
