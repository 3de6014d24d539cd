using System.Diagnostics;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Network;

/// <summary>
/// Answers what peers ask of the states of the last blocks: always, in order, within limits of size and time. A state that is not served here gets an
/// empty answer. Null where the request is malformed.
/// </summary>
sealed class SnapAnswers(Blockchain chain)
{
    // Whoever syncs asks for one state over and over; others are at another block or two.
    const int KeptStates = 4;
    static readonly TimeSpan MostTime = TimeSpan.FromMilliseconds(500);

    readonly Lock _lock = new();
    readonly LinkedList<ServedState> _states = new();

    public byte[]? Accounts(ReadOnlySpan<byte> body)
    {
        if (!TryRead(body, (ref RlpReader reader) => (Root: reader.ReadHash(), Origin: reader.ReadHash(), Limit: reader.ReadHash(), Bytes: reader.ReadUInt64()), out var requestId, out var asked)) return null;

        var state = StateOf(asked.Root);
        return EthMessage.Write(requestId, writer =>
        {
            var budget = new Budget(writer, asked.Bytes);
            var list = writer.StartList();
            Hash256? last = null;
            foreach (var (key, account) in state?.Accounts(asked.Origin) ?? [])
            {
                var item = writer.StartList();
                writer.Write(key);
                // A list, as geth and all after it write it, and not a byte string that holds one.
                writer.WriteRaw(SlimAccount.Encode(account));
                writer.EndList(item);
                last = key;
                if (key >= asked.Limit || !budget.HasRoom) break;
            }
            writer.EndList(list);
            WriteProof(writer, state is null ? [] : state.Prove(asked.Origin), last is { } some ? state!.Prove(some) : []);
        });
    }

    public byte[]? Storage(ReadOnlySpan<byte> body)
    {
        if (!TryRead(body, (ref RlpReader reader) => (Root: reader.ReadHash(), Accounts: reader.ReadHashes(), Origin: ReadKey(ref reader, Hash256.Zero),
            Limit: ReadKey(ref reader, Hash256.FromUInt256(UInt256.MaxValue)), Bytes: reader.ReadUInt64()), out var requestId, out var asked)) return null;

        var (state, accounts) = (StateOf(asked.Root), asked.Accounts);
        return EthMessage.Write(requestId, writer =>
        {
            var budget = new Budget(writer, asked.Bytes);
            var list = writer.StartList();
            IReadOnlyList<byte[]> first = [], second = [];
            for (var i = 0; state is not null && i < accounts.Length && i < SnapMessage.MostAccounts && budget.HasRoom; i++)
            {
                // Whoever asks for several begins only the first of them elsewhere than at its beginning.
                var from = i == 0 ? asked.Origin : Hash256.Zero;
                if (!state.TryGetAccount(accounts[i], out _)) break;
                var last = WriteSlots(writer, state, accounts[i], from, asked.Limit, budget, out var isWhole);
                if (isWhole && from.IsZero) continue;
                (first, second) = (state.Prove(accounts[i], from), last is { } some ? state.Prove(accounts[i], some) : []);
                break;
            }
            writer.EndList(list);
            WriteProof(writer, first, second);
        });
    }

    public byte[]? Codes(ReadOnlySpan<byte> body)
    {
        if (!TryRead(body, (ref RlpReader reader) => (Hashes: reader.ReadHashes(), Bytes: reader.ReadUInt64()), out var requestId, out var asked)) return null;

        var state = StateOf(chain.Head.Head.StateRoot);
        return EthMessage.Write(requestId, writer =>
        {
            var budget = new Budget(writer, asked.Bytes);
            var list = writer.StartList();
            foreach (var hash in asked.Hashes.Take(SnapMessage.MostCodes))
            {
                if (!budget.HasRoom) break;
                if (hash == Account.EmptyCodeHash) writer.Write([]);
                else if (state?.CodeOf(hash) is { } code) writer.Write(code);
            }
            writer.EndList(list);
        });
    }

    public byte[]? Nodes(ReadOnlySpan<byte> body)
    {
        if (!TryRead(body, (ref RlpReader reader) => (Root: reader.ReadHash(), Paths: ReadPaths(ref reader), Bytes: reader.ReadUInt64()), out var requestId, out var asked)) return null;

        var state = StateOf(asked.Root);
        return EthMessage.Write(requestId, writer =>
        {
            var budget = new Budget(writer, asked.Bytes);
            var list = writer.StartList();
            foreach (var (owner, path, depth) in asked.Paths.Take(SnapMessage.MostNodes))
            {
                if (state is null || !budget.HasRoom) break;
                if ((owner is { } account ? state.NodeAt(account, path, depth) : state.NodeAt(path, depth)) is { } node) writer.Write(node);
            }
            writer.EndList(list);
        });
    }

