using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>"I hold this proposal for good": <c>[height, round, digest]</c>.</summary>
public sealed class Prepare : QbftMessage
{
    Prepare(ulong height, uint round, in Hash256 digest, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
        : base(height, round, payload, signature) => Digest = digest;

    public override QbftCode Code => QbftCode.Prepare;
    public Hash256 Digest { get; }

    public static Prepare Sign(QbftKey key, ulong height, uint round, in Hash256 digest)
    {
        var payload = PayloadOf(height, round, digest);
        var prepare = new Prepare(height, round, digest, payload, key.Sign(SigningHashOf(QbftCode.Prepare, payload)));
        prepare.Encoded = prepare.EncodeSigned();
        return prepare;
    }

    public static byte[] PayloadOf(ulong height, uint round, in Hash256 digest)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        writer.Write(digest);
        writer.EndList(list);
        return writer.ToArray();
    }

    internal static Prepare? Read(ref RlpReader reader, ReadOnlyMemory<byte> bytes)
    {
        var at = EnterSigned(ref reader, out var height, out var round);
        var digest = reader.ReadHash();
        LeaveSigned(ref reader, bytes, at, out var payload, out var signature);
        return reader.Failed ? null : new Prepare(height, round, digest, payload, signature);
    }
}

/// <summary>"A quorum prepared it, and here is my seal": <c>[height, round, digest, commit seal]</c>.</summary>
public sealed class Commit : QbftMessage
{
    Commit(ulong height, uint round, in Hash256 digest, ReadOnlyMemory<byte> seal, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature)
        : base(height, round, payload, signature) => (Digest, Seal) = (digest, seal);

    public override QbftCode Code => QbftCode.Commit;
    public Hash256 Digest { get; }
    public ReadOnlyMemory<byte> Seal { get; }

    public static Commit Sign(QbftKey key, ulong height, uint round, in Hash256 digest)
    {
        return Sign(key, height, round, digest, key.Sign(digest));
    }

    internal static Commit Sign(QbftKey key, ulong height, uint round, in Hash256 digest, byte[] seal)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(height);
        writer.Write((ulong)round);
        writer.Write(digest);
        writer.Write(seal);
        writer.EndList(list);
        var payload = writer.ToArray();
        var commit = new Commit(height, round, digest, seal, payload, key.Sign(SigningHashOf(QbftCode.Commit, payload)));
        commit.Encoded = commit.EncodeSigned();
        return commit;
    }

    /// <summary>Whether the seal is the author's own over the digest.</summary>
    public bool HasOwnSeal => QbftKey.TryRecover(Digest, Seal.Span, out var sealer) && sealer == Author;

    internal static Commit? Read(ref RlpReader reader, ReadOnlyMemory<byte> bytes)
    {
        var at = EnterSigned(ref reader, out var height, out var round);
        var digest = reader.ReadHash();
        var seal = reader.ReadMemory();
        if (!reader.Failed && seal.Length != QbftExtraData.SealSize) reader.Fail($"a commit seal has {QbftExtraData.SealSize} bytes");
        LeaveSigned(ref reader, bytes, at, out var payload, out var signature);
        return reader.Failed ? null : new Commit(height, round, digest, seal, payload, signature);
    }
}
