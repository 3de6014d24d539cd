using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>Reads the deposits out of the logs of the deposit contract (EIP-6110).</summary>
static class DepositRequests
{
    const int DataSize = 576;

    static readonly Hash256 DepositEvent = Hash256.Parse("0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5");

    // The ABI's layout of DepositEvent(bytes pubkey, bytes withdrawal_credentials, bytes amount, bytes signature, bytes index): where each stands and how long it is.
    static readonly (int Offset, int Size)[] Fields = [(160, 48), (256, 32), (320, 8), (384, 96), (512, 8)];

    public static bool IsDeposit(Log log, in Address contract) =>
        log.Address == contract && log.Topics.Count > 0 && log.Topics[0] == DepositEvent;

    /// <summary>Appends the deposit as 192 bytes: public key, withdrawal credentials, amount, signature, index.</summary>
    public static bool TryAppend(Log log, List<byte> requests, [NotNullWhen(false)] out string? fault)
    {
        var data = log.Data.Span;
        fault = data.Length == DataSize ? null : $"a deposit log has {data.Length} bytes of data, not {DataSize}";
        for (var i = 0; i < Fields.Length && fault is null; i++)
        {
            var (offset, size) = Fields[i];
            if (!IsWord(data.Slice(32 * i, 32), offset)) fault = $"field {i} of a deposit log does not begin at {offset}";
            else if (!IsWord(data.Slice(offset, 32), size)) fault = $"field {i} of a deposit log does not have {size} bytes";
        }
        if (fault is not null) return false;
        foreach (var (offset, size) in Fields) requests.AddRange(data.Slice(offset + 32, size));
        return true;
    }

    static bool IsWord(ReadOnlySpan<byte> word, int value) =>
        !word[..28].ContainsAnyExcept((byte)0) && BinaryPrimitives.ReadInt32BigEndian(word[28..]) == value;
}
