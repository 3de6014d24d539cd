using System.Collections.Concurrent;
using System.Globalization;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Rpc;

/// <summary>
/// The state of another chain as of one block, read account by account as it is asked for, and kept: in memory, and in a store that the next start
/// finds again. A block's state never changes, so that nothing kept grows old.
/// </summary>
public sealed class ForkOrigin : IStateView, IDisposable
{
    /// <summary>Address → nonce, balance and code hash; empty where there is no account.</summary>
    static readonly Table Accounts = new(1, "fork-accounts");

    /// <summary>Address · slot → the digits of the value.</summary>
    static readonly Table Slots = new(2, "fork-slots");

    /// <summary>Code hash → code.</summary>
    static readonly Table Codes = new(3, "fork-codes");

    /// <summary>Block number → hash.</summary>
    static readonly Table Hashes = new(4, "fork-hashes");

    /// <summary>The tables of the store that is given to a new one.</summary>
    public static IReadOnlyList<Table> Tables { get; } = [Accounts, Slots, Codes, Hashes];

    readonly RemoteChain _remote;
    readonly IKeyValueStore _store;
    readonly string _block;
    readonly ConcurrentDictionary<Address, Account?> _accounts = [];
    readonly ConcurrentDictionary<(Address, UInt256), UInt256> _slots = [];
    readonly ConcurrentDictionary<Hash256, byte[]> _codes = [];
    readonly ConcurrentDictionary<ulong, Hash256> _hashes = [];
    readonly Lock _writing = new();

    /// <param name="store">Holds answers for this block of this chain only.</param>
    public ForkOrigin(RemoteChain remote, IKeyValueStore store, ulong block) =>
        (_remote, _store, _block) = (remote, store, string.Create(CultureInfo.InvariantCulture, $"\"0x{block:x}\""));

    public bool TryGetAccount(in Address address, out Account account)
    {
        if (!_accounts.TryGetValue(address, out var known)) _accounts[address] = known = KeptAccount(address) ?? FetchAccount(address);
        account = known ?? default;
        return known is { IsEmpty: false };
    }

    public UInt256 GetStorage(in Address address, in UInt256 slot)
    {
        if (_slots.TryGetValue((address, slot), out var known)) return known;
        Span<byte> key = stackalloc byte[Address.Size + 32];
        address.Bytes.CopyTo(key);
        slot.WriteBigEndian(key[Address.Size..]);
        if (_store.Get(Slots, key) is { } kept) return _slots[(address, slot)] = UInt256.FromBigEndian(kept);

        // Nothing is stored where no contract stands; that saves a question for each slot of an account made here.
        var value = TryGetAccount(address, out var account) && account.HasCode
            ? UInt256.FromBigEndian(RemoteJson.Data(_remote.Ask("eth_getStorageAt", $"[\"{address}\",\"{Hash256.FromUInt256(slot)}\",{_block}]"))) : UInt256.Zero;
        Span<byte> digits = stackalloc byte[32];
        value.WriteBigEndian(digits);
        Put(Slots, key, digits);
        return _slots[(address, slot)] = value;
    }

    /// <summary>Not known of an account on another node; told as false, since an account with storage has a nonce or code as well.</summary>
    public bool HasStorage(in Address address) => false;

    public byte[] GetCode(in Hash256 codeHash) => _codes.TryGetValue(codeHash, out var code) ? code
        : _store.Get(Codes, codeHash.Bytes) is { } kept ? _codes[codeHash] = kept : [];

    /// <summary>The hash of a block up to the one forked from.</summary>
    public Hash256 HashOf(ulong number)
    {
        if (_hashes.TryGetValue(number, out var known)) return known;
        Span<byte> key = stackalloc byte[sizeof(ulong)];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64BigEndian(key, number);
        if (_store.Get(Hashes, key) is { } kept) return _hashes[number] = Hash256.FromBytes(kept);
        var block = _remote.Ask("eth_getBlockByNumber", string.Create(CultureInfo.InvariantCulture, $"[\"0x{number:x}\",false]"));
        if (block.ValueKind != System.Text.Json.JsonValueKind.Object) return Hash256.Zero;
        var hash = Hash256.FromBytes(RemoteJson.Data(block.GetProperty("hash")));
        Put(Hashes, key, hash.Bytes);
        return _hashes[number] = hash;
    }

    Account? KeptAccount(in Address address)
    {
        if (_store.Get(Accounts, address.Bytes) is not { } kept) return null;
        var reader = new RlpReader(kept);
        var end = reader.EnterList();
        var account = new Account(reader.ReadUInt64(), reader.ReadUInt256(), Account.EmptyTrieRoot, reader.ReadHash());
        reader.LeaveList(end);
        return reader.Failed ? null : account;
    }

    Account FetchAccount(in Address address)
    {
        var parameters = $"[\"{address}\",{_block}]";
        var answers = _remote.AskAll([("eth_getBalance", parameters), ("eth_getTransactionCount", parameters), ("eth_getCode", parameters)]);
        var code = RemoteJson.Data(answers[2]);
        var account = new Account(RemoteJson.Number(answers[1]), RemoteJson.Quantity(answers[0]), Account.EmptyTrieRoot, Keccak256.Hash(code));
        if (code.Length > 0) Put(Codes, account.CodeHash.Bytes, _codes[account.CodeHash] = code);
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(account.Nonce);
        writer.Write(account.Balance);
        writer.Write(account.CodeHash);
        writer.EndList(list);
        Put(Accounts, address.Bytes, writer.Written);
        return account;
    }

    void Put(Table table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var batch = new WriteBatch();
        batch.Put(table, key, value);
        // What a crash loses of this is asked for again.
        lock (_writing) _store.Commit(batch, sync: false);
    }

    public void Dispose() => _store.Dispose();
}
