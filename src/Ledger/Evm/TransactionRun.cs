using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>The steps of one transaction around its first frame: what it pays before, and what is settled after (yellow paper, section 6.2).</summary>
sealed class TransactionRun
{
    readonly ForkRules _rules;
    readonly Address _sender;
    readonly Address? _to;
    readonly UInt256 _value, _gasPrice, _tip, _blobFee;
    readonly ulong _gasLimit;

    // Null: whatever is next.
    readonly ulong? _nonce;
    readonly IntrinsicGas _intrinsicGas;
    readonly ReadOnlyMemory<byte> _data;
    readonly IReadOnlyList<AccessListEntry> _accessList;
    readonly IReadOnlyList<Hash256> _blobVersionedHashes;
    readonly IReadOnlyList<Authorization> _authorizations;

    // A call that only asks pays nobody, and its caller may have nothing.
    readonly bool _pays;
    readonly bool _tellsChanges = true;

    public TransactionRun(AdmittedTransaction admitted, BlockContext block, ForkRules rules)
    {
        var transaction = admitted.Transaction;
        _rules = rules;
        _sender = admitted.Sender;
        _to = transaction.To;
        _value = transaction.Value;
        _gasPrice = transaction.EffectiveGasPrice(block.BaseFeePerGas);
        _tip = _gasPrice - block.BaseFeePerGas;
        _blobFee = transaction.BlobGas * block.BlobBaseFee;
        _gasLimit = transaction.GasLimit;
        _nonce = transaction.Nonce;
        _intrinsicGas = admitted.IntrinsicGas;
        _data = transaction.Data;
        _accessList = transaction.AccessList;
        _blobVersionedHashes = transaction.BlobVersionedHashes;
        _authorizations = transaction.AuthorizationList;
        _pays = true;
    }

    public TransactionRun(CallRequest request, BlockContext block, ForkRules rules)
    {
        _rules = rules;
        _sender = request.From;
        _to = request.To;
        _value = request.Value;
        _gasPrice = request.GasPrice;
        _pays = request.Pays;
        _tellsChanges = request.TellsChanges;
        // Who bids nothing owes the beneficiary nothing, whatever the base fee.
        _tip = _gasPrice > block.BaseFeePerGas ? _gasPrice - block.BaseFeePerGas : UInt256.Zero;
        _blobFee = (ulong)request.BlobVersionedHashes.Count * BlobParameters.GasPerBlob * block.BlobBaseFee;
        _gasLimit = request.GasLimit;
        _data = request.Input;
        _accessList = request.AccessList;
        _blobVersionedHashes = request.BlobVersionedHashes;
        _authorizations = request.AuthorizationList;
        _intrinsicGas = request.ChargesIntrinsicGas
            ? IntrinsicGas.Of(request.To is null, request.Input.Span, request.AccessList, request.AuthorizationList.Count, rules, block.GasLimit)
            : default;
    }

    /// <summary>Takes the price of all gas the transaction may use, and the sender's nonce.</summary>
    public void BuyGas(Machine machine)
    {
        machine.Origin = _sender;
        machine.GasPrice = _gasPrice;
        machine.BlobVersionedHashes = _blobVersionedHashes;
        var sender = machine.Journal.Account(_sender);
        if (_pays) machine.Journal.SubtractBalance(sender, _gasLimit * _gasPrice + _blobFee);
        machine.Journal.SetNonce(sender, (_nonce ?? sender.Nonce) + 1);
    }

    /// <summary>Warms what the transaction names, applies its authorizations, and says what the first frame is.</summary>
    public Message EnterFirstFrame(Machine machine)
    {
        var journal = machine.Journal;
        WarmUp(machine);
        foreach (var authorization in _authorizations) Authorizations.Apply(authorization, machine);

        machine.PlaceInput(_data.Span);
        var gas = _gasLimit - Math.Min(_gasLimit, _intrinsicGas.Gas);
        machine.StateGas.Reservoir += (long)(gas - GasForWork(gas));
        var sender = journal.Account(_sender);
        var message = new Message
        {
            Payer = sender,
            Caller = _sender,
            Value = _value,
            Gas = (long)Math.Min(GasForWork(gas), long.MaxValue),
            InputSize = (ulong)_data.Length,
        };
        if (_to is { } to)
        {
            message.Kind = FrameKind.Call;
            message.CodeAddress = to;
            message.Self = journal.Account(to);
            message.Code = machine.CodeOf(message.Self, out var delegated);
            if (delegated is not null) journal.TryWarm(delegated);
        }
        else
        {
            message.Kind = FrameKind.Create;
            message.Self = journal.Account(Address.ForCreate(_sender, sender.Nonce - 1));
            message.Code = Code.Empty;
        }
        return message;
    }

