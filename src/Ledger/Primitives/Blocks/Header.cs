using System.Buffers.Binary;

namespace Hufu.Primitives;

/// <summary>A block header of any fork (yellow paper, section 4.3). Fields that a fork added are null in headers before it, and stand in the RLP in this order.</summary>
public sealed record Header
{
    /// <summary>Keccak-256 of the RLP of an empty list: the ommers hash of a block without ommers.</summary>
    public static readonly Hash256 EmptyOmmersHash = Hash256.Parse("0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347");

    // Boxed, so that threads that compute it at once race for a reference and never see half a value.
    object? _hash;

    public Header() { }

    // A changed copy has a hash of its own, so all but the hash is copied.
    Header(Header original)
    {
        (ParentHash, OmmersHash, Beneficiary, StateRoot) = (original.ParentHash, original.OmmersHash, original.Beneficiary, original.StateRoot);
        (TransactionsRoot, ReceiptsRoot, LogsBloom, Difficulty) = (original.TransactionsRoot, original.ReceiptsRoot, original.LogsBloom, original.Difficulty);
        (Number, GasLimit, GasUsed, Timestamp) = (original.Number, original.GasLimit, original.GasUsed, original.Timestamp);
        (ExtraData, PrevRandao, Nonce, BaseFeePerGas) = (original.ExtraData, original.PrevRandao, original.Nonce, original.BaseFeePerGas);
        (WithdrawalsRoot, BlobGasUsed, ExcessBlobGas) = (original.WithdrawalsRoot, original.BlobGasUsed, original.ExcessBlobGas);
        (ParentBeaconBlockRoot, RequestsHash) = (original.ParentBeaconBlockRoot, original.RequestsHash);
        (BlockAccessListHash, SlotNumber) = (original.BlockAccessListHash, original.SlotNumber);
    }

