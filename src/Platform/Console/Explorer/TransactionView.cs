using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A transaction as the explorer shows it, whatever its type.</summary>
public sealed record TransactionView
{
    public required Hash256 Hash { get; init; }
    public Address From { get; init; }

    /// <summary>Null where it creates a contract.</summary>
    public Address? To { get; init; }
    public UInt256 Value { get; init; }
    public byte[] Data { get; init; } = [];
    public ulong Nonce { get; init; }
    public ulong GasLimit { get; init; }
    public ulong Type { get; init; }
    public UInt256 MaxFeePerGas { get; init; }

    /// <summary>Null while it waits.</summary>
    public ulong? BlockNumber { get; init; }
    public Hash256? BlockHash { get; init; }
    public int Index { get; init; }

    /// <summary>When its block was made, where that is known.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>What came of it, where that was asked for and is known.</summary>
    public TransactionReceipt? Receipt { get; init; }

    internal static TransactionView Read(JsonElement json)
    {
        var form = new Form(json);
        return new TransactionView
        {
            Hash = form.Hash("hash") ?? default,
            From = form.Address("from") ?? default,
            To = form.Address("to"),
            Value = form.Quantity("value") ?? UInt256.Zero,
            Data = form.Bytes("input"),
            Nonce = form.Number("nonce") ?? 0,
            GasLimit = form.Number("gas") ?? 0,
            Type = form.Number("type") ?? 0,
            MaxFeePerGas = form.Quantity("maxFeePerGas") ?? form.Quantity("gasPrice") ?? UInt256.Zero,
            BlockNumber = form.Number("blockNumber"),
            BlockHash = form.Hash("blockHash"),
            Index = (int)(form.Number("transactionIndex") ?? 0),
        };
    }
}
