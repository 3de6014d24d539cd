using System.Security.Cryptography;

namespace Hufu.Primitives;

/// <summary>Requests of the execution layer to the consensus layer (EIP-7685): each is a type byte and its data.</summary>
public static class Requests
{
    public const byte Deposit = 0;          // EIP-6110
    public const byte Withdrawal = 1;       // EIP-7002
    public const byte Consolidation = 2;    // EIP-7251

    /// <summary>The requests hash of a block without requests: SHA-256 of no bytes.</summary>
    public static readonly Hash256 EmptyHash = Hash256.Parse("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    /// <summary>The header's requests hash: sha256(sha256(request) || …) over the requests that carry data, in the order given (ascending type).</summary>
    public static Hash256 Hash(IReadOnlyList<byte[]> requests)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[32];
        foreach (var request in requests)
        {
            if (request.Length <= 1) continue;
            SHA256.HashData(request, digest);
            all.AppendData(digest);
        }
        all.GetHashAndReset(digest);
        return Hash256.FromBytes(digest);
    }
}
