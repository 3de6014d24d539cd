using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>
/// A signed transaction of any type (EIP-2718), immutable. Members that a type lacks answer with what the type means:
/// a legacy transaction's <see cref="MaxFeePerGas"/> and <see cref="MaxPriorityFeePerGas"/> both are its gas price.
/// Decoding checks form only; whether it may run is decided by whoever admits it.
/// </summary>
public abstract class Transaction
{
    /// <summary>2^64 - 1 itself is refused as a nonce (EIP-2681).</summary>
    public const ulong MaxNonce = ulong.MaxValue - 1;

    // Boxed, so that threads that compute them at once race for a reference and never see half a value.
    object? _hash;
    byte[]? _encoded;
    UInt256 _r, _s;
    ulong _yParity;

    /// <summary>Who signed, once <c>SenderRecovery</c> has found it out: a transaction on its way through pool, builder and import is recovered once.</summary>
    internal StrongBox<Address>? RecoveredSender;

    public abstract TransactionType Type { get; }

    /// <summary>Null only for a legacy transaction signed without replay protection (before EIP-155).</summary>
    public virtual ulong? ChainId { get; init; }
    public ulong Nonce { get; init; }
    public ulong GasLimit { get; init; }

    /// <summary>Null creates a contract.</summary>
    public Address? To { get; init; }
    public UInt256 Value { get; init; }
    public ReadOnlyMemory<byte> Data { get; init; }

    public abstract UInt256 MaxFeePerGas { get; init; }
    public abstract UInt256 MaxPriorityFeePerGas { get; init; }
    public IReadOnlyList<AccessListEntry> AccessList { get; init; } = [];
    public virtual UInt256 MaxFeePerBlobGas { get => UInt256.Zero; init => throw new NotSupportedException(); }
    public IReadOnlyList<Hash256> BlobVersionedHashes { get; init; } = [];
    public IReadOnlyList<Authorization> AuthorizationList { get; init; } = [];

    /// <summary>0 or 1; what stands in a typed envelope may be wider, which no signature check accepts.</summary>
    public virtual ulong YParity { get => _yParity; init => _yParity = value; }
    public UInt256 R { get => _r; init => _r = value; }
    public UInt256 S { get => _s; init => _s = value; }

    public bool IsCreate => To is null;
    public ulong BlobGas => (ulong)BlobVersionedHashes.Count * BlobParameters.GasPerBlob;

    /// <summary>What the sender pays for one gas when the block's base fee is <paramref name="baseFee"/> (EIP-1559). The cap must not be below the base fee.</summary>
    public UInt256 EffectiveGasPrice(in UInt256 baseFee)
    {
        var room = MaxFeePerGas - baseFee;
        return baseFee + (MaxPriorityFeePerGas < room ? MaxPriorityFeePerGas : room);
    }

    /// <summary>Whether nobody signed it: a development chain took it for its sender's, who stands where the signature would (<see cref="ImpersonatedBy"/>).</summary>
    public bool IsImpersonated { get; private set; }

    /// <summary>Keccak-256 of the envelope.</summary>
    public Hash256 Hash => (Hash256)(_hash ??= Keccak256.Hash(Encoded.Span));

    /// <summary>The EIP-2718 envelope: type byte and payload, or a legacy list.</summary>
    public ReadOnlyMemory<byte> Encoded => _encoded ??= Encode();

    /// <summary>What the sender signs.</summary>
    public Hash256 SigningHash
    {
        get
        {
            using var writer = RlpWriter.Rent();
            WriteEnvelope(writer, forSigning: true);
            return Keccak256.Hash(writer.Written);
        }
    }

    /// <summary>The same transaction under another signature.</summary>
    public Transaction WithSignature(ulong yParity, in UInt256 r, in UInt256 s)
    {
        var signed = (Transaction)MemberwiseClone();
        (signed._hash, signed._encoded, signed.RecoveredSender, signed.IsImpersonated) = (null, null, null, false);
        (signed._r, signed._s) = (r, s);
        signed.SetYParity(yParity);
        return signed;
    }

    private protected virtual void SetYParity(ulong yParity) => _yParity = yParity;

