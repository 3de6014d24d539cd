namespace Hufu.Primitives;

/// <summary>What a genesis gives one address. Slots that hold zero count as not stored.</summary>
public sealed record GenesisAccount
{
    static readonly Dictionary<UInt256, UInt256> NoStorage = [];

    public ulong Nonce { get; init; }
    public UInt256 Balance { get; init; }
    public ReadOnlyMemory<byte> Code { get; init; }
    public IReadOnlyDictionary<UInt256, UInt256> Storage { get; init; } = NoStorage;

    public Hash256 CodeHash => Code.IsEmpty ? Account.EmptyCodeHash : Keccak256.Hash(Code.Span);

    /// <summary>The account as the state trie holds it.</summary>
    public Account ToAccount() => new(Nonce, Balance, StorageRoot(), CodeHash);

    Hash256 StorageRoot()
    {
        if (Storage.Count == 0) return Account.EmptyTrieRoot;
        return TrieRoot.Of(new StorageEntries(Storage));
    }

    sealed class StorageEntries : ITrieEntries
    {
        readonly List<(Hash256 Key, UInt256 Value)> _slots = [];

        public StorageEntries(IReadOnlyDictionary<UInt256, UInt256> storage)
        {
            foreach (var (slot, value) in storage)
                if (!value.IsZero) _slots.Add((Keccak256.Hash(Hash256.FromUInt256(slot).Bytes), value));
            _slots.Sort((left, right) => left.Key.CompareTo(right.Key));
        }

        public int Count => _slots.Count;
        public ReadOnlySpan<byte> Key(int position) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_slots)[position].Key.Bytes;
        public void WriteValue(int position, RlpWriter writer) => writer.Write(_slots[position].Value);
    }
}
