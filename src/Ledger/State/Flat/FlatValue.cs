using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Accounts and storage values as the flat and history tables hold them.</summary>
static class FlatValue
{
    /// <summary>The most bytes an account takes: list header, nonce, balance, two hashes.</summary>
    public const int MaxAccount = 2 + 9 + 33 + 33 + 33;

    /// <summary>The account's RLP, with nothing in place of the hashes of an empty trie and of no code: 64 bytes less for most accounts.</summary>
    public static void WriteAccount(RlpWriter writer, in Account account)
    {
        var list = writer.StartList();
        writer.Write(account.Nonce);
        writer.Write(account.Balance);
        writer.Write(account.StorageRoot == Account.EmptyTrieRoot ? default : account.StorageRoot.Bytes);
        writer.Write(account.CodeHash == Account.EmptyCodeHash ? default : account.CodeHash.Bytes);
        writer.EndList(list);
    }

    public static Account ReadAccount(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        TryReadAccount(value, out var account) is { } why ? throw StoreFailure.Damaged(StateTables.Accounts, key, why) : account;

    /// <returns>What is wrong; null where nothing is.</returns>
    public static string? TryReadAccount(ReadOnlySpan<byte> value, out Account account)
    {
        var reader = new RlpReader(value);
        var end = reader.EnterList();
        var nonce = reader.ReadUInt64();
        var balance = reader.ReadUInt256();
        var storageRoot = ReadHashOr(ref reader, Account.EmptyTrieRoot);
        var codeHash = ReadHashOr(ref reader, Account.EmptyCodeHash);
        reader.LeaveList(end);
        reader.ExpectEnd();
        account = reader.Failed ? default : new Account(nonce, balance, storageRoot, codeHash);
        return reader.Error;
    }

    static Hash256 ReadHashOr(ref RlpReader reader, in Hash256 absent)
    {
        var bytes = reader.ReadBytes();
        if (bytes.IsEmpty) return absent;
        if (bytes.Length == Hash256.Size) return Hash256.FromBytes(bytes);
        reader.Fail($"a hash of {bytes.Length} bytes");
        return default;
    }

    /// <summary>The digits of a value, big-endian without leading zeros; nothing for zero.</summary>
    public static ReadOnlySpan<byte> WriteSlot(in UInt256 value, Span<byte> buffer32)
    {
        value.WriteBigEndian(buffer32);
        return buffer32[(32 - value.ByteLength)..];
    }

    public static UInt256 ReadSlot(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (value.Length > 32 || (value.Length > 0 && value[0] == 0))
            throw StoreFailure.Damaged(StateTables.Storage, key, "a storage value has at most 32 digits and no leading zero");
        return UInt256.FromBigEndian(value);
    }

    /// <summary>What the storage trie commits to: the RLP of the digits. Null for zero, which a trie never holds.</summary>
    public static byte[]? ToTrieValue(in UInt256 value)
    {
        if (value.IsZero) return null;
        Span<byte> buffer = stackalloc byte[32];
        var digits = WriteSlot(value, buffer);
        if (digits.Length == 1 && digits[0] < 0x80) return [digits[0]];
        var rlp = new byte[1 + digits.Length];
        rlp[0] = (byte)(0x80 + digits.Length);
        digits.CopyTo(rlp.AsSpan(1));
        return rlp;
    }

    /// <summary>What the account trie commits to (yellow paper, section 4.1).</summary>
    public static byte[] ToRlp(this in Account account)
    {
        using var writer = RlpWriter.Rent();
        account.Write(writer);
        return writer.ToArray();
    }
}
