using System.Runtime.InteropServices;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Chain;

/// <summary>
/// Runs one block on the state of its parent, step by step: <see cref="Begin"/>, <see cref="TryInclude(Transaction, Address)"/> for each transaction, <see cref="Finish"/>.
/// Import and building take the same steps, so that what is built is what would be imported. Synchronous, one thread, no locks.
/// </summary>
public sealed class BlockExecution
{
    // EIP-7685 lists requests only from the blocks' logs and from the contracts below; their order is that of their type.
    readonly List<byte> _deposits = [];
    readonly List<byte[]> _requests = [];
    readonly List<Receipt> _receipts = [];
    readonly ForkSchedule _forks;
    readonly IConsensusRules _consensus;
    readonly Header _header;
    readonly TransactionExecution _machine;
    readonly BlockAccessBuilder? _accesses;
    ulong _regularGasUsed, _stateGasUsed, _gasPaid;
    uint _step;
    Bloom _bloom;
    UInt256 _fees;

    /// <param name="header">The block's header, or that of a block being built: of it only what is known before execution is read.</param>
    /// <param name="state">The parent's state, to be changed.</param>
    /// <param name="ancestor">The hash of an ancestor by its number, for the 256 blocks before this one.</param>
    /// <param name="wishes">What a simulation wants to be otherwise; null for a block of the chain.</param>
    public BlockExecution(ForkSchedule forks, IConsensusRules consensus, Header header, StateTransition state, Func<ulong, Hash256> ancestor, SimulationWishes? wishes = null)
    {
        (_forks, _consensus, _header, State) = (forks, consensus, header, state);
        Rules = forks.RulesOf(header);
        Context = ContextOf(header, Rules, forks.ChainId, ancestor);
        if (wishes?.BlobBaseFee is { } blobBaseFee) Context = Context with { BlobBaseFee = blobBaseFee };
        _machine = new TransactionExecution(state, Context, Rules, wishes?.Precompiles);
        _accesses = Rules.Has(Eip.BlockAccessLists) ? new BlockAccessBuilder() : null;
    }

    public ForkRules Rules { get; }
    public BlockContext Context { get; }
    public StateTransition State { get; }

    /// <summary>What the header states: the work or the state that was made, whichever took more of the block's gas (EIP-8037).</summary>
    public ulong GasUsed => Math.Max(_regularGasUsed, _stateGasUsed);
    public ulong BlobGasUsed { get; private set; }
    public IReadOnlyList<Receipt> Receipts => _receipts;
    public IReadOnlyList<byte[]> Requests => _requests;
    public Bloom LogsBloom => _bloom;

    /// <summary>What the block met and left behind; null before EIP-7928. Whole after <see cref="Finish"/>.</summary>
    public BlockAccessList? AccessList { get; private set; }

    /// <summary>What the beneficiary earned in fees, in Wei.</summary>
    public UInt256 Fees => _fees;

    /// <summary>What the machine sees of a block.</summary>
    public static BlockContext ContextOf(Header header, ForkRules rules, ulong chainId, Func<ulong, Hash256> ancestor) => new()
    {
        Number = header.Number,
        Timestamp = header.Timestamp,
        GasLimit = header.GasLimit,
        Beneficiary = header.Beneficiary,
        Difficulty = header.Difficulty,
        PrevRandao = header.PrevRandao,
        BaseFeePerGas = header.BaseFeePerGas ?? UInt256.Zero,
        BlobBaseFee = header.ExcessBlobGas is { } excess ? BlobGas.BaseFee(excess, rules.Blob) : UInt256.Zero,
        ChainId = chainId,
        SlotNumber = header.SlotNumber,
        BlockHash = ancestor,
    };

    /// <summary>What happens before the first transaction: the DAO's irregular state change, then the beacon root (EIP-4788) and the parent's hash (EIP-2935).</summary>
    public void Begin()
    {
        if (_forks.DaoForkBlock == _header.Number) State.Apply(DaoFork.Apply(State));
        // These two contracts may be absent or fail without harm to the block.
        if (Rules.Has(Eip.BeaconRoot)) CallSystem(SystemContracts.BeaconRoots, (_header.ParentBeaconBlockRoot ?? default).Bytes);
        if (Rules.Has(Eip.BlockHashHistory)) CallSystem(SystemContracts.History, _header.ParentHash.Bytes);
    }

