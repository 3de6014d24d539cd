using System.Text;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>An address as banks' messages can carry it: an address in hexadecimal is longer than any account number may be.</summary>
static class AccountNumber
{
    const string Digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// <summary>An address as an account number: HF, then its bytes with a check byte in base 58. At most 34 characters.</summary>
    public static string Of(in Address address)
    {
        var number = new System.Numerics.BigInteger([.. address.Bytes, Keccak256.Hash(address.Bytes).Bytes[0]], isUnsigned: true, isBigEndian: true);
        var text = new StringBuilder();
        for (var i = 0; i < 29; i++)
        {
            number = System.Numerics.BigInteger.DivRem(number, 58, out var digit);
            text.Insert(0, Digits[(int)digit]);
        }
        return "HF" + text;
    }

    public static bool TryRead(string text, out Address address)
    {
        address = default;
        if (text.Length != 31 || !text.StartsWith("HF", StringComparison.Ordinal)) return false;
        var number = System.Numerics.BigInteger.Zero;
        foreach (var one in text[2..])
        {
            var digit = Digits.IndexOf(one, StringComparison.Ordinal);
            if (digit < 0) return false;
            number = number * 58 + digit;
        }
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        if (bytes.Length > 21) return false;
        byte[] whole = [.. new byte[21 - bytes.Length], .. bytes];
        address = Address.FromBytes(whole.AsSpan(0, 20));
        return Keccak256.Hash(address.Bytes).Bytes[0] == whole[20];
    }
}
