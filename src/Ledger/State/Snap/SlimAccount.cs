using Hufu.Primitives;

namespace Hufu.State;

/// <summary>Accounts as `snap` and state files carry them: their RLP, with nothing in place of the hashes of an empty trie and of no code.</summary>
public static class SlimAccount
{
    public static byte[] Encode(in Account account)
    {
        using var writer = RlpWriter.Rent();
        FlatValue.WriteAccount(writer, account);
        return writer.ToArray();
    }

    /// <summary>False where the bytes are no account, or one that has another form as well.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> slim, out Account account) =>
        FlatValue.TryReadAccount(slim, out account) is null && Encode(account).AsSpan().SequenceEqual(slim);

    /// <summary>What the account trie commits to under the account's key.</summary>
    public static TrieEntry ToEntry(in Hash256 key, in Account account) => new(key, account.ToRlp());
}
