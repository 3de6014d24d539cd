using System.Formats.Asn1;
using System.IO.Compression;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Hufu.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>Project Wycheproof's vectors; the byte forms that Ethereum does not know (DER) are taken apart here, strictly.</summary>
static class Wycheproof
{
    public static void CheckSignatures(string file, Func<byte[], byte[], byte[], bool> verify, string implementation)
    {
        using var suite = Open(file);
        var cases = 0;
        var wrong = new List<string>();
        foreach (var group in suite.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            var key = Convert.FromHexString(group.GetProperty("publicKey").GetProperty("uncompressed").GetString()!)[1..];
            var isPlain = group.GetProperty("type").GetString() == "EcdsaP1363Verify";
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                cases++;
                var hash = Hash(group.GetProperty("sha").GetString()!, Bytes(test, "msg"))[..32];
                var signature = isPlain ? Bytes(test, "sig") : FromDer(Bytes(test, "sig"));
                var isValid = signature is { Length: 64 } && verify(hash, signature, key);
                if (isValid != (test.GetProperty("result").GetString() == "valid")) wrong.Add($"{implementation}, case {test.GetProperty("tcId")}: {test.GetProperty("comment").GetString()}");
            }
        }
        Assert.NotEqual(0, cases);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>
    /// A valid case must give its secret. A case that carries a point in the one form Ethereum has must give its secret or, where it is
    /// called invalid, nothing. Cases about X.509 wrapping alone (other curve parameters, compressed keys) have nothing to say here.
    /// </summary>
    public static void CheckAgreements(string file)
    {
        using var suite = Open(file);
        int cases = 0;
        foreach (var group in suite.RootElement.GetProperty("testGroups").EnumerateArray())
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var result = test.GetProperty("result").GetString();
                var comment = $"case {test.GetProperty("tcId")}: {test.GetProperty("comment").GetString()}";
                var secret = Bytes(test, "private").AsSpan().TrimStart((byte)0).ToArray();
                var point = PointOf(Bytes(test, "public"));
                if (point is null || secret.Length > 32)
                {
                    Assert.True(result != "valid", comment);
                    continue;
                }
                cases++;
                var shared = new byte[32];
                var agrees = Secp256k1.TryAgree([.. new byte[32 - secret.Length], .. secret], point, shared);
                if (result == "valid") Assert.True(agrees, comment);
                if (agrees) Assert.True(Convert.ToHexStringLower(shared) == test.GetProperty("shared").GetString(), comment);
            }
        Assert.NotEqual(0, cases);
    }

    static JsonDocument Open(string file)
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("crypto/wycheproof.zip"));
        var entry = archive.Entries.Single(entry => entry.Name == file);
        using var stream = entry.Open();
        return JsonDocument.Parse(stream);
    }

    static byte[] Bytes(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);

    static byte[] Hash(string name, byte[] message)
    {
        switch (name)
        {
            case "SHA-256": return SHA256.HashData(message);
            case "SHA-512": return SHA512.HashData(message);
            case "SHA3-256":
                var digest = new Sha3Digest(256);
                digest.BlockUpdate(message, 0, message.Length);
                var hash = new byte[32];
                digest.DoFinal(hash, 0);
                return hash;
            default: throw new NotSupportedException(name);
        }
    }

    // Two non-negative integers of at most 32 bytes in a DER sequence; null for anything else.
    static byte[]? FromDer(byte[] der)
    {
        try
        {
            var reader = new AsnReader(der, AsnEncodingRules.DER);
            var sequence = reader.ReadSequence();
            BigInteger r = sequence.ReadInteger(), s = sequence.ReadInteger();
            sequence.ThrowIfNotEmpty();
            reader.ThrowIfNotEmpty();
            if (r.Sign < 0 || s.Sign < 0 || r.GetByteCount(isUnsigned: true) > 32 || s.GetByteCount(isUnsigned: true) > 32) return null;
            var signature = new byte[64];
            Write(r, signature.AsSpan(0, 32));
            Write(s, signature.AsSpan(32));
            return signature;
        }
        catch (AsnContentException)
        {
            return null;
        }

        static void Write(BigInteger number, Span<byte> bytes32) =>
            number.TryWriteBytes(bytes32[(32 - number.GetByteCount(isUnsigned: true))..], out _, isUnsigned: true, isBigEndian: true);
    }

    // The 64 bytes after 04 in a SubjectPublicKeyInfo that names secp256k1; null for anything else.
    static byte[]? PointOf(byte[] publicKeyInfo)
    {
        try
        {
            var info = new AsnReader(publicKeyInfo, AsnEncodingRules.DER).ReadSequence();
            var algorithm = info.ReadSequence();
            if (algorithm.ReadObjectIdentifier() != "1.2.840.10045.2.1" || algorithm.PeekTag() != Asn1Tag.ObjectIdentifier) return null;
            if (algorithm.ReadObjectIdentifier() != "1.3.132.0.10") return null;
            var point = info.ReadBitString(out _);
            return point.Length == 65 && point[0] == 4 ? point[1..] : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
