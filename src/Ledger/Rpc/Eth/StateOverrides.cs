using System.Text.Json;
using Hufu.Evm;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A state with some accounts as a caller wishes them to be, for eth_call and its kin.</summary>
sealed class StateOverrides : IStateView
{
    readonly Dictionary<Address, Override> _accounts = [];
    readonly Dictionary<Hash256, byte[]> _codes = [];
    IStateView _below = null!;

    sealed class Override
    {
        public UInt256? Balance { get; set; }
        public ulong? Nonce { get; set; }
        public Hash256? CodeHash { get; set; }

        /// <summary>The whole storage, in place of what is stored.</summary>
        public Dictionary<UInt256, UInt256>? Storage { get; set; }
        public Dictionary<UInt256, UInt256>? StorageChanges { get; set; }

        public Address? MovePrecompileTo { get; set; }

        public bool ChangesState => Balance is not null || Nonce is not null || CodeHash is not null || Storage is not null || StorageChanges is not null;
    }

    public bool IsEmpty => _accounts.Count == 0;

    /// <summary>Reads the parameter, which may be absent; empty then.</summary>
    public static StateOverrides Read(ref Parameters parameters)
    {
        if (!parameters.NextOptionalObject("an object of addresses with overrides", out var reader)) return new StateOverrides();
        var overrides = Read(ref reader, out var why);
        if (why.Length > 0) parameters.Fail(why);
        return overrides;
    }

    /// <summary>Reads the object whose opening brace the reader stands on.</summary>
    public static StateOverrides Read(ref Utf8JsonReader reader, out string why)
    {
        var overrides = new StateOverrides();
        why = reader.TokenType == JsonTokenType.StartObject ? "" : "expected an object of addresses with overrides";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TryGetAddress(out var address, out why)) break;
            reader.Read();
            overrides._accounts[address] = overrides.ReadAccount(ref reader, out why);
        }
        return overrides;
    }

    /// <summary>Where the precompiles stand with the overrides in force: moved where the caller wants them, gone where an account is overridden.</summary>
    /// <param name="moved">Null where all stay where they are.</param>
    public RpcError? TryMovePrecompiles(PrecompileSet precompiles, out PrecompileSet? moved)
    {
        moved = null;
        List<Address> removed = [];
        List<(Address From, Address To)> moves = [];
        foreach (var (address, wished) in _accounts)
        {
            if (wished.MovePrecompileTo is { } target)
            {
                if (!precompiles.Contains(address)) return RpcError.Server($"account {address.ToChecksumString()} is not a precompile");
                if (target == address) return new RpcError(RpcError.PrecompileMovedToItselfCode, $"account {address.ToChecksumString()} is moved to itself: name another address");
                if (_accounts.ContainsKey(target)) return RpcError.Server($"account {target.ToChecksumString()} is already overridden");
                if (moves.Exists(move => move.To == target)) return new RpcError(RpcError.PrecompilesMovedToOneCode, $"two precompiles are moved to {target.ToChecksumString()}: give each its own address");
                moves.Add((address, target));
            }
            if (precompiles.Contains(address)) removed.Add(address);
        }
        if (removed.Count > 0) moved = precompiles.With(removed, moves);
        return null;
    }

    /// <summary>The overrides as a change of the state below them.</summary>
    public StateDiff ToDiff(IStateView below)
    {
        var diff = new StateDiff();
        foreach (var (hash, code) in _codes) diff.Codes[hash] = code;
        foreach (var (address, wished) in _accounts)
        {
            if (!wished.ChangesState) continue;
            if (!below.TryGetAccount(address, out var account)) account = Account.Empty;
            diff.Accounts[address] = new AccountDiff
            {
                Nonce = wished.Nonce ?? account.Nonce,
                Balance = wished.Balance ?? account.Balance,
                CodeHash = wished.CodeHash ?? account.CodeHash,
                StorageCleared = wished.Storage is not null,
                Storage = wished.Storage ?? wished.StorageChanges,
            };
        }
        return diff;
    }

    public IStateView Over(IStateView below)
    {
        _below = below;
        return this;
    }

    Override ReadAccount(ref Utf8JsonReader reader, out string why)
    {
        var account = new Override();
        why = reader.TokenType == JsonTokenType.StartObject ? "" : "expected an object";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            switch (name)
            {
                case "balance": if (reader.TryGetQuantity(out var balance, out why)) account.Balance = balance; break;
                case "nonce": if (reader.TryGetUInt64(out var nonce, out why)) account.Nonce = nonce; break;
                case "code": if (reader.TryGetData(out var code, out why)) account.CodeHash = Keep(code); break;
                case "state": account.Storage = ReadSlots(ref reader, out why); break;
                case "stateDiff": account.StorageChanges = ReadSlots(ref reader, out why); break;
                case "movePrecompileToAddress": if (reader.TryGetAddress(out var target, out why)) account.MovePrecompileTo = target; break;
                default: reader.Skip(); break;
            }
        }
        if (why.Length == 0 && account is { Storage: not null, StorageChanges: not null }) why = "an account has both 'state' and 'stateDiff'";
        return account;
    }

    Hash256 Keep(byte[] code)
    {
        var hash = Keccak256.Hash(code);
        _codes[hash] = code;
        return hash;
    }

    static Dictionary<UInt256, UInt256> ReadSlots(ref Utf8JsonReader reader, out string why)
    {
        var slots = new Dictionary<UInt256, UInt256>();
        why = reader.TokenType == JsonTokenType.StartObject ? "" : "expected an object of storage slots";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TryGetStorageKey(out var key, out why)) break;
            reader.Read();
            if (reader.TryGetStorageKey(out var value, out why)) slots[key.ToUInt256()] = value.ToUInt256();
        }
        return slots;
    }

    public bool TryGetAccount(in Address address, out Account account)
    {
        var exists = _below.TryGetAccount(address, out account);
        if (!_accounts.TryGetValue(address, out var wished)) return exists;
        if (!exists) account = Account.Empty;
        account = account with
        {
            Balance = wished.Balance ?? account.Balance,
            Nonce = wished.Nonce ?? account.Nonce,
            CodeHash = wished.CodeHash ?? account.CodeHash,
        };
        return true;
    }

    public UInt256 GetStorage(in Address address, in UInt256 slot)
    {
        if (!_accounts.TryGetValue(address, out var wished)) return _below.GetStorage(address, slot);
        if (wished.Storage is { } whole) return whole.GetValueOrDefault(slot);
        return wished.StorageChanges is { } changes && changes.TryGetValue(slot, out var value) ? value : _below.GetStorage(address, slot);
    }

    public bool HasStorage(in Address address)
    {
        if (!_accounts.TryGetValue(address, out var wished)) return _below.HasStorage(address);
        return (wished.Storage ?? wished.StorageChanges)?.Values.Any(value => !value.IsZero) == true || (wished.Storage is null && _below.HasStorage(address));
    }

    public byte[] GetCode(in Hash256 codeHash) => _codes.TryGetValue(codeHash, out var code) ? code : _below.GetCode(codeHash);
}