    public Hash256 ParentHash { get; init; }
    public Hash256 OmmersHash { get; init; } = EmptyOmmersHash;
    public Address Beneficiary { get; init; }
    public Hash256 StateRoot { get; init; }
    public Hash256 TransactionsRoot { get; init; } = Account.EmptyTrieRoot;
    public Hash256 ReceiptsRoot { get; init; } = Account.EmptyTrieRoot;
    public Bloom LogsBloom { get; init; }
    public UInt256 Difficulty { get; init; }
    public ulong Number { get; init; }
    public ulong GasLimit { get; init; }
    public ulong GasUsed { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public ulong Timestamp { get; init; }
    public ReadOnlyMemory<byte> ExtraData { get; init; }

    /// <summary>The beacon chain's randomness since Paris (EIP-4399); Ethash's mix hash before.</summary>
    public Hash256 PrevRandao { get; init; }

    /// <summary>Ethash's nonce, eight bytes big-endian; zero since Paris.</summary>
    public ulong Nonce { get; init; }

    /// <summary>Since London (EIP-1559).</summary>
    public UInt256? BaseFeePerGas { get; init; }

    /// <summary>Since Shanghai (EIP-4895).</summary>
    public Hash256? WithdrawalsRoot { get; init; }

    /// <summary>Since Cancun (EIP-4844).</summary>
    public ulong? BlobGasUsed { get; init; }

    /// <summary>Since Cancun (EIP-4844).</summary>
    public ulong? ExcessBlobGas { get; init; }

    /// <summary>Since Cancun (EIP-4788).</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>Since Prague (EIP-7685).</summary>
    public Hash256? RequestsHash { get; init; }

    /// <summary>Since Amsterdam (EIP-7928).</summary>
    public Hash256? BlockAccessListHash { get; init; }

    /// <summary>Since Amsterdam (EIP-7843).</summary>
    public ulong? SlotNumber { get; init; }

    public Hash256 Hash => (Hash256)(_hash ??= ComputeHash());

    public bool Equals(Header? other) => other is not null && Hash == other.Hash;
    public override int GetHashCode() => Hash.GetHashCode();

    public void Write(RlpWriter writer) => Write(writer, withSeal: true, ExtraData.Span);

    /// <summary>Keccak-256 of the header as if <paramref name="extraData"/> were its extra data: what a consensus signs that keeps its signatures there.</summary>
    public Hash256 HashWith(ReadOnlySpan<byte> extraData)
    {
        using var writer = RlpWriter.Rent();
        Write(writer, withSeal: true, extraData);
        return Keccak256.Hash(writer.Written);
    }

    /// <summary>Keccak-256 of the header without mix hash and nonce: what Ethash seals.</summary>
    public Hash256 SealHash
    {
        get
        {
            using var writer = RlpWriter.Rent();
            Write(writer, withSeal: false, ExtraData.Span);
            return Keccak256.Hash(writer.Written);
        }
    }

    void Write(RlpWriter writer, bool withSeal, ReadOnlySpan<byte> extraData)
    {
        var list = writer.StartList();
        writer.Write(ParentHash);
        writer.Write(OmmersHash);
        writer.Write(Beneficiary);
        writer.Write(StateRoot);
        writer.Write(TransactionsRoot);
        writer.Write(ReceiptsRoot);
        writer.Write(LogsBloom.Bytes);
        writer.Write(Difficulty);
        writer.Write(Number);
        writer.Write(GasLimit);
        writer.Write(GasUsed);
        writer.Write(Timestamp);
        writer.Write(extraData);
        if (withSeal)
        {
            writer.Write(PrevRandao);
            Span<byte> nonce = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(nonce, Nonce);
            writer.Write(nonce);
        }
        if (BaseFeePerGas is { } baseFee) writer.Write(baseFee);
        if (WithdrawalsRoot is { } withdrawals) writer.Write(withdrawals);
        if (BlobGasUsed is { } blobGas) writer.Write(blobGas);
        if (ExcessBlobGas is { } excess) writer.Write(excess);
        if (ParentBeaconBlockRoot is { } beacon) writer.Write(beacon);
        if (RequestsHash is { } requests) writer.Write(requests);
        if (BlockAccessListHash is { } accessList) writer.Write(accessList);
        if (SlotNumber is { } slot) writer.Write(slot);
        writer.EndList(list);
    }

    public static Header Read(ref RlpReader reader)
    {
        var start = reader.Position;
        var end = reader.EnterList();
        var header = new Header
        {
            ParentHash = reader.ReadHash(),
            OmmersHash = reader.ReadHash(),
            Beneficiary = reader.ReadAddress(),
            StateRoot = reader.ReadHash(),
            TransactionsRoot = reader.ReadHash(),
            ReceiptsRoot = reader.ReadHash(),
            LogsBloom = ReadBloom(ref reader),
            Difficulty = reader.ReadUInt256(),
            Number = reader.ReadUInt64(),
            GasLimit = reader.ReadUInt64(),
            GasUsed = reader.ReadUInt64(),
            Timestamp = reader.ReadUInt64(),
            ExtraData = reader.ReadBytes().ToArray(),   // a copy: a header outlives the block it came with
            PrevRandao = reader.ReadHash(),
            Nonce = ReadNonce(ref reader),
            BaseFeePerGas = reader.HasMore(end) ? reader.ReadUInt256() : null,
            WithdrawalsRoot = reader.HasMore(end) ? reader.ReadHash() : null,
            BlobGasUsed = reader.HasMore(end) ? reader.ReadUInt64() : null,
            ExcessBlobGas = reader.HasMore(end) ? reader.ReadUInt64() : null,
            ParentBeaconBlockRoot = reader.HasMore(end) ? reader.ReadHash() : null,
            RequestsHash = reader.HasMore(end) ? reader.ReadHash() : null,
            BlockAccessListHash = reader.HasMore(end) ? reader.ReadHash() : null,
            SlotNumber = reader.HasMore(end) ? reader.ReadUInt64() : null,
        };
        reader.LeaveList(end);
        // Only the canonical form is read, so what was read is what would be written.
        if (!reader.Failed && !header.IsQbft) header._hash = Keccak256.Hash(reader.Since(start));
        return header;
    }

    static Bloom ReadBloom(ref RlpReader reader)
    {
        var bytes = reader.ReadBytes(Bloom.Size);
        return reader.Failed ? default : Bloom.FromBytes(bytes);
    }

    static ulong ReadNonce(ref RlpReader reader)
    {
        var bytes = reader.ReadBytes(8);
        return reader.Failed ? 0 : BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    // Genesis is hashed as it stands.
    bool IsQbft => Number > 0 && PrevRandao == QbftExtraData.MixHash;

    Hash256 ComputeHash()
    {
        if (IsQbft && QbftExtraData.TryDecode(ExtraData, out var qbft)) return HashWith(qbft.EncodeForBlockHash());
        using var writer = RlpWriter.Rent();
        Write(writer);
        return Keccak256.Hash(writer.Written);
    }
}
