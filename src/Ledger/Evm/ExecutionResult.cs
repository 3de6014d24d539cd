using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What a transaction or call did.</summary>
public sealed class ExecutionResult
{
    /// <summary>Whether the outermost frame kept its effects: the status of the receipt (EIP-658).</summary>
    public bool Succeeded => Halt.IsSuccess();

    /// <summary>Why the outermost frame stopped.</summary>
    public required Halt Halt { get; init; }

    /// <summary>What the sender paid for: after refunds and the floor of EIP-7623.</summary>
    public required ulong GasUsed { get; init; }

    /// <summary>What counts against the block's gas: all that was used, refunded or not, since EIP-7778; the same as <see cref="GasUsed"/> before it.</summary>
    public required ulong RegularGasUsed { get; init; }

    /// <summary>What counts against the block's gas as state that was made, apart from <see cref="RegularGasUsed"/> (EIP-8037).</summary>
    public required ulong StateGasUsed { get; init; }

    /// <summary>What was given back for cleared storage and authorizations, after the cap (EIP-3529).</summary>
    public required ulong GasRefunded { get; init; }

    /// <summary>The most gas the transaction held at once: before refunds, and at least the floor of EIP-7623.</summary>
    public required ulong MaxGasUsed { get; init; }

    /// <summary>What the outermost frame returned; after <see cref="Halt.Revert"/> the reason. The code made, for a creation.</summary>
    public required byte[] Output { get; init; }

    public required IReadOnlyList<Log> Logs { get; init; }

    /// <summary>The address a creation was made at (also when it failed); null for a call.</summary>
    public Address? ContractAddress { get; init; }

    /// <summary>How the state differs. Apply it to the view before the next transaction runs on it, or leave it to undo the transaction.</summary>
    public required StateDiff Diff { get; init; }

    /// <summary>What was met on the way; null before block access lists (EIP-7928).</summary>
    public IReadOnlyList<AccountAccess>? Accesses { get; init; }
}

/// <summary>What a system call did (EIP-4788, 2935, 7002, 7251).</summary>
/// <param name="HadCode">False: nothing stands at the target, so nothing ran.</param>
public sealed record SystemCallResult(bool HadCode, Halt Halt, byte[] Output, IReadOnlyList<Log> Logs, StateDiff Diff)
{
    /// <summary>What was met on the way; null before block access lists (EIP-7928).</summary>
    public IReadOnlyList<AccountAccess>? Accesses { get; init; }

    public bool Succeeded => Halt.IsSuccess();
}