    /// <summary>Gives back what was not used, pays the beneficiary, and closes the books.</summary>
    public ExecutionResult SettleGas(Machine machine, Outcome outcome, in Message message)
    {
        var journal = machine.Journal;
        if (outcome.Halt.IsSuccess()) RefundStateGas(machine);
        // Gas beyond 2^63 - 1, which no block has, was kept out of the frame.
        var gas = _gasLimit - Math.Min(_gasLimit, _intrinsicGas.Gas);
        var used = _gasLimit - (ulong)outcome.GasLeft - (ulong)machine.StateGas.Reservoir - (GasForWork(gas) - (ulong)message.Gas);
        var stateUsed = (ulong)((long)_intrinsicGas.State + machine.StateGas.Used);
        var regularUsed = used + (ulong)machine.StateGas.Given - (ulong)machine.StateGas.Lost - stateUsed;

        var quotient = _rules.Has(Eip.RefundReduction) ? 5UL : 2UL;
        var beforeRefund = used;
        var refunded = Math.Min((ulong)Math.Max(0, journal.Refund), used / quotient);
        var floor = Math.Min(_gasLimit, _intrinsicGas.Floor);
        used = Math.Max(used - refunded, floor);

        if (_pays)
        {
            journal.AddBalance(journal.Account(_sender), (_gasLimit - used) * _gasPrice);
            journal.AddBalance(journal.Account(machine.Block.Beneficiary), used * _tip);
        }
        if (machine.LogsTransfers) LogBurned(journal);
        var diff = _tellsChanges ? journal.Difference() : new StateDiff();
        return new ExecutionResult
        {
            Halt = outcome.Halt,
            GasUsed = used,
            RegularGasUsed = _rules.Has(Eip.BlockGasWithoutRefunds) ? Math.Max(regularUsed, floor) : used,
            StateGasUsed = stateUsed,
            GasRefunded = refunded,
            MaxGasUsed = Math.Max(beforeRefund, used),
            Output = machine.ReturnData.Bytes.ToArray(),
            Logs = [.. journal.Logs],
            ContractAddress = _to is null ? message.Self.Address : null,
            Diff = diff,
            Accesses = _tellsChanges && _rules.Has(Eip.BlockAccessLists) ? journal.Accesses() : null,
        };
    }

    // Since EIP-8037 a transaction that asks for more than the cap has the rest for state alone. A call that only asks is free to spend it all on work.
    ulong GasForWork(ulong gas) => _pays && _rules.Has(Eip.StateGas) ? Math.Min(gas, TransactionForm.GasLimitCap - Math.Min(TransactionForm.GasLimitCap, _intrinsicGas.Regular)) : gas;

    /// <summary>What was made and destroyed in the same transaction is no state that stays (EIP-8037).</summary>
    static void RefundStateGas(Machine machine)
    {
        var (journal, costs) = (machine.Journal, machine.StateCosts);
        if (costs.NewAccount == 0) return;
        foreach (var account in journal.Destructed())
            machine.StateGas.RefundAtEnd(costs.NewAccount + costs.CodeByte * journal.CodeOf(account).Length + costs.Slot * journal.NewSlotsOf(account));
    }

    // EIP-7708: what an account received after it destroyed itself vanishes with it, last of all, in the order of addresses.
    static void LogBurned(Journal journal)
    {
        foreach (var account in journal.Destructed().Where(account => !account.Balance.IsZero).OrderBy(account => account.Address))
            journal.AddLog(TransferLogs.Burn(account.Address, account.Balance));
    }

    // EIP-2929, 2930, 3651.
    void WarmUp(Machine machine)
    {
        var journal = machine.Journal;
        journal.Warm(_sender);
        if (_to is { } to) journal.Warm(to);
        if (_rules.Has(Eip.WarmCoinbase)) journal.Warm(machine.Block.Beneficiary);
        foreach (var entry in _accessList)
        {
            journal.Warm(entry.Address);
            foreach (var key in entry.StorageKeys) journal.Warm(entry.Address, key.ToUInt256());
        }
    }
}
