using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>One text of a node list in DNS (EIP-1459). Each but the root is found under the hash of its own text, so that a signed root vouches for all.</summary>
abstract record NodeTreeEntry
{
    const string RootPrefix = "enrtree-root:v1", BranchPrefix = "enrtree-branch:", RecordPrefix = "enr:";
    const int NameBytes = 16, LeastNameBytes = 12, MostNameBytes = 32, SignatureBytes = 65;

    /// <summary>So many names fit into an answer over UDP of 512 bytes.</summary>
    public const int UsualChildren = 13;

    const int MostChildren = 512;

    /// <param name="Records">The name of the tree of node records.</param>
    /// <param name="Links">The name of the tree of links to other lists.</param>
    public sealed record Root(string Records, string Links, ulong Sequence, byte[] Signature) : NodeTreeEntry
    {
        public override string ToString() => $"{Content} sig={Base64Url.EncodeToString(Signature)}";

        /// <summary>Whether the owner of the list signed this.</summary>
        public bool IsSignedBy(NodeId key)
        {
            Span<byte> signer = stackalloc byte[NodeId.Size];
            return Signature.Length == SignatureBytes && Signature[^1] < 4
                && Secp256k1.TryRecover(Keccak256.Hash(Encoding.ASCII.GetBytes(Content)).Bytes, Signature.AsSpan(0, Secp256k1.SignatureSize), Signature[^1], signer) && signer.SequenceEqual(key.Bytes);
        }

        public Root SignedBy(NodeKey key)
        {
            var signature = new byte[SignatureBytes];
            key.Sign(Keccak256.Hash(Encoding.ASCII.GetBytes(Content)).Bytes, signature);
            return this with { Signature = signature };
        }

        string Content => string.Create(CultureInfo.InvariantCulture, $"{RootPrefix} e={Records} l={Links} seq={Sequence}");
    }

    public sealed record Branch(IReadOnlyList<string> Children) : NodeTreeEntry
    {
        public override string ToString() => BranchPrefix + string.Join(',', Children);
    }

    public sealed record Link(NodeListUrl Url) : NodeTreeEntry
    {
        public override string ToString() => Url.ToString();
    }

    public sealed record Leaf(NodeRecord Record) : NodeTreeEntry
    {
        public override string ToString() => Record.ToString();
    }

    /// <summary>Null for what is no entry.</summary>
    public static NodeTreeEntry? Parse(string text)
    {
        if (text.StartsWith(RecordPrefix, StringComparison.Ordinal)) return NodeRecord.TryParse(text, out var record) ? new Leaf(record) : null;
        if (text.StartsWith(BranchPrefix, StringComparison.Ordinal)) return ParseBranch(text[BranchPrefix.Length..]);
        if (NodeListUrl.TryParse(text, out var url)) return new Link(url);
        return text.StartsWith(RootPrefix, StringComparison.Ordinal) ? ParseRoot(text) : null;
    }

    /// <summary>The name under which an entry is found: the first half of its hash.</summary>
    public static string NameOf(string text) => Base32.Encode(Keccak256.Hash(Encoding.ASCII.GetBytes(text)).Bytes[..NameBytes]);

    /// <summary>Whether a text is what this name stands for.</summary>
    public static bool IsNamed(string text, string name) =>
        IsName(name) && Base32.TryDecode(name, out var prefix) && text.All(char.IsAscii) && Keccak256.Hash(Encoding.ASCII.GetBytes(text)).Bytes[..prefix.Length].SequenceEqual(prefix);

    static Branch? ParseBranch(string list)
    {
        var children = list.Length == 0 ? [] : list.Split(',');
        return children.Length <= MostChildren && children.All(IsName) ? new Branch(children) : null;
    }

    static Root? ParseRoot(string text)
    {
        var parts = text.Split(' ');
        if (parts.Length != 5 || parts[0] != RootPrefix || Part(1, "e=") is not { } records || Part(2, "l=") is not { } links || Part(3, "seq=") is not { } number || Part(4, "sig=") is not { } signature) return null;
        if (!IsName(records) || !IsName(links) || !ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) || number != sequence.ToString(CultureInfo.InvariantCulture)) return null;
        var bytes = new byte[SignatureBytes];
        return Base64Url.IsValid(signature, out var length) && length == SignatureBytes && Base64Url.TryDecodeFromChars(signature, bytes, out _) ? new Root(records, links, sequence, bytes) : null;

        string? Part(int at, string name) => parts[at].StartsWith(name, StringComparison.Ordinal) ? parts[at][name.Length..] : null;
    }

    static bool IsName(string name) => name.Length is >= LeastNameBytes * 8 / 5 and <= (MostNameBytes * 8 + 4) / 5 && Base32.TryDecode(name, out var bytes) && bytes.Length is >= LeastNameBytes and <= MostNameBytes;
}
