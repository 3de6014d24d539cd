using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Hufu.Crypto;

/// <summary>
/// A modulus, and numbers modulo it, in limbs of 28 bits or less, one to a lane of 64 bits. So four products go into one vector
/// instruction and whole columns of them add up without a carry (<see cref="LaneProduct"/>).
/// </summary>
sealed unsafe class LaneModulus
{
    const int WidestLimb = 28;

    readonly BigInteger _modulus;
    readonly bool _isOdd;

    /// <summary>Limbs of a number, a multiple of four.</summary>
    readonly int _size;

    /// <summary>Bits of a limb.</summary>
    readonly int _width;
    readonly ulong _negativeInverse;

    LaneModulus(in BigInteger modulus, bool isOdd, long bits)
    {
        _modulus = modulus;
        _isOdd = isOdd;
        // A column gathers at most a product and a reduction of the whole length, and must stay below 2^63.
        for (_width = WidestLimb; ; _width--)
        {
            _size = checked((int)(((bits + _width - 1) / _width + 3) / 4 * 4));
            if (2 * _width + BitOperations.Log2((uint)_size) + 3 <= 63) break;
        }
        if (!isOdd) return;

        // Newton's iteration doubles the right bits of the inverse: 3, 6, 12, 24, 48.
        var low = (ulong)(modulus & ulong.MaxValue);
        var inverse = low;
        for (var i = 0; i < 4; i++) inverse *= 2 - low * inverse;
        _negativeInverse = (0 - inverse) & Mask;
    }

    ulong Mask => (1UL << _width) - 1;

    // Numbers stand with four empty lanes before and after them, which the product reads as zeros.
    int Stride => _size + 8;

    /// <summary>Montgomery form to the base R = 2^(size·width), two bits wider than the modulus: results below twice the modulus then stay so without a comparison.</summary>
    public static LaneModulus Odd(in BigInteger modulus) => new(modulus, isOdd: true, modulus.GetBitLength() + 2);

    /// <summary>2^bits: reducing is cutting off.</summary>
    public static LaneModulus PowerOfTwo(int bits) => new(BigInteger.One << bits, isOdd: false, bits);

    /// <summary>base^exponent modulo this, by sliding windows; the exponent is big-endian.</summary>
    public BigInteger Power(in BigInteger @base, ReadOnlySpan<byte> exponent)
    {
        var digits = new ExponentWindows(exponent);
        if (digits.Bits == 0) return BigInteger.One;

        var powers = digits.OddPowers;
        var lanes = checked((powers + 3) * Stride + 2 * _size + 8);
        var buffer = ArrayPool<ulong>.Shared.Rent(lanes);
        buffer.AsSpan(0, lanes).Clear();
        try
        {
            fixed (ulong* start = buffer)
            {
                ulong* modulus = start + 4, result = modulus + Stride, square = result + Stride, table = square + Stride, wide = table + powers * Stride;
                Write(_modulus, modulus);
                Write(_isOdd ? (@base << (_size * _width)) % _modulus : @base, table);
                if (powers > 1) Square(table, square, wide, modulus);
                for (var i = 1; i < powers; i++) Multiply(table + (i - 1) * Stride, square, table + i * Stride, wide, modulus);

                digits.Next(out _, out var digit);
                new ReadOnlySpan<ulong>(table + (digit >> 1) * Stride, _size).CopyTo(new Span<ulong>(result, _size));
                while (digits.Next(out var squarings, out digit))
                {
                    for (; squarings > 0; squarings--) Square(result, result, wide, modulus);
                    if (digit != 0) Multiply(result, table + (digit >> 1) * Stride, result, wide, modulus);
                }
                if (!_isOdd) return Read(result);

                // Multiplying by one leaves Montgomery form.
                new Span<ulong>(square, _size).Clear();
                square[0] = 1;
                Multiply(result, square, result, wide, modulus);
                var power = Read(result);
                return power >= _modulus ? power - _modulus : power;
            }
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(buffer);
        }
    }

    void Multiply(ulong* a, ulong* b, ulong* product, ulong* wide, ulong* modulus)
    {
        LaneProduct.Multiply(a, b, wide, _size);
        Reduce(wide, product, modulus);
    }

    void Square(ulong* a, ulong* square, ulong* wide, ulong* modulus)
    {
        LaneProduct.Square(a, wide, _size);
        Reduce(wide, square, modulus);
    }

    void Reduce(ulong* wide, ulong* reduced, ulong* modulus)
    {
        if (_isOdd)
        {
            LaneProduct.DivideOff(wide, modulus, _negativeInverse, _width, _size);
            LaneProduct.Carry(wide + _size, reduced, _width, _size);
        }
        else
        {
            LaneProduct.Carry(wide, reduced, _width, _size);
            CutOff(reduced);
        }
    }

    /// <summary>Clears what lies at and above the power of two.</summary>
    void CutOff(ulong* number)
    {
        var bits = _modulus.GetBitLength() - 1;
        for (var i = (int)(bits / _width); i < _size; i++)
        {
            var kept = (int)Math.Max(0, bits - (long)i * _width);
            number[i] &= (1UL << kept) - 1;
        }
    }

    void Write(in BigInteger number, ulong* lanes)
    {
        Span<byte> bytes = new byte[8 * (_size * (_width + 7L) / 64 + 2)];
        number.TryWriteBytes(bytes, out _, isUnsigned: true);
        for (var i = 0; i < _size; i++)
        {
            var bit = (long)i * _width;
            lanes[i] = MemoryMarshal.Read<ulong>(bytes[(int)(bit / 8)..]) >> (int)(bit % 8) & Mask;
        }
    }

    BigInteger Read(ulong* lanes)
    {
        Span<byte> bytes = new byte[8 * (_size * (_width + 7L) / 64 + 2)];
        for (var i = 0; i < _size; i++)
        {
            var bit = (long)i * _width;
            var at = bytes[(int)(bit / 8)..];
            MemoryMarshal.Write(at, MemoryMarshal.Read<ulong>(at) | lanes[i] << (int)(bit % 8));
        }
        return new BigInteger(bytes, isUnsigned: true);
    }
}
