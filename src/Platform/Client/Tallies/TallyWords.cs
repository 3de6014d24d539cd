using System.Globalization;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A proven fact in plain words, in the two languages of the house. The same fact always gives the same words.</summary>
static class TallyWords
{
    public static (string English, string Chinese) Of(TallyFact fact)
    {
        var tally = fact.Tally;
        var (time, number) = (Time(tally.Header.Timestamp), tally.Header.Number);
        var (english, chinese) = tally.Kind switch
        {
            TallyKind.Account => Account(fact),
            TallyKind.Storage => ($"slot {tally.Slot} of {Name(tally.Address)} held {fact.Value}", $"{Name(tally.Address)} 的存储位 {tally.Slot} 的值为 {fact.Value}"),
            TallyKind.Log => Event(fact.Events[0]),
            _ => Transaction(fact),
        };
        return ($"In block {number} of chain {tally.ChainId}, {time}: {english}.", $"在链 {tally.ChainId} 的第 {number} 个区块（{time}）：{chinese}。");
    }

    static (string, string) Account(TallyFact fact)
    {
        var whose = Name(fact.Tally.Address);
        if (fact.Account is not { } account) return ($"there was no account {whose}", $"账户 {whose} 不存在");
        return ($"the account {whose} held {Ether(account.Balance)} Ether, had sent {account.Nonce} transactions and {(account.HasCode ? $"was the contract with code {account.CodeHash}" : "had no code")}",
            $"账户 {whose} 持有 {Ether(account.Balance)} 以太，已发送 {account.Nonce} 笔交易，{(account.HasCode ? $"是代码哈希为 {account.CodeHash} 的合约" : "没有代码")}");
    }

    static (string, string) Transaction(TallyFact fact)
    {
        var (transaction, sender) = (fact.Transaction!, Name(fact.Sender!.Value));
        var (english, chinese) = transaction switch
        {
            { To: null } => ($"{sender} created the contract {Name(Address.ForCreate(fact.Sender.Value, transaction.Nonce))}", $"{sender} 创建了合约 {Name(Address.ForCreate(fact.Sender.Value, transaction.Nonce))}"),
            { Data.IsEmpty: true } => ($"{sender} sent {Ether(transaction.Value)} Ether to {Name(transaction.To.Value)}", $"{sender} 向 {Name(transaction.To.Value)} 转出 {Ether(transaction.Value)} 以太"),
            { Value.IsZero: true } => ($"{sender} called {Name(transaction.To.Value)}", $"{sender} 调用了 {Name(transaction.To.Value)}"),
            _ => ($"{sender} called {Name(transaction.To.Value)} with {Ether(transaction.Value)} Ether", $"{sender} 附带 {Ether(transaction.Value)} 以太调用了 {Name(transaction.To.Value)}"),
        };
        if (!fact.Receipt!.Succeeded) return (english + ", and it failed: nothing was changed but the fee", chinese + "，但执行失败：除手续费外没有任何改变");
        var told = fact.Events.Where(one => one.Event is not null).Select(Event).ToArray();
        return told.Length == 0 ? (english, chinese) : ($"{english}; {string.Join("; ", told.Select(one => one.Item1))}", $"{chinese}；{string.Join("；", told.Select(one => one.Item2))}");
    }

    static (string, string) Event(TallyEvent one)
    {
        var contract = Name(one.Log.Address);
        if (one.Event is null) return ($"the contract {contract} left an event that has no declaration here", $"合约 {contract} 留下了一个此处没有说明的事件");
        var values = one.Arguments;
        return one.Event.Declaration switch
        {
            "event Transfer(address indexed from, address indexed to, uint256 value)" =>
                ($"{AbiJson.Text(values[1])} received {values[2]} units of the token {contract} from {AbiJson.Text(values[0])}", $"{AbiJson.Text(values[1])} 从 {AbiJson.Text(values[0])} 收到 {values[2]} 单位代币 {contract}"),
            "event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)" =>
                ($"{AbiJson.Text(values[1])} received number {values[2]} of {contract} from {AbiJson.Text(values[0])}", $"{AbiJson.Text(values[1])} 从 {AbiJson.Text(values[0])} 收到 {contract} 的第 {values[2]} 号藏品"),
            _ => ($"the contract {contract} told {Revert.Describe(one.Event.Name, one.Event.Inputs, values)}", $"合约 {contract} 记录了 {Revert.Describe(one.Event.Name, one.Event.Inputs, values)}"),
        };
    }

    static string Name(in Address address) => address.ToChecksumString();

    /// <summary>All 18 decimals that are not zero: money is not rounded.</summary>
    static string Ether(in UInt256 wei)
    {
        var unit = (UInt256)1_000_000_000_000_000_000UL;
        var (whole, rest) = (wei / unit, (wei % unit).Low64);
        return rest == 0 ? $"{whole}" : $"{whole}.{rest.ToString("D18", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    static string Time(ulong seconds) => seconds <= 253_402_300_799
        ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{seconds} s");
}
