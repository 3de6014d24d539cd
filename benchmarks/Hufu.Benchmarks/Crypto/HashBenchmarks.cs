using BenchmarkDotNet.Attributes;
using Hufu.Crypto;
using Org.BouncyCastle.Crypto.Digests;

namespace Hufu.Benchmarks;

/// <summary>The hashes of precompiled contracts 3 and 9.</summary>
public class HashBenchmarks
{
    readonly byte[] _data = new byte[1024], _hash = new byte[20], _twelveRounds = new byte[Blake2.InputSize], _millionRounds = new byte[Blake2.InputSize], _state = new byte[Blake2.OutputSize];

    [GlobalSetup]
    public void SetRounds()
    {
        _twelveRounds[3] = 12;
        _millionRounds[1] = 0x10;
    }

    [Benchmark]
    public void Ripemd160Of1024Bytes() => Ripemd160.Hash(_data, _hash);

    [Benchmark]
    public int Ripemd160OfBouncyCastle()
    {
        var digest = new RipeMD160Digest();
        digest.BlockUpdate(_data, 0, _data.Length);
        return digest.DoFinal(_hash, 0);
    }

    [Benchmark]
    public bool Blake2FOfTwelveRounds() => Blake2.F(_twelveRounds, _state);

    [Benchmark]
    public bool Blake2FOf1048576Rounds() => Blake2.F(_millionRounds, _state);
}
