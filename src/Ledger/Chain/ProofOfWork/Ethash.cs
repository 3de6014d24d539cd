using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>
/// Light verification of Ethash (yellow paper, appendix J): the few dataset items that a seal touches are computed from the epoch's cache.
/// Safe to share between threads. The caches of the latest two epochs asked for are kept (16 MiB each at epoch 0, growing by 128 KiB an epoch).
/// </summary>
public sealed class Ethash
{
    public const ulong EpochLength = 30_000;

    /// <summary>Epochs from here on are refused unseen: block 61,440,000 was never mined, and the cache would only waste memory.</summary>
    public const int MaxEpochs = 2048;

    /// <summary>One instance for a whole process, so that an epoch's cache is built once.</summary>
    public static readonly Ethash Shared = new();

    const int Accesses = 64;
    const int MixWords = 32;
    const int KeptEpochs = 2;

    readonly Lazy<EthashCache>?[] _kept = new Lazy<EthashCache>?[KeptEpochs];

    /// <summary>Whether nonce and mix hash prove the header's difficulty.</summary>
    public bool IsSealed(Header header)
    {
        if (header.Difficulty.IsZero || header.Number / EpochLength >= MaxEpochs) return false;
        var proof = Hash(header.SealHash, header.Nonce, (int)(header.Number / EpochLength));
        return proof.MixHash == header.PrevRandao && proof.Result.ToUInt256() <= UInt256.MaxValue / header.Difficulty;
    }

    /// <summary>Ethash of one nonce: the mix hash that the header must state, and the number that must not exceed 2^256 / difficulty.</summary>
    public (Hash256 MixHash, Hash256 Result) Hash(in Hash256 sealHash, ulong nonce, int epoch)
    {
        var cache = CacheOf(epoch);

        Span<byte> seed = stackalloc byte[64 + 32];
        Span<byte> preimage = stackalloc byte[40];
        sealHash.Bytes.CopyTo(preimage);
        BinaryPrimitives.WriteUInt64LittleEndian(preimage[32..], nonce);
        Keccak512.Hash(preimage, seed[..64]);

        Span<uint> mix = stackalloc uint[MixWords];
        Span<uint> item = stackalloc uint[EthashCache.RowWords];
        var seedWords = MemoryMarshal.Cast<byte, uint>(seed[..64]);
        seedWords.CopyTo(mix);
        seedWords.CopyTo(mix[16..]);

        var pages = (uint)(EthashCache.DatasetSize(epoch) / 128);
        for (uint i = 0; i < Accesses; i++)
        {
            var page = EthashCache.Fnv(i ^ seedWords[0], mix[(int)(i % MixWords)]) % pages;
            for (var half = 0; half < 2; half++)
            {
                cache.DatasetItem(page * 2 + (uint)half, item);
                EthashCache.FnvInto(mix.Slice(half * EthashCache.RowWords, EthashCache.RowWords), item);
            }
        }

        Span<uint> compressed = stackalloc uint[MixWords / 4];
        for (var i = 0; i < compressed.Length; i++)
        {
            var four = mix.Slice(i * 4, 4);
            compressed[i] = EthashCache.Fnv(EthashCache.Fnv(EthashCache.Fnv(four[0], four[1]), four[2]), four[3]);
        }
        var mixHash = MemoryMarshal.AsBytes(compressed);
        mixHash.CopyTo(seed[64..]);
        return (Hash256.FromBytes(mixHash), Keccak256.Hash(seed));
    }

    EthashCache CacheOf(int epoch)
    {
        ref var slot = ref _kept[epoch % KeptEpochs];
        var kept = Volatile.Read(ref slot);
        while (kept is null || kept.Value.Epoch != epoch)
        {
            var fresh = new Lazy<EthashCache>(() => EthashCache.Build(epoch));
            // Whoever comes first builds; the others wait for the same Lazy.
            kept = Interlocked.CompareExchange(ref slot, fresh, kept) == kept ? fresh : Volatile.Read(ref slot);
        }
        return kept.Value;
    }
}

