using BenchmarkDotNet.Attributes;
using Hufu.Primitives;

namespace Hufu.Benchmarks.Primitives;

/// <summary>Keccak-256 of the lengths the ledger hashes: a key, a slot of a mapping, a whole block of the sponge, a full branch of the trie.</summary>
public class KeccakBenchmarks
{
    readonly byte[] _data = new byte[1024];
    readonly byte[] _digests = new byte[128];

    [Params(32, 64, 136, 532)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Fill() => new Random(1).NextBytes(_data);

    [Benchmark(Baseline = true)]
    public void One() => Keccak256.Hash(_data.AsSpan(0, Length), _digests);

    /// <summary>The time of one of four.</summary>
    [Benchmark(OperationsPerInvoke = 4)]
    public void EachOfFour()
    {
        var message = _data.AsSpan(0, Length);
        Keccak256.HashFour(message, message, message, message, _digests);
    }
}

/// <summary>The nodes of one level of a trie: a third are full branches, the others leaves. The time is that of one node.</summary>
public class KeccakBatchBenchmarks
{
    const int Count = 256;

    readonly int[] _ends = new int[Count];
    readonly Hash256[] _digests = new Hash256[Count];
    byte[] _nodes = [];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        var end = 0;
        for (var i = 0; i < Count; i++) _ends[i] = end += i % 3 == 0 ? 532 : random.Next(33, 130);
        _nodes = new byte[end];
        random.NextBytes(_nodes);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public void OneByOne()
    {
        for (var (i, begin) = (0, 0); i < Count; begin = _ends[i++]) _digests[i] = Keccak256.Hash(_nodes.AsSpan(begin.._ends[i]));
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Batch() => Keccak256.HashBatch(_nodes, _ends, _digests);
}