    /// <summary>Runs the next transaction, or says why it cannot be part of this block; then nothing has changed.</summary>
    public BlockRefusal? TryInclude(Transaction transaction, Address sender)
    {
        var tracer = default(NoTracer);
        return TryInclude(transaction, sender, ref tracer, out _);
    }

    /// <param name="result">What the machine said, where the transaction ran.</param>
    public BlockRefusal? TryInclude<TTracer>(Transaction transaction, Address sender, ref TTracer tracer, out ExecutionResult? result) where TTracer : struct, ITracer
    {
        result = null;
        if (CheckRoom(transaction) is { } full) return full;
        if (!AdmittedTransaction.TryAdmit(transaction, sender, State, Context, Rules, out var admitted, out var refusal))
            return new BlockRefusal(BlockRule.Transaction, _header.Number, $"transaction {_receipts.Count} ({transaction.Hash}): {refusal}") { Admission = refusal };

        result = _machine.Execute(admitted, ref tracer);
        Settle(transaction, result);
        return null;
    }

    /// <summary>Takes the next transaction as one that has run already, elsewhere, on what is the state here.</summary>
    internal BlockRefusal? TryInclude(Transaction transaction, ExecutionResult result)
    {
        if (CheckRoom(transaction) is { } full) return full;
        Settle(transaction, result);
        return null;
    }

    /// <summary>Runs a call as if it were the next transaction, whoever signed it: for simulations, which check what they want checked themselves.</summary>
    /// <param name="transaction">What stands for the call in the simulated block.</param>
    public ExecutionResult IncludeCall<TTracer>(Transaction transaction, CallRequest call, ref TTracer tracer) where TTracer : struct, ITracer
    {
        var result = _machine.Call(call, ref tracer);
        Settle(transaction, result);
        return result;
    }

    BlockRefusal? CheckRoom(Transaction transaction) => CheckGas(transaction) ?? (BlobGasUsed + transaction.BlobGas <= Rules.Blob.Max * BlobParameters.GasPerBlob ? null
        : Refuse(BlockRule.BlobGasUsedAboveLimit, $"transaction {_receipts.Count} brings the blob gas to {BlobGasUsed + transaction.BlobGas}, above that of {Rules.Blob.Max} blobs"));

    /// <summary>Whether the block has the gas the transaction asks for. Since EIP-8037 there is a measure of work and one of state, and each must hold the most that the transaction can use of it.</summary>
    BlockRefusal? CheckGas(Transaction transaction)
    {
        if (!Rules.Has(Eip.StateGas)) return Exceeds(transaction.GasLimit, _regularGasUsed, "gas");
        var intrinsic = IntrinsicGas.Of(transaction, Rules, _header.GasLimit);
        var limit = transaction.GasLimit;
        return Exceeds(Math.Min(TransactionForm.GasLimitCap, limit - Math.Min(limit, intrinsic.State)), _regularGasUsed, "gas for work")
            ?? Exceeds(limit - Math.Min(limit, intrinsic.Regular), _stateGasUsed, "gas for state");
    }

    BlockRefusal? Exceeds(ulong wanted, ulong used, string what) =>
        used <= _header.GasLimit && wanted <= _header.GasLimit - used ? null
        : Refuse(BlockRule.GasLimitExceeded, $"transaction {_receipts.Count} wants {wanted} {what}, the block has {_header.GasLimit - Math.Min(used, _header.GasLimit)} left");

    /// <summary>What happens after the last transaction: withdrawals (EIP-4895), requests (EIP-7685), rewards.</summary>
    public BlockRefusal? Finish(IReadOnlyList<Withdrawal>? withdrawals, IReadOnlyList<Header> ommers)
    {
        _step++;
        foreach (var withdrawal in withdrawals ?? []) Credit(withdrawal.Address, (UInt256)withdrawal.AmountGwei * 1_000_000_000UL);
        if (Rules.Has(Eip.GeneralRequests) && CollectRequests() is { } refusal) return refusal;
        PayRewards(ommers);
        AccessList = _accesses?.Build();
        return null;
    }

