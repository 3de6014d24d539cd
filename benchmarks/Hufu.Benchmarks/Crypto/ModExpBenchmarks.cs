using System.Numerics;
using BenchmarkDotNet.Attributes;
using Hufu.Crypto;

namespace Hufu.Benchmarks;

/// <summary>base^exponent mod an odd modulus, all three of the same length.</summary>
public class ModExpBenchmarks
{
    byte[] _base = [], _exponent = [], _modulus = [], _output = [];
    GmpModExp? _native;

    [Params(256, 1024, 2048, 4096)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void MakeNumbers()
    {
        _native = GmpModExp.TryLoad();
        var random = new Random(Bits);
        (_base, _exponent, _modulus, _output) = (new byte[Bits / 8], new byte[Bits / 8], new byte[Bits / 8], new byte[Bits / 8]);
        random.NextBytes(_base);
        random.NextBytes(_exponent);
        random.NextBytes(_modulus);
        _base[0] |= 1;
        _exponent[0] |= 0x80;
        _modulus[0] |= 0x80;
        _modulus[^1] |= 1;
    }

    [Benchmark(Baseline = true)]
    public void Native() => _native?.Compute(_base, _exponent, _modulus, _output);

    [Benchmark]
    public void Managed() => ManagedModExp.Compute(_base, _exponent, _modulus, _output);

    [Benchmark]
    public BigInteger BigIntegers() => BigInteger.ModPow(ModExp.Read(_base), ModExp.Read(_exponent), ModExp.Read(_modulus));
}