    delegate T RequestReader<T>(ref RlpReader reader);

    /// <summary>Reads a request: its id, and what is asked for.</summary>
    static bool TryRead<T>(ReadOnlySpan<byte> body, RequestReader<T> read, out ulong requestId, out T asked)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        (requestId, asked) = (reader.ReadUInt64(), read(ref reader));
        reader.LeaveList(end);
        reader.ExpectEnd();
        return !reader.Failed;
    }

    /// <summary>The paths asked for, those of storage tries with their account.</summary>
    static List<(Hash256? Owner, Hash256 Path, int Depth)> ReadPaths(ref RlpReader reader)
    {
        var paths = new List<(Hash256?, Hash256, int)>();
        for (var setsEnd = reader.EnterList(); reader.HasMore(setsEnd);)
        {
            var setEnd = reader.EnterList();
            var first = reader.ReadBytes();
            if (!reader.HasMore(setEnd))
            {
                if (SnapMessage.TryReadPath(first, out var path, out var depth)) paths.Add((null, path, depth));
                else reader.Fail("no path");
            }
            else if (first.Length != Hash256.Size) reader.Fail("storage of what is no account");
            else
            {
                var owner = Hash256.FromBytes(first);
                while (reader.HasMore(setEnd))
                    if (SnapMessage.TryReadPath(reader.ReadBytes(), out var path, out var depth)) paths.Add((owner, path, depth));
                    else reader.Fail("no path");
            }
            reader.LeaveList(setEnd);
            if (paths.Count > 4 * SnapMessage.MostNodes) reader.Fail("too many paths");
            if (reader.Failed) break;
        }
        return paths;
    }

    /// <returns>The last slot written; null where there was none.</returns>
    static Hash256? WriteSlots(RlpWriter writer, ServedState state, in Hash256 account, in Hash256 from, in Hash256 limit, Budget budget, out bool isWhole)
    {
        Hash256? last = null;
        isWhole = true;
        var list = writer.StartList();
        foreach (var (key, value) in state.Storage(account, from))
        {
            if (last is not null && (last >= limit || !budget.HasRoom))
            {
                isWhole = false;
                break;
            }
            var item = writer.StartList();
            writer.Write(key);
            writer.Write(value);
            writer.EndList(item);
            last = key;
        }
        writer.EndList(list);
        return last;
    }

    static void WriteProof(RlpWriter writer, IReadOnlyList<byte[]> first, IReadOnlyList<byte[]> second)
    {
        var list = writer.StartList();
        // Both ways begin at the root and part somewhere.
        foreach (var node in first) writer.Write(node);
        for (var i = 0; i < second.Count; i++)
            if (i >= first.Count || !first[i].AsSpan().SequenceEqual(second[i])) writer.Write(second[i]);
        writer.EndList(list);
    }

    static Hash256 ReadKey(ref RlpReader reader, in Hash256 absent)
    {
        var bytes = reader.ReadBytes();
        if (bytes.IsEmpty) return absent;
        if (bytes.Length == Hash256.Size) return Hash256.FromBytes(bytes);
        reader.Fail($"a key of {bytes.Length} bytes");
        return default;
    }

    ServedState? StateOf(in Hash256 root)
    {
        lock (_lock)
        {
            for (var at = _states.First; at is not null; at = at.Next)
            {
                if (at.Value.Block.StateRoot != root) continue;
                // Its turn to be dropped comes last; one that has grown old is not served any more.
                _states.Remove(at);
                if (chain.Head.Number > at.Value.Block.Number + SnapMessage.ServedBlocks) return null;
                _states.AddFirst(at);
                return at.Value;
            }
        }
        if (chain.Serve(root, SnapMessage.ServedBlocks) is not { } state) return null;
        lock (_lock)
        {
            _states.AddFirst(state);
            if (_states.Count > KeptStates) _states.RemoveLast();
        }
        return state;
    }

    /// <summary>What one answer may still cost.</summary>
    readonly struct Budget(RlpWriter writer, ulong bytes)
    {
        readonly long _began = Stopwatch.GetTimestamp();
        readonly int _most = (int)Math.Min(bytes, SnapMessage.MostAnsweredBytes);

        public bool HasRoom => writer.Length < _most && Stopwatch.GetElapsedTime(_began) < MostTime;
    }
}
