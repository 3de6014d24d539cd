using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Which block is meant: by number, by hash, or by what it is to the node.</summary>
public readonly struct BlockId : IEquatable<BlockId>
{
    readonly string? _text;
    readonly Hash256? _hash;

    BlockId(string text, Hash256? hash = null) => (_text, _hash) = (text, hash);

    public static BlockId Latest => new("latest");
    public static BlockId Pending => new("pending");
    public static BlockId Safe => new("safe");
    public static BlockId Finalized => new("finalized");
    public static BlockId Earliest => new("earliest");

    public static BlockId At(ulong number) => new(Hex.EncodeQuantity(number));

    public static BlockId At(in Hash256 hash) => new(hash.ToString(), hash);

    public static implicit operator BlockId(ulong number) => At(number);

    public static implicit operator BlockId(Hash256 hash) => At(hash);

    internal Hash256? Hash => _hash;

    /// <summary>As state methods take it (EIP-1898): a hash must be of the canonical chain, so that an answer never comes from a block left behind.</summary>
    internal JsonNode ToNode() => _hash is { } hash ? new JsonObject { ["blockHash"] = hash.ToString(), ["requireCanonical"] = true } : ToString();

    public bool Equals(BlockId other) => ToString() == other.ToString();
    public override bool Equals(object? obj) => obj is BlockId other && Equals(other);
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);
    public static bool operator ==(BlockId left, BlockId right) => left.Equals(right);
    public static bool operator !=(BlockId left, BlockId right) => !left.Equals(right);
    public override string ToString() => _text ?? "latest";
}
