namespace Hufu.Primitives;

/// <summary>What the state holds for one address (yellow paper, section 4.1).</summary>
/// <param name="StorageRoot">The root of the account's storage trie as of the last state root computed: inside a block it lags behind writes.</param>
public readonly record struct Account(ulong Nonce, UInt256 Balance, Hash256 StorageRoot, Hash256 CodeHash)
{
    /// <summary>Keccak-256 of no bytes: the code hash of an account without code.</summary>
    public static readonly Hash256 EmptyCodeHash = Keccak256.OfNothing;

    /// <summary>The root of an empty Merkle Patricia trie: Keccak-256 of the RLP of the empty string.</summary>
    public static readonly Hash256 EmptyTrieRoot = Hash256.Parse("0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

    public static readonly Account Empty = new(0, UInt256.Zero, EmptyTrieRoot, EmptyCodeHash);

    public bool HasCode => CodeHash != EmptyCodeHash;

    /// <summary>Empty as EIP-161 means it: no nonce, no balance, no code.</summary>
    public bool IsEmpty => Nonce == 0 && Balance.IsZero && !HasCode;

    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.Write(Nonce);
        writer.Write(Balance);
        writer.Write(StorageRoot);
        writer.Write(CodeHash);
        writer.EndList(list);
    }

    public static Account Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var account = new Account(reader.ReadUInt64(), reader.ReadUInt256(), reader.ReadHash(), reader.ReadHash());
        reader.LeaveList(end);
        return account;
    }
}
