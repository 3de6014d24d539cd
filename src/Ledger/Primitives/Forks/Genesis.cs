using System.Text.Json;

namespace Hufu.Primitives;

/// <summary>The first block of a network and the state it starts from, with the network's fork schedule. Made from JSON by <see cref="GenesisJson"/>.</summary>
public sealed record Genesis
{
    /// <summary>EIP-1559, INITIAL_BASE_FEE.</summary>
    static readonly UInt256 InitialBaseFee = 1_000_000_000;

    public ForkSchedule Schedule { get; init; } = ForkSchedule.Always(Fork.Frontier);

    public IReadOnlyDictionary<Address, GenesisAccount> Alloc { get; init; } = new Dictionary<Address, GenesisAccount>();

    public Hash256 ParentHash { get; init; }
    public Address Beneficiary { get; init; }
    public UInt256 Difficulty { get; init; }
    public ulong Number { get; init; }
    public ulong GasLimit { get; init; }
    public ulong GasUsed { get; init; }
    public ulong Timestamp { get; init; }
    public ReadOnlyMemory<byte> ExtraData { get; init; }
    public Hash256 PrevRandao { get; init; }
    public ulong Nonce { get; init; }

    /// <summary>Null takes the default of the fork, as for the three below. A value whose fork is not in force in the genesis block is not used.</summary>
    public UInt256? BaseFeePerGas { get; init; }
    public ulong? BlobGasUsed { get; init; }
    public ulong? ExcessBlobGas { get; init; }
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>The file's <c>config</c> object as it was written, for the consensus that has a section of its own in it (<c>qbft</c>, <c>clique</c>, <c>ethash</c>); null where the file had none.</summary>
    public JsonElement? Config { get; init; }

    /// <summary>The rules that shape the genesis header.</summary>
    public ForkRules Rules => Schedule.RulesOfGenesis(Number, Timestamp);

    /// <summary>The genesis header over a state whose root is known, with exactly the fields of the fork in force.</summary>
    public Header ToHeader(in Hash256 stateRoot)
    {
        var rules = Rules;
        return new Header
        {
            ParentHash = ParentHash,
            Beneficiary = Beneficiary,
            StateRoot = stateRoot,
            Difficulty = Difficulty,
            Number = Number,
            GasLimit = GasLimit,
            GasUsed = GasUsed,
            Timestamp = Timestamp,
            ExtraData = ExtraData,
            PrevRandao = PrevRandao,
            Nonce = Nonce,
            BaseFeePerGas = rules.Has(Eip.BaseFee) ? BaseFeePerGas ?? InitialBaseFee : null,
            WithdrawalsRoot = rules.Has(Eip.Withdrawals) ? Account.EmptyTrieRoot : null,
            BlobGasUsed = rules.Has(Eip.BlobTransactions) ? BlobGasUsed ?? 0 : null,
            ExcessBlobGas = rules.Has(Eip.BlobTransactions) ? ExcessBlobGas ?? 0 : null,
            ParentBeaconBlockRoot = rules.Has(Eip.BeaconRoot) ? ParentBeaconBlockRoot ?? Hash256.Zero : null,
            RequestsHash = rules.Has(Eip.GeneralRequests) ? Requests.EmptyHash : null,
            BlockAccessListHash = rules.Has(Eip.BlockAccessLists) ? BlockAccessList.Empty.Hash : null,
            SlotNumber = rules.Has(Eip.SlotNumber) ? 0 : null,
        };
    }

    public Block ToBlock(in Hash256 stateRoot)
    {
        var header = ToHeader(stateRoot);
        return new Block(header, [], [], header.WithdrawalsRoot is null ? null : []);
    }

    /// <summary>The block of this genesis, its state root computed here.</summary>
    public Block ToBlock() => ToBlock(ComputeStateRoot());

    /// <summary>The root of the state trie over <see cref="Alloc"/>: every account as given, empty ones too.</summary>
    public Hash256 ComputeStateRoot() => TrieRoot.Of(new AccountEntries(Alloc));

    /// <summary>The genesis state as a change of an empty world.</summary>
    public StateDiff ToStateDiff()
    {
        var diff = new StateDiff();
        foreach (var (address, account) in Alloc)
        {
            var codeHash = account.CodeHash;
            if (!account.Code.IsEmpty) diff.Codes[codeHash] = account.Code.ToArray();
            diff.Accounts[address] = new AccountDiff
            {
                Nonce = account.Nonce,
                Balance = account.Balance,
                CodeHash = codeHash,
                Storage = account.Storage.Count == 0 ? null : new Dictionary<UInt256, UInt256>(account.Storage.Where(slot => !slot.Value.IsZero)),
            };
        }
        return diff;
    }

    sealed class AccountEntries : ITrieEntries
    {
        readonly (Hash256 Key, Account Account)[] _accounts;

        public AccountEntries(IReadOnlyDictionary<Address, GenesisAccount> alloc)
        {
            _accounts = [.. alloc.Select(entry => (Keccak256.Hash(entry.Key.Bytes), entry.Value.ToAccount()))];
            Array.Sort(_accounts, (left, right) => left.Key.CompareTo(right.Key));
        }

        public int Count => _accounts.Length;
        public ReadOnlySpan<byte> Key(int position) => _accounts[position].Key.Bytes;
        public void WriteValue(int position, RlpWriter writer) => _accounts[position].Account.Write(writer);
    }
}
