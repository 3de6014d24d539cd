using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Node;

/// <summary>
/// Takes a snapshot file into a chain that stands at its genesis. The file may come from anybody: every block is checked against its parent and its seals, every
/// range of the state is proven against the last header's root, and in the end all of it is counted through.
/// </summary>
/// <param name="trustedEnd">The hash of the last block, where the operator has it from elsewhere; null where the seals of the chain prove it.</param>
public sealed class SnapshotImport(Blockchain chain, Hash256? trustedEnd, Action<SnapshotProgress> report)
{
    readonly ChainIntake _intake = chain.BeginIntake(trustedEnd);
    readonly Dictionary<Hash256, (Hash256 Root, Hash256 From)> _storage = [];
    readonly List<(Hash256 Key, Account Account)> _accounts = [];
    SnapshotProgress _progress;
    Header _last = chain.Genesis;
    Hash256? _from = Hash256.Zero;

    /// <returns>What is wrong with the file, by chunk or block; null where the chain stands at its last block now.</returns>
    public Refusal? Run(Stream file, CancellationToken stop)
    {
        Span<byte> magic = stackalloc byte[SnapshotFile.Magic.Length];
        if (file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(SnapshotFile.Magic))
            return new Refusal("this is no snapshot file, or one of another version", "it does not begin with the name of one", "give a file that `hufu snapshot export` wrote");
        var place = 0UL;
        while (!stop.IsCancellationRequested)
        {
            var chunk = place;
            if (!SnapshotFile.TryRead(file, ref place, out var kind, out var rlp, out var refusal)) return refusal;
            if (chunk == 0 != (kind == SnapshotChunk.Beginning)) return SnapshotFile.Damaged(chunk, $"it is of the kind {kind}, which does not belong there");
            refusal = kind switch
            {
                SnapshotChunk.Beginning => Begin(rlp),
                SnapshotChunk.Blocks => TakeBlocks(rlp, chunk),
                SnapshotChunk.Accounts => TakeAccounts(rlp, chunk),
                SnapshotChunk.Codes => TakeCodes(rlp, chunk),
                SnapshotChunk.Storage => TakeStorage(rlp, chunk),
                SnapshotChunk.End => rlp is [0xC0] && file.Position == file.Length ? Finish() : SnapshotFile.Damaged(chunk, "it is the last, and something is in it or follows it"),
                _ => SnapshotFile.Damaged(chunk, $"there is no kind {(byte)kind}"),
            };
            if (refusal is not null || kind == SnapshotChunk.End) return refusal;
            report(_progress = _progress with { Fraction = (double)file.Position / file.Length });
        }
        return new Refusal("the import was stopped", Mend: "run it again");
    }

