using CsCheck;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Primitives.Encoding;

/// <summary>What is encoded decodes to itself; what is not an encoding is refused, in bounded memory, without an exception.</summary>
public class DecodersTests
{
    [Fact]
    public void A_transaction_encodes_and_decodes_to_itself() => GenPrimitives.Transaction.Sample(transaction =>
    {
        var bytes = transaction.Encoded.ToArray();
        Assert.True(Transaction.TryDecode(bytes, out var decoded, out var refusal), refusal?.ToString());
        Assert.Equal(transaction.Type, decoded.Type);
        Assert.Equal(transaction.Hash, decoded.Hash);
        Assert.Equal(transaction.SigningHash, decoded.SigningHash);
        Assert.Equal(transaction.To, decoded.To);
        Assert.True(transaction.Data.Span.SequenceEqual(decoded.Data.Span));
        Assert.Equal(transaction.AccessList.Count, decoded.AccessList.Count);
        Assert.True(FreshEncoding(decoded).SequenceEqual(bytes));
    });

    [Fact]
    public void A_block_encodes_and_decodes_to_itself() => GenPrimitives.Block.Sample(block =>
    {
        var bytes = block.Encode();
        Assert.True(Block.TryDecode(bytes, out var decoded, out var refusal), refusal?.ToString());
        Assert.Equal(block.Hash, decoded.Hash);
        Assert.Equal((block.Header with { }).Hash, decoded.Hash);
        Assert.True(decoded.Encode().AsSpan().SequenceEqual(bytes));
        Assert.Equal(block.Withdrawals, decoded.Withdrawals);
    });

    [Fact]
    public void A_receipt_encodes_and_decodes_to_itself() => GenPrimitives.Receipt.Sample(receipt =>
    {
        var bytes = receipt.Encode();
        var decoded = ReadReceipt(bytes);
        Assert.NotNull(decoded);
        Assert.Equal(receipt.LogsBloom, decoded.LogsBloom);
        Assert.True(decoded.Encode().AsSpan().SequenceEqual(bytes));
    });

    [Fact]
    public void A_changed_header_has_another_hash()
    {
        var header = new Header { Number = 1 };
        Assert.NotEqual(header.Hash, (header with { Number = 2 }).Hash);
        Assert.Equal(header.Hash, (header with { }).Hash);
    }

    [Fact]
    public void A_damaged_transaction_is_refused_or_is_another_transaction() => Fuzz(GenPrimitives.Transaction.Select(transaction => transaction.Encoded.ToArray()), bytes =>
    {
        if (!Transaction.TryDecode(bytes, out var decoded, out var refusal)) return refusal.ToString().Length > 0;
        return FreshEncoding(decoded).SequenceEqual(bytes);
    });

    [Fact]
    public void A_damaged_block_is_refused_or_is_another_block() => Fuzz(GenPrimitives.Block.Select(block => block.Encode()), bytes =>
    {
        if (!Block.TryDecode(bytes, out var decoded, out var refusal)) return refusal.ToString().Length > 0;
        return decoded.Encode().AsSpan().SequenceEqual(bytes) && (decoded.Header with { }).Hash == decoded.Hash;
    });

    [Fact]
    public void A_damaged_receipt_is_refused_or_is_another_receipt() => Fuzz(GenPrimitives.Receipt.Select(receipt => receipt.Encode()), bytes =>
        ReadReceipt(bytes) is not { } decoded || decoded.Encode().AsSpan().SequenceEqual(bytes));

    [Theory]
    [InlineData(0xC0)]
    [InlineData(0x80)]
    [InlineData(0x00)]
    public void A_list_of_a_million_tiny_items_costs_little(byte item)
    {
        var writer = new RlpWriter();
        writer.WriteRaw((byte)TransactionType.SetCode);
        var list = writer.StartList();
        for (var i = 0; i < 5; i++) writer.Write(1UL);
        writer.Write(Address.Zero);
        writer.Write(1UL);
        writer.Write([]);
        var claimed = writer.StartList();
        var items = new byte[1_000_000];
        Array.Fill(items, item);
        writer.WriteRaw(items);
        writer.EndList(claimed);
        writer.EndList(list);
        var bytes = writer.ToArray();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(Transaction.TryDecode(bytes, out _, out _));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 * bytes.Length);
    }

    [Theory]
    [InlineData("0xbfffffffffffffffff")]
    [InlineData("0xffffffffffffffffff")]
    [InlineData("0xfb7fffffff")]
    [InlineData("0xbb7fffffffc0")]
    [InlineData("0xf90000")]
    [InlineData("0x")]
    public void A_length_that_nothing_follows_is_refused(string hex)
    {
        var bytes = Hex.Decode(hex);
        Assert.False(Transaction.TryDecode(bytes, out _, out _));
        Assert.False(Block.TryDecode(bytes, out _, out _));
        Assert.False(Transaction.TryDecode([2, .. bytes], out _, out _));
    }

    [Fact]
    public void Byte_strings_written_in_place_are_as_those_written_whole() => GenPrimitives.Bytes.Sample(bytes =>
    {
        var (whole, inPlace) = (new RlpWriter(), new RlpWriter(1));
        whole.Write(bytes);
        var mark = inPlace.StartBytes();
        inPlace.WriteRaw(bytes);
        inPlace.EndBytes(mark);
        return whole.Written.SequenceEqual(inPlace.Written);
    });

    // Memory: the copy that is kept, the objects read before the fault, the refusal; never more than the bytes can hold.
    static void Fuzz(Gen<byte[]> encodings, Func<byte[], bool> holds) =>
        encodings.SelectMany(GenPrimitives.Damaged).Sample(bytes =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var held = holds(bytes);
            return held && GC.GetAllocatedBytesForCurrentThread() - before < 40 * bytes.Length + 40_000;
        }, iter: GenPrimitives.FuzzCases);

    static Receipt? ReadReceipt(byte[] envelope)
    {
        // A typed receipt stands as a byte string where receipts are listed.
        var writer = new RlpWriter();
        if (envelope.Length > 0 && envelope[0] >= 0xC0) writer.WriteRaw(envelope);
        else writer.Write(envelope);
        var reader = new RlpReader(writer.Written);
        var receipt = Receipt.Read(ref reader);
        reader.ExpectEnd();
        return reader.Failed ? null : receipt;
    }

    static ReadOnlySpan<byte> FreshEncoding(Transaction transaction) => transaction is LegacyTransaction legacy
        ? new LegacyTransaction
        {
            Nonce = legacy.Nonce,
            GasPrice = legacy.GasPrice,
            GasLimit = legacy.GasLimit,
            To = legacy.To,
            Value = legacy.Value,
            Data = legacy.Data,
            V = legacy.V,
            R = legacy.R,
            S = legacy.S,
        }.Encoded.Span
        : transaction.WithSignature(transaction.YParity, transaction.R, transaction.S).Encoded.Span;
}
