using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Consensus;

/// <summary>The ids of messages in the sub-protocol <c>istanbul/100</c>.</summary>
public enum QbftCode : byte
{
    Proposal = 0x12,
    Prepare = 0x13,
    Commit = 0x14,
    RoundChange = 0x15,
}

/// <summary>
/// What a validator says: a payload and a signature over it. The payload's bytes are kept as they came, because the signature covers them and two dialects write them
/// differently. Who signed is found when first asked: cheap checks come first.
/// </summary>
public abstract class QbftMessage
{
    // A message carries a block at most a few times the largest that the fork allows.
    public const int MaxSizeBytes = 16 << 20;

    bool _isRecovered;
    Address? _author;
    Hash256? _hash;

    private protected QbftMessage(ulong height, uint round, ReadOnlyMemory<byte> payload, ReadOnlyMemory<byte> signature) =>
        (Height, Round, Payload, Signature) = (height, round, payload, signature);

    public abstract QbftCode Code { get; }
    public ulong Height { get; }
    public uint Round { get; }
    public ReadOnlyMemory<byte> Payload { get; }
    public ReadOnlyMemory<byte> Signature { get; }

    /// <summary>The message as it travels.</summary>
    public ReadOnlyMemory<byte> Encoded { get; private protected set; }

    /// <summary>Keccak-256 of code and payload: what was signed, and so what two messages of one author must not differ in.</summary>
    public Hash256 SigningHash => _hash ??= SigningHashOf(Code, Payload.Span);

    /// <summary>Who signed; null where the signature is nobody's.</summary>
    public Address? Author
    {
        get
        {
            if (_isRecovered) return _author;
            _author = QbftKey.TryRecover(SigningHash, Signature.Span, out var author) ? author : null;
            _isRecovered = true;
            return _author;
        }
    }

    public static Hash256 SigningHashOf(QbftCode code, ReadOnlySpan<byte> payload)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write((ulong)code);
        writer.WriteRaw(payload);
        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }

    /// <summary>Payload and signature alone, as other messages carry them.</summary>
    public void WriteSigned(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.WriteRaw(Payload.Span);
        writer.Write(Signature.Span);
        writer.EndList(list);
    }

    public static bool TryDecode(byte code, ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out QbftMessage? message, [NotNullWhen(false)] out Refusal? refusal)
    {
        message = null;
        refusal = bytes.Length > MaxSizeBytes ? new Refusal("a QBFT message is too large", $"it has {bytes.Length} bytes, at most {MaxSizeBytes} are read") : null;
        if (refusal is not null) return false;
        var reader = new RlpReader(bytes);
        message = (QbftCode)code switch
        {
            QbftCode.Proposal => Proposal.Read(ref reader, bytes),
            QbftCode.Prepare => Prepare.Read(ref reader, bytes),
            QbftCode.Commit => Commit.Read(ref reader, bytes),
            QbftCode.RoundChange => RoundChange.Read(ref reader, bytes),
            _ => null,
        };
        reader.ExpectEnd();
        if (message is not null && !reader.Failed)
        {
            message.Encoded = bytes;
            return true;
        }
        message = null;
        refusal = new Refusal("a QBFT message cannot be decoded", reader.Error ?? $"no message has the code 0x{code:x2}");
        return false;
    }

    /// <summary>Steps into a signed payload: the offset where the payload begins, and the ends of both lists.</summary>
    private protected static (int Start, int SignedEnd, int PayloadEnd) EnterSigned(ref RlpReader reader, out ulong height, out uint round)
    {
        var signedEnd = reader.EnterList();
        var start = reader.Position;
        var payloadEnd = reader.EnterList();
        height = reader.ReadUInt64();
        var wide = reader.ReadUInt64();
        if (wide > int.MaxValue) reader.Fail("a round beyond 31 bits");
        round = (uint)wide;
        return (start, signedEnd, payloadEnd);
    }

    private protected static void LeaveSigned(ref RlpReader reader, ReadOnlyMemory<byte> bytes, in (int Start, int SignedEnd, int PayloadEnd) at, out ReadOnlyMemory<byte> payload, out ReadOnlyMemory<byte> signature)
    {
        reader.LeaveList(at.PayloadEnd);
        payload = reader.Failed ? default : bytes[at.Start..reader.Position];
        signature = reader.ReadMemory();
        if (!reader.Failed && signature.Length != QbftExtraData.SealSize) reader.Fail($"a signature has {QbftExtraData.SealSize} bytes");
        reader.LeaveList(at.SignedEnd);
    }

    // The longest list of signed messages a certificate may carry is one of each validator.
    private protected static List<T> ReadList<T>(ref RlpReader reader, ReadOnlyMemory<byte> bytes, Reading<T> read) where T : QbftMessage
    {
        var end = reader.EnterList();
        var list = new List<T>();
        while (reader.HasMore(end))
        {
            if (list.Count == QbftExtraData.MaxValidators) { reader.Fail("a certificate of more messages than there can be validators"); break; }
            if (read(ref reader, bytes) is not { } item) break;
            list.Add(item);
        }
        reader.LeaveList(end);
        return list;
    }

    private protected delegate T? Reading<T>(ref RlpReader reader, ReadOnlyMemory<byte> bytes);

    private protected static QbftBlock? ReadBlock(ref RlpReader reader)
    {
        var block = Block.Read(ref reader);
        if (reader.Failed) return null;
        if (QbftBlock.TryMake(block, out var made)) return made;
        reader.Fail("a block without QBFT's extra data");
        return null;
    }

    private protected static void WriteList(RlpWriter writer, IReadOnlyList<QbftMessage> messages)
    {
        var list = writer.StartList();
        foreach (var message in messages) message.WriteSigned(writer);
        writer.EndList(list);
    }

    private protected byte[] EncodeSigned()
    {
        using var writer = RlpWriter.Rent();
        WriteSigned(writer);
        return writer.ToArray();
    }
}
