using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.WebConsole;

/// <summary>A block as the explorer shows it. Read leniently: members that a chain lacks are null, so that every Ethereum chain can be looked at.</summary>
public sealed record BlockView
{
    public required ulong Number { get; init; }
    public required Hash256 Hash { get; init; }
    public Hash256 ParentHash { get; init; }
    public Hash256 StateRoot { get; init; }
    public Address Beneficiary { get; init; }
    public DateTimeOffset Time { get; init; }
    public ulong GasUsed { get; init; }
    public ulong GasLimit { get; init; }
    public UInt256? BaseFeePerGas { get; init; }
    public ulong? SizeBytes { get; init; }
    public byte[] ExtraData { get; init; } = [];
    public int TransactionCount { get; init; }

    /// <summary>Where they were asked for.</summary>
    public IReadOnlyList<TransactionView> Transactions { get; init; } = [];

    internal static BlockView Read(JsonElement json)
    {
        var form = new Form(json);
        var time = Text.Time(form.Number("timestamp") ?? 0);
        var transactions = form.Items("transactions").ToArray();
        return new BlockView
        {
            Number = form.Number("number") ?? 0,
            Hash = form.Hash("hash") ?? default,
            ParentHash = form.Hash("parentHash") ?? default,
            StateRoot = form.Hash("stateRoot") ?? default,
            Beneficiary = form.Address("miner") ?? default,
            Time = time,
            GasUsed = form.Number("gasUsed") ?? 0,
            GasLimit = form.Number("gasLimit") ?? 0,
            BaseFeePerGas = form.Quantity("baseFeePerGas"),
            SizeBytes = form.Number("size"),
            ExtraData = form.Bytes("extraData"),
            TransactionCount = transactions.Length,
            Transactions = [.. transactions.Where(one => one.ValueKind == JsonValueKind.Object).Select(one => TransactionView.Read(one) with { Time = time })],
        };
    }
}