    Refusal? Begin(byte[] rlp)
    {
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        var format = reader.ReadUInt64();
        if (!reader.Failed && format != SnapshotFile.Format) return new Refusal($"the snapshot file has format {format}", $"this version reads format {SnapshotFile.Format}", "use the version that wrote it");
        var genesis = reader.ReadHash();
        _last = Header.Read(ref reader);
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Error is { } why) return SnapshotFile.Damaged(0, why);
        if (genesis != chain.Genesis.Hash) return new Refusal("the snapshot is of another chain", $"it begins with the genesis block {genesis}, the genesis file given has {chain.Genesis.Hash}", "give the genesis file of this chain, or the snapshot of this one");
        return trustedEnd is null || trustedEnd == _last.Hash ? null : new Refusal($"the snapshot ends with another block than the trusted one: {_last.Number} ({_last.Hash})", $"{trustedEnd} was to be its last", "get the snapshot that ends there, or correct the hash");
    }

    Refusal? TakeBlocks(byte[] rlp, ulong chunk)
    {
        var reader = new RlpReader(rlp);
        var blocks = new List<HistoricBlock>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var header = Header.Read(ref reader);
            var bodyEnd = reader.EnterList();
            var block = Block.ReadBody(ref reader, bodyEnd, header);
            reader.LeaveList(bodyEnd);
            var receipts = new List<Receipt>();
            for (var receiptsEnd = reader.EnterList(); reader.HasMore(receiptsEnd);)
                if (Receipt.Read(ref reader) is { } receipt) receipts.Add(receipt);
            reader.LeaveList(itemEnd);
            if (!reader.Failed) blocks.Add(new HistoricBlock(block, receipts));
        }
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Error is { } why) return SnapshotFile.Damaged(chunk, why);
        if (_intake.Take(blocks) is { } refusal) return new Refusal($"block {refusal.Number} in chunk {chunk} refused: {refusal.Rule}", refusal.Why, "get the file anew, from another mirror");
        _progress = _progress with { Blocks = _intake.Reached.Number };
        return null;
    }

    Refusal? TakeAccounts(byte[] rlp, ulong chunk)
    {
        if (CheckBlocks() is { } early) return early;
        if (EndAccounts(chunk) is { } incomplete) return incomplete;
        var entries = new List<TrieEntry>();
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        foreach (var (key, slim) in ReadEntries(ref reader))
        {
            if (!SlimAccount.TryDecode(slim, out var account)) return SnapshotFile.Damaged(chunk, $"what it holds under {key} is no account");
            _accounts.Add((key, account));
            entries.Add(SlimAccount.ToEntry(key, account));
        }
        if (ReadNodes(ref reader, end) is not { } proof) return SnapshotFile.Damaged(chunk, reader.Error!);
        if (_from is not { } from) return SnapshotFile.Damaged(chunk, "the state is whole already");
        if (!RangeProof.TryVerify(_last.StateRoot, from, entries, proof, out var hasMore, out var refusal)) return Unproven(chunk, refusal);
        _from = hasMore ? KeyRange.After(entries[^1].Key) : null;
        foreach (var (key, account) in _accounts)
            if (account.StorageRoot != Account.EmptyTrieRoot) _storage.Add(key, (account.StorageRoot, Hash256.Zero));
        _progress = _progress with { Accounts = _progress.Accounts + (ulong)entries.Count };
        return null;
    }

    Refusal? TakeCodes(byte[] rlp, ulong chunk)
    {
        var reader = new RlpReader(rlp);
        if (ReadNodes(ref reader, -1) is not { } codes) return SnapshotFile.Damaged(chunk, reader.Error!);
        var known = _accounts.Select(entry => entry.Account.CodeHash).ToHashSet();
        foreach (var code in codes)
            if (!known.Contains(Keccak256.Hash(code))) return SnapshotFile.Damaged(chunk, "it holds a code that none of the accounts before it has");
        _intake.State.TakeCodes(codes);
        return null;
    }

    Refusal? TakeStorage(byte[] rlp, ulong chunk)
    {
        var reader = new RlpReader(rlp);
        var end = reader.EnterList();
        var account = reader.ReadHash();
        var slots = ReadEntries(ref reader).ConvertAll(entry => new TrieEntry(entry.Key, entry.Value));
        if (ReadNodes(ref reader, end) is not { } proof) return SnapshotFile.Damaged(chunk, reader.Error!);
        if (!_storage.TryGetValue(account, out var missing)) return SnapshotFile.Damaged(chunk, $"{account} is none of the accounts before it, or was whole already");
        if (!RangeProof.TryVerify(missing.Root, missing.From, slots, proof, out var hasMore, out var refusal)) return Unproven(chunk, refusal);
        if (!_intake.State.TakeStorage(account, slots, isFirst: missing.From.IsZero)) return SnapshotFile.Damaged(chunk, "it holds what is no storage value");
        if (hasMore && KeyRange.After(slots[^1].Key) is { } next) _storage[account] = missing with { From = next };
        else _storage.Remove(account);
        return null;
    }

    /// <summary>Takes the accounts of the last chunk of them, whose codes and slots have all come.</summary>
    Refusal? EndAccounts(ulong chunk)
    {
        foreach (var (account, _) in _storage) return SnapshotFile.Damaged(chunk, $"the storage of account {account} is not whole before it");
        foreach (var (key, account) in _accounts)
            if (!_intake.State.HasCode(account.CodeHash)) return SnapshotFile.Damaged(chunk, $"the code of account {key} is missing before it");
        // The parts that an intake has are taken as far as the accounts go.
        while (_accounts.Count > 0 && _intake.State.Missing is [var range, ..])
        {
            var last = _accounts[^1].Key;
            _intake.State.TakeAccounts(range, _accounts, last < range.Last ? KeyRange.After(last) : null);
            if (last <= range.Last) break;
        }
        _accounts.Clear();
        return null;
    }

    Refusal? CheckBlocks() => _intake.Reached.Hash == _last.Hash ? null
        : new Refusal($"the blocks of the snapshot end with {_intake.Reached.Number} ({_intake.Reached.Hash})", $"its state is that of {_last.Number} ({_last.Hash})", "get the file anew, from another mirror");

    Refusal? Finish()
    {
        if ((CheckBlocks() ?? EndAccounts(ulong.MaxValue)) is { } refusal) return refusal;
        if (_from is not null) return new Refusal("the snapshot is not whole", $"the accounts from {_from} on are missing", "get the file anew, from another mirror");
        while (_intake.State.Missing is [var range, ..]) _intake.State.TakeAccounts(range, [], null);
        var healing = new StateHealing(_intake.State, _last.StateRoot);
        var wanted = healing.Next(1);
        // Every part was proven: there is nothing to heal, or the disk has a fault.
        return healing.IsComplete ? _intake.Finish() : new Refusal("the state that was written is not the one that was proven", $"{wanted.Count} nodes differ", "check the disk, and import again");
    }

    static Refusal Unproven(ulong chunk, Refusal refusal) => new($"chunk {chunk} of the snapshot file is not proven", $"{refusal.What}: {refusal.Why}", "get the file anew, from another mirror");

    static List<(Hash256 Key, byte[] Value)> ReadEntries(ref RlpReader reader)
    {
        var entries = new List<(Hash256, byte[])>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var entry = (reader.ReadHash(), reader.ReadBytes().ToArray());
            reader.LeaveList(itemEnd);
            if (!reader.Failed) entries.Add(entry);
        }
        reader.LeaveList(end);
        return entries;
    }

    /// <param name="outer">The end of the list around; negative where there is none.</param>
    static List<byte[]>? ReadNodes(ref RlpReader reader, int outer)
    {
        var nodes = new List<byte[]>();
        var end = reader.EnterList();
        while (reader.HasMore(end)) nodes.Add(reader.ReadBytes().ToArray());
        reader.LeaveList(end);
        if (outer >= 0) reader.LeaveList(outer);
        reader.ExpectEnd();
        return reader.Failed ? null : nodes;
    }
}
