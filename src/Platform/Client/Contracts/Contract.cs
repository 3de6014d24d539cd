using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>A contract at an address; generated clients (`hufu contract generate`) build on it.</summary>
public abstract class Contract(ChainClient chain, Address address)
{
    public ChainClient Chain { get; } = chain;
    public Address Address { get; } = address;

    /// <summary>What the contract can revert with.</summary>
    protected abstract IReadOnlyList<AbiError> KnownErrors { get; }

    /// <summary>The transaction of a call: hand it to a <see cref="TransactionSender"/>.</summary>
    protected TransactionRequest Request(AbiFunction function, object[] arguments, UInt256 value = default) =>
        new() { To = Address, Data = function.EncodeCall(arguments), Value = value, Errors = KnownErrors };

    /// <summary>Asks, without changing anything.</summary>
    /// <exception cref="ChainException">The contract refused, or there is none at the address.</exception>
    protected async Task<T> CallAsync<T>(AbiFunction function, object[] arguments, Func<object[], T> read, BlockId block, Address? from, CancellationToken stop)
    {
        var answer = await Chain.CallAsync(Request(function, arguments), block, from, stop).ConfigureAwait(false);
        if (function.TryDecodeAnswer(answer, out var values, out var refusal)) return read(values);
        throw new ChainException(answer.Length == 0
            ? new Refusal($"no contract answers at {Address.ToChecksumString()}", $"{function.Signature} returned nothing", "check the address and the chain")
            : new Refusal($"{function.Signature} at {Address.ToChecksumString()} answers something else", refusal.Why, "check that the contract is the one its ABI describes"));
    }

    /// <summary>The events of one kind in a receipt, of this contract only.</summary>
    protected IEnumerable<T> ReadEvents<T>(TransactionReceipt receipt, Func<Log, T?> read) where T : class =>
        receipt.Logs.Where(log => log.Log.Address == Address).Select(log => read(log.Log)).OfType<T>();

    /// <summary>For generated code: the elements of an array, each read.</summary>
    protected internal static IReadOnlyList<T> ReadList<T>(object value, Func<object, T> read) => [.. ((object[])value).Select(read)];

    /// <summary>For generated code: what is handed over as an array.</summary>
    protected internal static object[] WriteList<T>(IEnumerable<T> items, Func<T, object> write) => [.. items.Select(write)];

    public override string ToString() => $"{GetType().Name} at {Address.ToChecksumString()}";
}
