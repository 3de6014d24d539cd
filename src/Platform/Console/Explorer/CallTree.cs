using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>One call of a contract, or of an account, within a transaction; with the calls that it made in turn.</summary>
/// <param name="Kind">CALL, STATICCALL, DELEGATECALL, CREATE and their kin.</param>
/// <param name="To">Of a creation, the new contract; null where it failed.</param>
/// <param name="Call">What was asked for, where that is known.</param>
/// <param name="Failure">Why it failed; null where it did not.</param>
/// <param name="Output">What it gave back, or reverted with.</param>
public sealed record CallTree(string Kind, Address From, Address? To, UInt256 Value, ulong GasUsed, CallReading? Call, byte[] Input, string? Failure, byte[] Output, IReadOnlyList<CallTree> Calls)
{
    // What is deeper, or more, is told by a debugger.
    const int Deepest = 24, Most = 400;

    /// <summary>Reads what geth's callTracer tells.</summary>
    public static CallTree Read(JsonElement json, ContractBook contracts)
    {
        var left = Most;
        return Read(json, contracts, 0, ref left);
    }

    static CallTree Read(JsonElement json, ContractBook contracts, int depth, ref int left)
    {
        var form = new Form(json);
        var (to, input, output) = (form.Address("to"), form.Bytes("input"), form.Bytes("output"));
        var calls = new List<CallTree>();
        if (depth < Deepest)
            foreach (var inner in form.Items("calls"))
            {
                if (--left < 0) break;
                calls.Add(Read(inner, contracts, depth + 1, ref left));
            }
        var kind = form.Text("type") ?? "CALL";
        var failure = form.Text("error") is not { } error ? null : error == "execution reverted" && output.Length >= 4 ? Revert.Of(output, contracts.ErrorsOf(to)).Words : error;
        return new CallTree(kind, form.Address("from") ?? default, to, form.Quantity("value") ?? UInt256.Zero, form.Number("gasUsed") ?? 0, IsCreation(kind) ? null : TransactionReading.CallOf(to, input, contracts), input, failure, output, calls);
    }

    public bool IsCreated => IsCreation(Kind);

    /// <summary>It could change nothing.</summary>
    public bool IsQuestion => Kind == "STATICCALL";

    /// <summary>The code of another contract ran here, as if it were this contract's own.</summary>
    public bool IsBorrowed => Kind is "DELEGATECALL" or "CALLCODE";

    /// <summary>How many calls there are below.</summary>
    public int Count => Calls.Sum(one => 1 + one.Count);

    /// <summary>The coin that moved, in order; what failed moved none.</summary>
    public IEnumerable<(Address From, Address To, UInt256 Wei)> Moves
    {
        get
        {
            if (Failure is not null) yield break;
            if (!Value.IsZero && To is { } to && !IsBorrowed && !IsQuestion) yield return (From, to, Value);
            foreach (var move in Calls.SelectMany(one => one.Moves)) yield return move;
        }
    }

    static bool IsCreation(string kind) => kind.StartsWith("CREATE", StringComparison.Ordinal);
}