    /// <summary>
    /// The same transaction as this sender's without its signature, for development chains: r and s both are the sender's address, as Hardhat's network
    /// has it, so that two senders' transactions differ in their hash and the sender is found again wherever the transaction is kept.
    /// </summary>
    public Transaction ImpersonatedBy(in Address sender)
    {
        Span<byte> word = stackalloc byte[32];
        sender.Bytes.CopyTo(word[12..]);
        var named = UInt256.FromBigEndian(word);
        var taken = WithSignature(0, named, named);
        taken.Impersonate(sender);
        return taken;
    }

    /// <summary>Takes a transaction that a development chain kept for what it is; one that somebody signed stays as it is. Never for what came from outside.</summary>
    public void RestoreImpersonation()
    {
        if (R != S || R.IsZero || R >> 160 != UInt256.Zero) return;
        Span<byte> word = stackalloc byte[32];
        R.WriteBigEndian(word);
        Impersonate(Address.FromBytes(word[12..]));
    }

    void Impersonate(in Address sender) => (RecoveredSender, IsImpersonated) = (new StrongBox<Address>(sender), true);

    /// <summary>Appends the form that stands inside a block body: a legacy list as it is, a typed envelope as a byte string.</summary>
    public void WriteInBlock(RlpWriter writer)
    {
        if (Type == TransactionType.Legacy) writer.WriteRaw(Encoded.Span);
        else writer.Write(Encoded.Span);
    }

    /// <summary>Decodes an envelope; trailing bytes, unknown types and anything not canonical are refused.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> envelope, [NotNullWhen(true)] out Transaction? transaction, [NotNullWhen(false)] out Refusal? refusal)
    {
        // One copy, which the transaction's data is a part of.
        var kept = envelope.ToArray();
        transaction = null;
        var reader = new RlpReader(kept.AsMemory());
        if (envelope.Length == 0) reader.Fail("a transaction of no bytes");
        else if (envelope[0] >= 0xC0) transaction = LegacyTransaction.Read(ref reader);
        else
        {
            reader = new RlpReader(kept.AsMemory(1));
            switch ((TransactionType)envelope[0])
            {
                case TransactionType.AccessList: transaction = AccessListTransaction.Read(ref reader); break;
                case TransactionType.DynamicFee: transaction = DynamicFeeTransaction.Read(ref reader); break;
                case TransactionType.Blob: transaction = BlobTransaction.Read(ref reader); break;
                case TransactionType.SetCode: transaction = SetCodeTransaction.Read(ref reader); break;
                default: reader.Fail($"transaction type not supported: 0x{envelope[0]:x2}"); break;
            }
        }
        reader.ExpectEnd();
        if (reader.Error is { } why)
        {
            transaction = null;
            refusal = new Refusal("rlp: the transaction cannot be decoded", why, "send the signed EIP-2718 envelope exactly as the wallet produced it");
            return false;
        }
        transaction!._encoded = kept;
        refusal = null;
        return true;
    }

    /// <summary>Reads the form that stands inside a block body.</summary>
    public static Transaction? ReadInBlock(ref RlpReader reader)
    {
        var envelope = reader.NextIsList ? reader.ReadItem() : reader.ReadBytes();
        if (reader.Failed) return null;
        if (TryDecode(envelope, out var transaction, out var refusal)) return transaction;
        reader.Fail(refusal.Why);
        return null;
    }

    byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        WriteEnvelope(writer, forSigning: false);
        return writer.ToArray();
    }

    void WriteEnvelope(RlpWriter writer, bool forSigning)
    {
        if (Type != TransactionType.Legacy) writer.WriteRaw((byte)Type);
        var list = writer.StartList();
        WriteFields(writer);
        if (forSigning) WriteSigningSuffix(writer);
        else WriteSignature(writer);
        writer.EndList(list);
    }

    private protected abstract void WriteFields(RlpWriter writer);

    private protected virtual void WriteSigningSuffix(RlpWriter writer) { }

    private protected virtual void WriteSignature(RlpWriter writer)
    {
        writer.Write(YParity);
        writer.Write(R);
        writer.Write(S);
    }
}
