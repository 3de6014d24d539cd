using System.Diagnostics.CodeAnalysis;

namespace Hufu.Primitives;

/// <summary>
/// Every account and slot that a block met, and what each of its steps left in them (EIP-7928), in ascending order of address. The header
/// commits to it; it travels beside the block and not in it.
/// </summary>
public sealed class BlockAccessList
{
    /// <summary>How much of the block's gas limit each account and each slot takes up: their number is bounded by gas limit / this.</summary>
    public const ulong GasPerItem = 2_000;

    // An account: a list header, an address with its header, and five lists.
    const int LeastAccountBytes = 1 + 21 + 5;

    public static readonly BlockAccessList Empty = new([]);

    object? _hash;

    /// <param name="accounts">In ascending order of address, each once.</param>
    public BlockAccessList(IReadOnlyList<AccountChanges> accounts) => Accounts = accounts;

    public IReadOnlyList<AccountChanges> Accounts { get; }

    /// <summary>Keccak-256 of the RLP: what the header states.</summary>
    public Hash256 Hash => (Hash256)(_hash ??= ComputeHash());

    /// <summary>Accounts and slots together.</summary>
    public long ItemCount => Accounts.Sum(account => (long)account.ItemCount);

    /// <summary>The last step of the block that any change tells of; 0 where there is no change.</summary>
    public uint LastIndex => Accounts.Select(LastIndexOf).DefaultIfEmpty().Max();

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        Write(writer);
        return writer.ToArray();
    }

    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        foreach (var account in Accounts) account.Write(writer);
        writer.EndList(list);
    }

    /// <summary>Reads a list in its one canonical form: everything in its order, nothing twice.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> rlp, [NotNullWhen(true)] out BlockAccessList? accessList, [NotNullWhen(false)] out Refusal? refusal)
    {
        var reader = new RlpReader(rlp);
        accessList = Read(ref reader);
        reader.ExpectEnd();
        refusal = reader.Error is { } why ? new Refusal("rlp: the block access list cannot be decoded", why) : null;
        if (refusal is not null) accessList = null;
        return accessList is not null;
    }

    public static BlockAccessList Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var accounts = new AccountChanges[reader.CountItems(end, LeastAccountBytes)];
        for (var i = 0; i < accounts.Length && !reader.Failed; i++)
        {
            accounts[i] = AccountChanges.Read(ref reader);
            if (!reader.Failed && i > 0 && accounts[i].Address.CompareTo(accounts[i - 1].Address) <= 0) reader.Fail("accounts are not in ascending order of address");
        }
        reader.LeaveList(end);
        return new BlockAccessList(reader.Failed ? [] : accounts);
    }

    static uint LastIndexOf(AccountChanges account)
    {
        var last = Math.Max(Last(account.BalanceChanges), Math.Max(Last(account.NonceChanges), Last(account.CodeChanges)));
        foreach (var slot in account.StorageChanges) last = Math.Max(last, Last(slot.Changes));
        return last;
    }

    static uint Last<T>(IReadOnlyList<IndexedChange<T>> changes) => changes.Count == 0 ? 0 : changes[^1].Index;

    Hash256 ComputeHash()
    {
        using var writer = RlpWriter.Rent();
        Write(writer);
        return Keccak256.Hash(writer.Written);
    }
}
