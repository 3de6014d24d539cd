using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Node;

/// <summary>How far an export or an import of a snapshot has come.</summary>
/// <param name="Fraction">From 0 to 1, of the whole.</param>
public readonly record struct SnapshotProgress(ulong Blocks, ulong Accounts, double Fraction);

/// <summary>Writes a chain and the state of one of its blocks into a snapshot file. The same chain and block give the same file, byte for byte.</summary>
public sealed class SnapshotExport(Blockchain chain, Action<SnapshotProgress> report)
{
    const int ChunkBytes = 1 << 20;

    ulong _place;
    SnapshotProgress _progress;

    /// <param name="number">The last block, whose state is written.</param>
    public Refusal? Run(Stream file, ulong number, CancellationToken stop)
    {
        if (chain.Blocks.CanonicalHash(number) is not { } hash || chain.Blocks.HeaderOf(hash) is not { } last || chain.Serve(last.StateRoot, chain.Head.Number - Math.Min(number, chain.Head.Number)) is not { } state)
            return new Refusal($"the state of block {number} is not kept", $"the chain here ends with block {chain.Head.Number} and keeps states from block {chain.OldestState} on", "choose a later --block");
        _place = 0;
        file.Write(SnapshotFile.Magic);
        Put(file, SnapshotChunk.Beginning, writer =>
        {
            writer.Write(SnapshotFile.Format);
            writer.Write(chain.Genesis.Hash);
            last.Write(writer);
        });
        if (WriteBlocks(file, number, stop) is { } refusal) return refusal;
        WriteState(file, state, stop);
        Put(file, SnapshotChunk.End, static _ => { });
        return stop.IsCancellationRequested ? new Refusal("the export was stopped", Mend: "run it again") : null;
    }

    Refusal? WriteBlocks(Stream file, ulong last, CancellationToken stop)
    {
        for (var number = chain.Genesis.Number + 1; number <= last && !stop.IsCancellationRequested;)
        {
            Refusal? refusal = null;
            Put(file, SnapshotChunk.Blocks, writer =>
            {
                for (; number <= last && refusal is null && writer.Length < ChunkBytes; number++)
                {
                    var hash = chain.Blocks.CanonicalHash(number)!.Value;
                    if (chain.Blocks.BlockOf(hash) is not { } block || chain.Blocks.ReceiptsOf(hash) is not { } receipts) refusal = new Refusal($"block {number} is not kept whole", "its body or its receipts are missing", "export from a node that keeps all blocks");
                    else WriteBlock(writer, block, receipts);
                }
            });
            if (refusal is not null) return refusal;
            report(_progress = _progress with { Blocks = number - 1, Fraction = 0.5 * number / (last + 1) });
        }
        return null;
    }

    static void WriteBlock(RlpWriter writer, Block block, IReadOnlyList<Receipt> receipts)
    {
        var item = writer.StartList();
        block.Header.Write(writer);
        var body = writer.StartList();
        block.WriteBody(writer);
        writer.EndList(body);
        var list = writer.StartList();
        foreach (var receipt in receipts)
            if (receipt.Type == TransactionType.Legacy) receipt.WriteEnvelope(writer);
            else writer.Write(receipt.Encode());
        writer.EndList(list);
        writer.EndList(item);
    }

    void WriteState(Stream file, ServedState state, CancellationToken stop)
    {
        var codes = new HashSet<Hash256>();
        for (Hash256? from = Hash256.Zero; from is { } origin && !stop.IsCancellationRequested;)
        {
            var accounts = new List<(Hash256 Key, Account Account)>();
            var isWhole = true;
            Put(file, SnapshotChunk.Accounts, writer =>
            {
                var list = writer.StartList();
                foreach (var (key, account) in state.Accounts(origin))
                {
                    if (writer.Length >= ChunkBytes)
                    {
                        isWhole = false;
                        break;
                    }
                    WriteEntry(writer, key, SlimAccount.Encode(account));
                    accounts.Add((key, account));
                }
                writer.EndList(list);
                WriteNodes(writer, origin.IsZero ? [] : state.Prove(origin), accounts.Count > 0 ? state.Prove(accounts[^1].Key) : []);
            });
            WriteCodes(file, state, accounts, codes);
            foreach (var (key, account) in accounts)
                if (account.StorageRoot != Account.EmptyTrieRoot) WriteStorage(file, state, key);
            from = isWhole ? null : KeyRange.After(accounts[^1].Key);
            report(_progress = _progress with { Accounts = _progress.Accounts + (ulong)accounts.Count, Fraction = 0.5 + 0.5 * (from is { } next ? next.Bytes[0] / 256.0 : 1) });
        }
    }

    void WriteCodes(Stream file, ServedState state, List<(Hash256 Key, Account Account)> accounts, HashSet<Hash256> written)
    {
        var missing = new Queue<Hash256>(accounts.Where(entry => entry.Account.HasCode).Select(entry => entry.Account.CodeHash).Where(written.Add));
        while (missing.Count > 0)
            Put(file, SnapshotChunk.Codes, writer =>
            {
                while (writer.Length < ChunkBytes && missing.TryDequeue(out var hash)) writer.Write(state.CodeOf(hash)!);
            });
    }

    void WriteStorage(Stream file, ServedState state, Hash256 account)
    {
        for (Hash256? from = Hash256.Zero; from is { } origin;)
        {
            Hash256? last = null;
            var isWhole = true;
            Put(file, SnapshotChunk.Storage, writer =>
            {
                writer.Write(account);
                var list = writer.StartList();
                foreach (var (key, value) in state.Storage(account, origin))
                {
                    if (writer.Length >= ChunkBytes)
                    {
                        isWhole = false;
                        break;
                    }
                    WriteEntry(writer, key, value);
                    last = key;
                }
                writer.EndList(list);
                if (isWhole && origin.IsZero) WriteNodes(writer, [], []);
                else WriteNodes(writer, origin.IsZero ? [] : state.Prove(account, origin), last is { } some ? state.Prove(account, some) : []);
            });
            from = isWhole ? null : KeyRange.After(last!.Value);
        }
    }

    static void WriteEntry(RlpWriter writer, in Hash256 key, ReadOnlySpan<byte> value)
    {
        var item = writer.StartList();
        writer.Write(key);
        writer.Write(value);
        writer.EndList(item);
    }

    // The ways to the two ends begin at the root and part somewhere. A range from the lowest key on needs no way to its beginning.
    static void WriteNodes(RlpWriter writer, IReadOnlyList<byte[]> first, IReadOnlyList<byte[]> second)
    {
        var list = writer.StartList();
        foreach (var node in first) writer.Write(node);
        for (var i = 0; i < second.Count; i++)
            if (i >= first.Count || !first[i].AsSpan().SequenceEqual(second[i])) writer.Write(second[i]);
        writer.EndList(list);
    }

    void Put(Stream file, SnapshotChunk kind, Action<RlpWriter> content)
    {
        using var writer = new RlpWriter(1024);
        var list = writer.StartList();
        content(writer);
        writer.EndList(list);
        SnapshotFile.Write(file, ref _place, kind, writer.Written);
    }
}
