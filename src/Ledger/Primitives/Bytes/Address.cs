using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Hufu.Primitives;

/// <summary>An account's address: 20 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly struct Address : IEquatable<Address>, IComparable<Address>
{
    public const int Size = 20;

    readonly ulong _0, _1;
    readonly uint _2;

    Address(ulong first, ulong second, uint third) => (_0, _1, _2) = (first, second, third);

    public static Address Zero => default;

    /// <summary>Takes exactly 20 bytes.</summary>
    public static Address FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size) throw new ArgumentException($"an address has 20 bytes, not {bytes.Length}", nameof(bytes));
        return MemoryMarshal.Read<Address>(bytes);
    }

    /// <summary>The last 20 bytes of the Keccak-256 of an uncompressed public key without its leading 04 (yellow paper, appendix F).</summary>
    public static Address FromPublicKey(ReadOnlySpan<byte> publicKey64)
    {
        var hash = Keccak256.Hash(publicKey64);
        return FromBytes(hash.Bytes[12..]);
    }

    /// <summary>The address of a contract made by CREATE or by a transaction without recipient: keccak(rlp([sender, nonce]))[12..].</summary>
    public static Address ForCreate(in Address sender, ulong nonce)
    {
        // [sender, nonce] never exceeds 55 bytes: 1 + 21 + 9.
        Span<byte> rlp = stackalloc byte[1 + 1 + Size + 9];
        rlp[1] = 0x80 + Size;
        sender.Bytes.CopyTo(rlp[2..]);
        var length = 2 + Size;
        if (nonce == 0) rlp[length++] = 0x80;
        else if (nonce < 0x80) rlp[length++] = (byte)nonce;
        else
        {
            Span<byte> big = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(big, nonce);
            var digits = big[(System.Numerics.BitOperations.LeadingZeroCount(nonce) / 8)..];
            rlp[length++] = (byte)(0x80 + digits.Length);
            digits.CopyTo(rlp[length..]);
            length += digits.Length;
        }
        rlp[0] = (byte)(0xC0 + length - 1);
        return FromBytes(Keccak256.Hash(rlp[..length]).Bytes[12..]);
    }

    /// <summary>The address of a contract made by CREATE2 (EIP-1014).</summary>
    public static Address ForCreate2(in Address sender, in Hash256 salt, in Hash256 initCodeHash)
    {
        Span<byte> preimage = stackalloc byte[1 + Size + 2 * Hash256.Size];
        preimage[0] = 0xFF;
        sender.Bytes.CopyTo(preimage[1..]);
        salt.Bytes.CopyTo(preimage[21..]);
        initCodeHash.Bytes.CopyTo(preimage[53..]);
        return FromBytes(Keccak256.Hash(preimage).Bytes[12..]);
    }

    /// <summary>An address whose last bytes hold a small number: precompiles and system contracts.</summary>
    public static Address FromNumber(uint number)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(bytes[16..], number);
        return FromBytes(bytes);
    }

    /// <summary>The low 20 bytes of an EVM word.</summary>
    public static Address FromUInt256(in UInt256 word)
    {
        if (!BitConverter.IsLittleEndian)
        {
            Span<byte> bytes = stackalloc byte[32];
            word.WriteBigEndian(bytes);
            return FromBytes(bytes[12..]);
        }
        // By limbs: the EVM asks this for every BALANCE and every call.
        var first = (ulong)BinaryPrimitives.ReverseEndianness((uint)word.U2);
        var second = BinaryPrimitives.ReverseEndianness(word.U1);
        var third = BinaryPrimitives.ReverseEndianness(word.U0);
        return new Address(first | second << 32, second >> 32 | third << 32, (uint)(third >> 32));
    }

    public UInt256 ToUInt256()
    {
        var (low, middle, high) = Limbs;
        return new UInt256(low, middle, high, 0);
    }

    /// <summary>The three limbs of the address as a number, lowest first.</summary>
    public (ulong Low, ulong Middle, ulong High) Limbs
    {
        get
        {
            if (BitConverter.IsLittleEndian)
            {
                return (BinaryPrimitives.ReverseEndianness(_1 >> 32 | (ulong)_2 << 32), BinaryPrimitives.ReverseEndianness(_0 >> 32 | _1 << 32), BinaryPrimitives.ReverseEndianness((uint)_0));
            }
            var bytes = Bytes;
            return (BinaryPrimitives.ReadUInt64BigEndian(bytes[12..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt32BigEndian(bytes));
        }
    }

    /// <summary>Reads "0x" and 40 hexadecimal digits, in any letter case (a mixed-case checksum is not checked: see <see cref="HasValidChecksum"/>).</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Address address)
    {
        address = default;
        if (text.Length != 2 + 2 * Size || !Hex.TryDecode(text, out var bytes)) return false;
        address = FromBytes(bytes);
        return true;
    }

    public static Address Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an address: write 0x and 40 hexadecimal digits");

    /// <summary>Whether mixed-case text carries the right EIP-55 checksum; text in one case carries none and is valid.</summary>
    public static bool HasValidChecksum(ReadOnlySpan<char> text)
    {
        if (!TryParse(text, out var address)) return false;
        var digits = text[2..];
        return digits.IndexOfAnyInRange('a', 'f') < 0 || digits.IndexOfAnyInRange('A', 'F') < 0
            || digits.SequenceEqual(address.ToChecksumString().AsSpan(2));
    }

    /// <summary>The mixed-case form of EIP-55.</summary>
    public string ToChecksumString()
    {
        var lower = ToString();
        Span<byte> ascii = stackalloc byte[2 * Size];
        System.Text.Encoding.ASCII.GetBytes(lower.AsSpan(2), ascii);
        var hash = Keccak256.Hash(ascii);
        return string.Create(lower.Length, (lower, hash), static (text, state) =>
        {
            state.lower.CopyTo(text);
            for (var i = 0; i < 2 * Size; i++)
            {
                var nibble = (state.hash.Bytes[i / 2] >> (i % 2 == 0 ? 4 : 0)) & 0xF;
                if (nibble >= 8) text[i + 2] = char.ToUpperInvariant(text[i + 2]);
            }
        });
    }

    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<Address>(in this));

    public byte[] ToArray() => Bytes.ToArray();

    public bool IsZero => (_0 | _1 | _2) == 0;

    public bool Equals(Address other) => ((_0 ^ other._0) | (_1 ^ other._1) | (_2 ^ other._2)) == 0;

    public int CompareTo(Address other) => Bytes.SequenceCompareTo(other.Bytes);

    public override bool Equals(object? obj) => obj is Address other && Equals(other);

    public override int GetHashCode() => HashSeed.Mix(_0, _1, _2, 0);

    public override string ToString() => Hex.Encode(Bytes);

    public static bool operator ==(Address left, Address right) => left.Equals(right);
    public static bool operator !=(Address left, Address right) => !left.Equals(right);
    public static bool operator <(Address left, Address right) => left.CompareTo(right) < 0;
    public static bool operator >(Address left, Address right) => left.CompareTo(right) > 0;
    public static bool operator <=(Address left, Address right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Address left, Address right) => left.CompareTo(right) >= 0;
}
