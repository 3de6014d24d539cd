using System.Security.Cryptography;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>What the execution layer asks of the consensus layer in one block (EIP-7685): for each type that has any, the type byte and its data.</summary>
public static class Requests
{
    public const byte DepositType = 0;
    public const byte WithdrawalType = 1;
    public const byte ConsolidationType = 2;

    /// <summary>The hash that the header commits to: SHA-256 over the SHA-256 of each request.</summary>
    public static Hash256 HashOf(IReadOnlyList<ReadOnlyMemory<byte>> requests)
    {
        Span<byte> digest = stackalloc byte[Hash256.Size];
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var request in requests)
        {
            SHA256.HashData(request.Span, digest);
            all.AppendData(digest);
        }
        all.GetHashAndReset(digest);
        return Hash256.FromBytes(digest);
    }

    internal static void Add(List<ReadOnlyMemory<byte>> requests, byte type, ReadOnlySpan<byte> data)
    {
        if (data.Length == 0) return;
        var request = new byte[data.Length + 1];
        request[0] = type;
        data.CopyTo(request.AsSpan(1));
        requests.Add(request);
    }
}
