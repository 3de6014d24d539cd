using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>How transactions are sent between nodes and to them: the envelope, or for one with blobs a list that holds the envelope's fields and the sidecar (EIP-4844, EIP-7594).</summary>
public static class NetworkForm
{
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Transaction? transaction, out BlobSidecar? sidecar, [NotNullWhen(false)] out Refusal? refusal)
    {
        sidecar = null;
        if (!HasSidecar(bytes)) return Transaction.TryDecode(bytes, out transaction, out refusal);

        transaction = null;
        var reader = new RlpReader(bytes[1..]);
        var end = reader.EnterList();
        var fields = reader.ReadItem();
        var read = BlobSidecar.Read(ref reader);
        reader.LeaveList(end);
        reader.ExpectEnd();
        if (reader.Error is { } why)
        {
            refusal = new Refusal("rlp: the blob transaction cannot be decoded", why, "send the fields, the blobs, their commitments and their proofs in one list");
            return false;
        }
        byte[] envelope = [(byte)TransactionType.Blob, .. fields];
        if (!Transaction.TryDecode(envelope, out transaction, out refusal)) return false;
        sidecar = read;
        return true;
    }

    public static byte[] Encode(Transaction transaction, BlobSidecar? sidecar)
    {
        if (sidecar is null) return transaction.Encoded.ToArray();
        using var writer = RlpWriter.Rent();
        writer.WriteRaw((byte)TransactionType.Blob);
        var list = writer.StartList();
        writer.WriteRaw(transaction.Encoded.Span[1..]);
        sidecar.Write(writer);
        writer.EndList(list);
        return writer.ToArray();
    }

    // The fields alone begin with the chain id, which is no list.
    static bool HasSidecar(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2 || bytes[0] != (byte)TransactionType.Blob) return false;
        var reader = new RlpReader(bytes[1..]);
        reader.EnterList();
        return reader.NextIsList;
    }
}
