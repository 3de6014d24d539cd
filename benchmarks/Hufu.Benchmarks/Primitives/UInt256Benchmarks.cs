using BenchmarkDotNet.Attributes;
using Hufu.Primitives;

namespace Hufu.Benchmarks.Primitives;

/// <summary>The arithmetic of the machine, one word at a time over arrays of 256 operands; the time is that of one operation.</summary>
public class UInt256Benchmarks
{
    const int Count = 256;

    readonly UInt256[] _result = new UInt256[Count];
    readonly UInt256[] _a1 = Words(1, 1), _a2 = Words(2, 2), _a4 = Words(4, 3);
    readonly UInt256[] _b1 = Words(1, 4), _b2 = Words(2, 5), _b3 = Words(3, 6), _b4 = Words(4, 7);
    readonly UInt256[] _modulus = Words(4, 8);
    readonly UInt256[] _small = [.. Words(1, 9).Select(word => word >> 24)];
    readonly UInt256[] _shorter = [.. Words(4, 10).Select(word => word >> 20)];
    readonly UInt256[] _shifts = [.. Words(1, 11).Select(word => (word >> 7) & 255)];
    readonly UInt256[] _bytes = [.. Words(1, 12).Select(word => (word >> 7) & 31)];
    readonly UInt256[] _same = [.. Enumerable.Repeat(Words(4, 13)[0], Count)];
    readonly byte[] _memory = new byte[Count * UInt256.Size];
    UInt256[] _reducedA = [], _reducedB = [];

    [GlobalSetup]
    public void Reduce()
    {
        _reducedA = [.. _a4.Select((word, i) => word % _modulus[i])];
        _reducedB = [.. _b4.Select((word, i) => word % _modulus[i])];
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void AddSmall()
    {
        for (var i = 0; i < Count; i++) UInt256.Add(in _a1[i], in _small[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void AddWithCarries()
    {
        for (var i = 0; i < Count; i++) UInt256.Add(in _a4[i], in _b4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void AddEachToTheLast()
    {
        for (var i = 0; i < Count; i++) UInt256.Add(in _result[0], in _b4[i], out _result[0]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SubtractSmall()
    {
        for (var i = 0; i < Count; i++) UInt256.Subtract(in _a1[i], in _shifts[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Less()
    {
        var count = 0;
        for (var i = 0; i < Count; i++) count += _a4[i] < _b4[i] ? 1 : 0;
        return count;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Equal()
    {
        var count = 0;
        for (var i = 0; i < Count; i++) count += _a4[i] == _b4[i] ? 1 : 0;
        return count;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void And()
    {
        for (var i = 0; i < Count; i++) UInt256.And(in _a4[i], in _b4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void ShiftLeft()
    {
        for (var i = 0; i < Count; i++) UInt256.ShiftLeft(in _a4[i], in _shifts[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void ShiftRightArithmetic()
    {
        for (var i = 0; i < Count; i++) UInt256.ShiftRightArithmetic(in _a4[i], in _shifts[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void ByteAt()
    {
        for (var i = 0; i < Count; i++) UInt256.ByteAt(in _bytes[i], in _a4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void SignExtend()
    {
        for (var i = 0; i < Count; i++) UInt256.SignExtend(in _bytes[i], in _a4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void ReadBigEndian()
    {
        for (var i = 0; i < Count; i++) UInt256.FromBigEndian(in _memory[i * UInt256.Size], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void MultiplySmall()
    {
        for (var i = 0; i < Count; i++) UInt256.Multiply(in _a1[i], in _b1[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Multiply()
    {
        for (var i = 0; i < Count; i++) UInt256.Multiply(in _a4[i], in _b4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void DivideSmall()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a1[i], in _small[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Divide128By64()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a2[i], in _b1[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Divide256By64()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a4[i], in _b1[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Divide256By128()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a4[i], in _b2[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Divide256By192()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a4[i], in _b3[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void Divide256By256()
    {
        for (var i = 0; i < Count; i++) UInt256.Divide(in _a4[i], in _shorter[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void AddModAny()
    {
        for (var i = 0; i < Count; i++) UInt256.AddMod(in _a4[i], in _b4[i], in _modulus[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void AddModOfReduced()
    {
        for (var i = 0; i < Count; i++) UInt256.AddMod(in _reducedA[i], in _reducedB[i], in _modulus[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void MultiplyModAny()
    {
        for (var i = 0; i < Count; i++) UInt256.MultiplyMod(in _a4[i], in _b4[i], in _modulus[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void MultiplyModRepeated()
    {
        for (var i = 0; i < Count; i++) UInt256.MultiplyMod(in _a4[i], in _b4[i], in _same[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void ExponentOf256Bits()
    {
        for (var i = 0; i < Count; i++) UInt256.Exponent(_a4[i] | UInt256.One, in _b4[i], out _result[i]);
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public void PowerOfTwo()
    {
        for (var i = 0; i < Count; i++) UInt256.Exponent(new UInt256(2), in _shifts[i], out _result[i]);
    }

    static UInt256[] Words(int limbs, int seed)
    {
        var random = new Random(seed);
        ulong Limb(int index) => index < limbs ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) | 1UL << 60 : 0;
        return [.. Enumerable.Range(0, Count).Select(_ => new UInt256(Limb(0), Limb(1), Limb(2), Limb(3)))];
    }
}