/// <summary>The pseudorandom cache of one epoch, from which every item of the epoch's dataset follows.</summary>
sealed class EthashCache
{
    public const int RowWords = 16;

    const int RowBytes = 64;
    const int Rounds = 3;
    const uint DatasetParents = 256;
    const uint FnvPrime = 0x01000193;

    readonly uint[] _words;
    readonly uint _rows;

    EthashCache(int epoch, uint[] words) => (Epoch, _words, _rows) = (epoch, words, (uint)(words.Length / RowWords));

    public int Epoch { get; }

    public static ulong CacheSize(int epoch) => LargestPrimeMultiple((1UL << 24) + (1UL << 17) * (ulong)epoch, RowBytes);

    public static ulong DatasetSize(int epoch) => LargestPrimeMultiple((1UL << 30) + (1UL << 23) * (ulong)epoch, 2 * RowBytes);

    public static Hash256 Seed(int epoch)
    {
        var seed = Hash256.Zero;
        for (var i = 0; i < epoch; i++) seed = Keccak256.Hash(seed.Bytes);
        return seed;
    }

    public static EthashCache Build(int epoch)
    {
        var words = new uint[CacheSize(epoch) / sizeof(uint)];
        var bytes = MemoryMarshal.AsBytes(words.AsSpan());
        var rows = words.Length / RowWords;

        Keccak512.Hash(Seed(epoch).Bytes, bytes[..RowBytes]);
        for (var i = 1; i < rows; i++) Keccak512.Hash(bytes.Slice((i - 1) * RowBytes, RowBytes), bytes.Slice(i * RowBytes, RowBytes));

        Span<uint> mixed = stackalloc uint[RowWords];
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < rows; i++)
            {
                var before = words.AsSpan((i == 0 ? rows - 1 : i - 1) * RowWords, RowWords);
                var chosen = words.AsSpan((int)(words[i * RowWords] % (uint)rows) * RowWords, RowWords);
                for (var w = 0; w < RowWords; w++) mixed[w] = before[w] ^ chosen[w];
                Keccak512.Hash(MemoryMarshal.AsBytes(mixed), bytes.Slice(i * RowBytes, RowBytes));
            }
        }
        return new EthashCache(epoch, words);
    }

    /// <summary>Computes one item (64 bytes) of the dataset.</summary>
    public void DatasetItem(uint index, Span<uint> item)
    {
        Span<uint> mix = stackalloc uint[RowWords];
        Row(index % _rows).CopyTo(mix);
        mix[0] ^= index;
        Keccak512.Hash(MemoryMarshal.AsBytes(mix), MemoryMarshal.AsBytes(mix));
        for (uint parent = 0; parent < DatasetParents; parent++)
            FnvInto(mix, Row(Fnv(index ^ parent, mix[(int)(parent % RowWords)]) % _rows));
        Keccak512.Hash(MemoryMarshal.AsBytes(mix), MemoryMarshal.AsBytes(item));
    }

    public static uint Fnv(uint first, uint second) => (first * FnvPrime) ^ second;

    /// <summary>Folds a row of sixteen words into another.</summary>
    public static void FnvInto(Span<uint> mix, ReadOnlySpan<uint> row)
    {
        var folded = (Vector512.Create<uint>(mix) * FnvPrime) ^ Vector512.Create(row);
        folded.CopyTo(mix);
    }

    ReadOnlySpan<uint> Row(uint index) => _words.AsSpan((int)index * RowWords, RowWords);

    // Sizes whose number of units is prime keep the walk through them from falling into a cycle.
    static ulong LargestPrimeMultiple(ulong bound, ulong unit)
    {
        var units = bound / unit - 1;
        while (!IsPrime(units)) units -= 2;
        return units * unit;
    }

    static bool IsPrime(ulong odd)
    {
        for (ulong divisor = 3; divisor * divisor <= odd; divisor += 2)
            if (odd % divisor == 0) return false;
        return odd % 2 != 0;
    }
}
