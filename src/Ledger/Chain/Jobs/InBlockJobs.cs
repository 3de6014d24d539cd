using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// Work that falls due by itself, as a rule of the chain. Where the genesis file names a contract of jobs, a block in which one is due, by the state of its parent and its own
/// timestamp, begins with the clock's call of <c>run</c>; the clock sends nothing else, and lends its account to nobody (EIP-7702). Every part of that transaction follows from the
/// parent, so that there is nothing to choose for whoever builds the block, and a proposer who leaves it out, changes it or repeats it has built no block.
/// </summary>
/// <param name="contract">Answers <c>nextDue()</c>, and runs what is due by <c>run()</c>.</param>
/// <param name="gas">The gas limit of the call. Blocks with a lower one run no jobs.</param>
public sealed class InBlockJobs(Address contract, ulong gas)
{
    /// <summary>What the call may be given: less runs nothing of use, more is in no transaction since EIP-7825.</summary>
    public const ulong LeastGas = 1_000_000, MostGas = 16_777_216, UsualGas = 10_000_000;

    static readonly byte[] NextDueCall = Selector("nextDue()"), RunCall = Selector("run()");

    public Address Contract => contract;
    public ulong Gas => gas;

    /// <summary>What a genesis file says in <c>config.jobs</c>.</summary>
    /// <param name="jobs">Null where it says nothing.</param>
    public static bool TryRead(Genesis genesis, out InBlockJobs? jobs, [NotNullWhen(false)] out Refusal? refusal)
    {
        (jobs, refusal) = (null, null);
        if (genesis.Config is not { } config || !config.TryGetProperty("jobs", out var section)) return true;
        if (section.ValueKind != JsonValueKind.Object || !section.TryGetProperty("contract", out var at) || at.ValueKind != JsonValueKind.String || !Address.TryParse(at.GetString(), out var contract))
            refusal = new Refusal("the genesis file's config.jobs.contract is no address", Mend: "write 0x and 40 hexadecimal digits");
        else if (!section.TryGetProperty("gas", out var limit) || limit.ValueKind != JsonValueKind.Number || !limit.TryGetUInt64(out var gas) || gas is < LeastGas or > MostGas)
            refusal = new Refusal("the genesis file's config.jobs.gas cannot be used", $"it is the gas of the call that runs jobs, from {LeastGas} to {MostGas}", $"write for example {UsualGas}, and what the contract was made with");
        else jobs = new InBlockJobs(contract, gas);
        return refusal is null;
    }

    /// <summary>When the first job after a block is due, in seconds since 1970; null where none waits, or the contract does not answer. For any thread.</summary>
    public ulong? NextDue(Blockchain chain, Header after) =>
        chain.Ask(after, contract, NextDueCall) is { Length: 32 } answer && UInt256.FromBigEndian(answer) is { FitsUInt64: true } due && due.Low64 != ulong.MaxValue ? due.Low64 : null;

    /// <summary>The transaction that a block has to begin with; null where nothing is due, or the block cannot hold it, or the clock cannot pay for it.</summary>
    /// <param name="block">Of it number, timestamp, gas limit and base fee are read.</param>
    public Transaction? Due(Blockchain chain, Header parent, Header block)
    {
        if (block.GasLimit < gas || NextDue(chain, parent) is not { } due || due > block.Timestamp) return null;
        if (chain.StateAt(parent.Hash) is not { } state || !state.TryGetAccount(ChainClock.Address, out var clock)) clock = Account.Empty;
        var price = block.BaseFeePerGas ?? UInt256.Zero;
        if (!UInt256.TryMultiply(price, gas, out var cost) || clock.Balance < cost) return null;
        return block.BaseFeePerGas is null
            ? new LegacyTransaction { V = LegacyTransaction.UnsignedV(chain.Forks.ChainId), Nonce = clock.Nonce, GasLimit = gas, To = contract, Data = RunCall }
            : new DynamicFeeTransaction { ChainId = chain.Forks.ChainId, Nonce = clock.Nonce, GasLimit = gas, To = contract, Data = RunCall, MaxFeePerGas = price };
    }

    /// <summary>Whether a block of the chain ran jobs.</summary>
    public bool Begins(Block block) => block.Transactions is [var first, ..] && first.To == contract && first.Data.Span.SequenceEqual(RunCall);

    /// <summary>Whether the clock has its say in a block, and no more than that.</summary>
    internal BlockRefusal? Check(Blockchain chain, VerifiedBlock verified)
    {
        var (header, transactions) = (verified.Header, verified.Block.Transactions);
        var due = Due(chain, verified.Parent, header);
        if (due is not null && (transactions.Count == 0 || verified.Senders[0] != ChainClock.Address || transactions[0].SigningHash != due.SigningHash))
            return Refuse(header, $"a job is due at {header.Timestamp}, and the block does not begin with the clock's call of {contract}");
        for (var i = due is null ? 0 : 1; i < transactions.Count; i++)
            if (IsOfClock(transactions[i], verified.Senders[i]))
                return Refuse(header, $"transaction {i} ({transactions[i].Hash}) is of the clock {ChainClock.Address}, which only runs what is due, at the beginning of a block");
        return null;
    }

    static BlockRefusal Refuse(Header header, string why) => new(BlockRule.Jobs, header.Number, why);

    /// <summary>Why the pool does not take a transaction; null where it does.</summary>
    public static Refusal? OfTransaction(Transaction transaction, in Address sender) => !IsOfClock(transaction, sender) ? null
        : new Refusal($"sender not permitted: {ChainClock.Address}", "the clock of the chain only runs jobs that are due, and whoever builds a block lets it", "send from an account of your own");

    static bool IsOfClock(Transaction transaction, in Address sender)
    {
        if (sender == ChainClock.Address) return true;
        foreach (var authorization in transaction.AuthorizationList)
            if (SenderRecovery.TryRecoverAuthority(authorization, out var authority) && authority == ChainClock.Address) return true;
        return false;
    }

    /// <summary>What a block is built of: first the clock's call where it is due, then what a source has, without whatever else is of the clock.</summary>
    internal ITransactionSource Lead(Blockchain chain, Header parent, Header block, ITransactionSource source) =>
        new Led(Due(chain, parent, block) is { } due ? ChainClock.Sign(due) : null, source);

    static byte[] Selector(string signature) => Keccak256.Hash(Encoding.ASCII.GetBytes(signature)).Bytes[..4].ToArray();

    sealed class Led(Transaction? first, ITransactionSource source) : ITransactionSource
    {
        bool _isFirstTaken = first is null;

        public bool IsEmpty => _isFirstTaken && source.IsEmpty;

        public bool TryTake([NotNullWhen(true)] out Transaction? transaction, out Address sender)
        {
            if (!_isFirstTaken)
            {
                _isFirstTaken = true;
                (transaction, sender) = (first!, ChainClock.Address);
                return true;
            }
            while (source.TryTake(out transaction, out sender))
            {
                if (!IsOfClock(transaction, sender)) return true;
                source.SkipSender();
            }
            return false;
        }

        public void SkipSender() => source.SkipSender();
    }
}