    void Settle(Transaction transaction, ExecutionResult result)
    {
        _step++;
        if (result.Accesses is { } accesses) _accesses?.Add(_step, accesses);
        State.Apply(result.Diff);
        _regularGasUsed += result.RegularGasUsed;
        _stateGasUsed += result.StateGasUsed;
        _gasPaid += result.GasUsed;
        BlobGasUsed += transaction.BlobGas;
        _fees += (transaction.EffectiveGasPrice(Context.BaseFeePerGas) - Context.BaseFeePerGas) * result.GasUsed;

        var bloom = Bloom.Of(result.Logs);
        _bloom.Add(bloom);
        _receipts.Add(new Receipt
        {
            Type = transaction.Type,
            PostState = Rules.Has(Eip.ReceiptStatus) ? null : State.Root(),
            Succeeded = !Rules.Has(Eip.ReceiptStatus) || result.Succeeded,
            CumulativeGasUsed = _gasPaid,
            LogsBloom = bloom,
            Logs = result.Logs,
        });
    }

    BlockRefusal? CollectRequests()
    {
        foreach (var log in _receipts.SelectMany(receipt => receipt.Logs))
        {
            if (!DepositRequests.IsDeposit(log, _forks.DepositContract)) continue;
            if (!DepositRequests.TryAppend(log, _deposits, out var fault)) return Refuse(BlockRule.DepositLayout, fault);
        }
        AddRequest(Primitives.Requests.Deposit, CollectionsMarshal.AsSpan(_deposits));
        return CollectFrom(SystemContracts.WithdrawalRequests, Primitives.Requests.Withdrawal)
            ?? CollectFrom(SystemContracts.ConsolidationRequests, Primitives.Requests.Consolidation);
    }

    BlockRefusal? CollectFrom(in Address contract, byte type)
    {
        var result = CallSystem(contract, []);
        if (!result.HadCode) return Refuse(BlockRule.SystemContractMissing, $"no contract stands at {contract}");
        if (!result.Succeeded) return Refuse(BlockRule.SystemContractFailed, $"the system call to {contract} failed: {result.Halt}");
        AddRequest(type, result.Output);
        return null;
    }

    // A type without data is left out of the list, and of the hash.
    void AddRequest(byte type, ReadOnlySpan<byte> data)
    {
        if (data.Length > 0) _requests.Add([type, .. data]);
    }

    /// <summary>Pays the beneficiary, and more for each ommer, and the ommers' own beneficiaries by their age (yellow paper, section 11.3).</summary>
    void PayRewards(IReadOnlyList<Header> ommers)
    {
        var reward = _consensus.BlockReward(_header, Rules);
        if (reward.IsZero) return;
        var own = reward;
        foreach (var ommer in ommers)
        {
            Credit(ommer.Beneficiary, reward * (8 - (_header.Number - ommer.Number)) / 8UL);
            own += reward / 32UL;
        }
        Credit(_header.Beneficiary, own);
    }

    SystemCallResult CallSystem(in Address contract, ReadOnlySpan<byte> input)
    {
        var result = _machine.SystemCall(contract, input);
        if (result.Accesses is { } accesses) _accesses?.Add(_step, accesses);
        State.Apply(result.Diff);
        return result;
    }

    /// <summary>Adds to a balance. Touching an empty account removes it (EIP-161); adding nothing to an absent one leaves it absent.</summary>
    void Credit(in Address address, in UInt256 amountWei)
    {
        var existed = State.TryGetAccount(address, out var account);
        if (!existed) account = Account.Empty;
        var after = account with { Balance = account.Balance + amountWei };
        _accesses?.Add(_step, [new AccountAccess(address, amountWei.IsZero ? null : after.Balance, null, null, [], [])]);
        if (Rules.Has(Eip.StateClearing) && after.IsEmpty && !existed) return;

        var diff = new StateDiff();
        diff.Accounts[address] = new AccountDiff
        {
            Exists = !(Rules.Has(Eip.StateClearing) && after.IsEmpty),
            Nonce = after.Nonce,
            Balance = after.Balance,
            CodeHash = after.CodeHash,
        };
        State.Apply(diff);
    }

    BlockRefusal Refuse(BlockRule rule, string why) => new(rule, _header.Number, why);
}
