using Hufu.Primitives;
using Xunit;

namespace Hufu.State;

/// <summary>A state as plain dictionaries: what the real one is held against.</summary>
sealed class StateModel
{
    public sealed class ModelAccount
    {
        public ulong Nonce;
        public UInt256 Balance;
        public byte[] Code = [];
        public Dictionary<UInt256, UInt256> Storage = [];
    }

    public Dictionary<Address, ModelAccount> Accounts { get; } = [];

    public StateModel Copy()
    {
        var copy = new StateModel();
        foreach (var (address, account) in Accounts)
            copy.Accounts.Add(address, new ModelAccount { Nonce = account.Nonce, Balance = account.Balance, Code = account.Code, Storage = new(account.Storage) });
        return copy;
    }

    /// <summary>A transaction's difference, at random, applied to the model as it is made.</summary>
    public StateDiff Change(Random random, int addresses, int slots)
    {
        var diff = new StateDiff();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var address = Address.FromNumber((uint)random.Next(addresses));
            if (diff.Accounts.ContainsKey(address)) continue;
            diff.Accounts.Add(address, random.Next(6) == 0 ? Remove(address) : Write(random, diff, address, slots));
        }
        return diff;
    }

    AccountDiff Remove(Address address)
    {
        Accounts.Remove(address);
        return new AccountDiff { Exists = false };
    }

    AccountDiff Write(Random random, StateDiff diff, Address address, int slots)
    {
        var clears = random.Next(8) == 0;
        if (!Accounts.TryGetValue(address, out var account)) Accounts.Add(address, account = new ModelAccount());
        if (clears) account.Storage.Clear();
        account.Nonce += (ulong)random.Next(3);
        account.Balance = random.Next(4) == 0 ? UInt256.Zero : new UInt256((ulong)random.NextInt64());
        if (random.Next(5) == 0)
        {
            account.Code = new byte[random.Next(40)];
            random.NextBytes(account.Code);
            diff.Codes[Keccak256.Hash(account.Code)] = account.Code;
        }
        var change = new AccountDiff { Nonce = account.Nonce, Balance = account.Balance, CodeHash = Keccak256.Hash(account.Code), StorageCleared = clears };
        for (var i = random.Next(6); i > 0; i--)
        {
            UInt256 slot = (ulong)random.Next(slots);
            UInt256 value = random.Next(3) == 0 ? UInt256.Zero : random.Next(2) == 0 ? new UInt256((ulong)random.Next(300)) : new UInt256(1, 2, 3, (ulong)random.NextInt64());
            (change.Storage ??= [])[slot] = value;
            if (value.IsZero) account.Storage.Remove(slot);
            else account.Storage[slot] = value;
        }
        return change;
    }

    public Hash256 Root() => TrieRoot.Of(new SortedEntries(Accounts.Select(pair => (Keccak256.Hash(pair.Key.Bytes), RlpOf(pair.Value)))));

    static byte[] RlpOf(ModelAccount account)
    {
        using var writer = new RlpWriter();
        new Account(account.Nonce, account.Balance, RootOf(account.Storage), Keccak256.Hash(account.Code)).Write(writer);
        return writer.ToArray();
    }

    public static Hash256 RootOf(Dictionary<UInt256, UInt256> storage) =>
        TrieRoot.Of(new SortedEntries(storage.Select(pair => (Keccak256.Hash(Hash256.FromUInt256(pair.Key).Bytes), RlpOf(pair.Value)))));

    static byte[] RlpOf(UInt256 value)
    {
        using var writer = new RlpWriter();
        writer.Write(value);
        return writer.ToArray();
    }

    /// <summary>The view answers every question, about what is there and what is not, as the model does.</summary>
    public void AssertSame(IStateView view, int addresses, int slots)
    {
        for (uint number = 0; number < addresses; number++)
        {
            var address = Address.FromNumber(number);
            var exists = view.TryGetAccount(address, out var account);
            Assert.Equal(Accounts.ContainsKey(address), exists);
            if (exists)
            {
                var expected = Accounts[address];
                Assert.Equal((expected.Nonce, expected.Balance, Keccak256.Hash(expected.Code)), (account.Nonce, account.Balance, account.CodeHash));
                Assert.Equal(expected.Code, view.GetCode(account.CodeHash));
            }
            Assert.Equal(exists && Accounts[address].Storage.Count > 0, view.HasStorage(address));
            for (var slot = 0; slot < slots; slot++)
            {
                UInt256 expected = exists && Accounts[address].Storage.TryGetValue((ulong)slot, out var value) ? value : UInt256.Zero;
                Assert.Equal(expected, view.GetStorage(address, (ulong)slot));
            }
        }
    }

    public sealed class SortedEntries : ITrieEntries
    {
        readonly (Hash256 Key, byte[] Value)[] _entries;

        public SortedEntries(IEnumerable<(Hash256 Key, byte[] Value)> entries) => _entries = [.. entries.OrderBy(entry => entry.Key)];

        public int Count => _entries.Length;
        public ReadOnlySpan<byte> Key(int position) => _entries[position].Key.Bytes;
        public void WriteValue(int position, RlpWriter writer) => writer.WriteRaw(_entries[position].Value);
    }
}
