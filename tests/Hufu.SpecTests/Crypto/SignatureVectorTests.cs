using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>secp256k1 and P-256 against Wycheproof, the precompile vectors and ethereum/tests, on every implementation this machine has.</summary>
public class SignatureVectorTests
{
    static readonly NativeSecp256k1? Native = NativeSecp256k1.TryLoad();

    delegate bool Recovery(ReadOnlySpan<byte> hash, ReadOnlySpan<byte> signature, int id, Span<byte> key);

    [Fact]
    public void Recovery_agrees_with_the_vectors_of_ecrecover()
    {
        foreach (var (_, _, recover) in Implementations())
            PrecompileVectors.Check("precompiles/ecRecover.json", input => EcRecover(input, recover));
    }

    [Theory]
    [InlineData("ecdsa_secp256k1_sha256_test.json")]
    [InlineData("ecdsa_secp256k1_sha3_256_test.json")]
    public void Secp256k1_signatures_of_Wycheproof_verify_or_fail_as_told(string file)
    {
        foreach (var (name, verify, _) in Implementations())
            Wycheproof.CheckSignatures(file, (hash, signature, key) => verify(hash, signature, key), name);
    }

    [Theory]
    [InlineData("ecdsa_secp256r1_sha256_test.json")]
    [InlineData("ecdsa_secp256r1_sha256_p1363_test.json")]
    [InlineData("ecdsa_secp256r1_sha512_test.json")]
    public void P256_signatures_of_Wycheproof_verify_or_fail_as_told(string file) =>
        Wycheproof.CheckSignatures(file, (hash, signature, key) =>
            P256.Verify(hash, signature.AsSpan(0, 32), signature.AsSpan(32), key.AsSpan(0, 32), key.AsSpan(32)), "managed");

    [Fact]
    public void Secp256k1_agreements_of_Wycheproof_come_out_as_told() =>
        Wycheproof.CheckAgreements("ecdh_secp256k1_test.json");

    [Theory]
    [InlineData("precompiles/p256Verify.json")]
    [InlineData("eip-7951/test-vectors.json")]
    public void P256_agrees_with_the_vectors_of_EIP_7951(string file) =>
        PrecompileVectors.Check(file, input =>
            input.Length == 160 && P256.Verify(input.AsSpan(0, 32), input.AsSpan(32, 32), input.AsSpan(64, 32), input.AsSpan(96, 32), input.AsSpan(128, 32))
                ? PrecompileVectors.Truth(true)
                : []);

    // The file's signatures are left aside: what was hashed for them is not written down.
    [Fact]
    public void Keys_have_the_addresses_of_ethereum_tests()
    {
        using var cases = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/keyaddrtest.json")));
        foreach (var test in cases.RootElement.EnumerateArray())
        {
            var secret = Convert.FromHexString(test.GetProperty("key").GetString()!);
            var address = "0x" + test.GetProperty("addr").GetString();
            Assert.Equal(address, Address.FromPublicKey(Secp256k1.PublicKey(secret)).ToString());
        }
    }

    static IEnumerable<(string Name, Func<byte[], byte[], byte[], bool> Verify, Recovery Recover)> Implementations()
    {
        yield return ("managed", (hash, signature, key) => ManagedSecp256k1.Verify(hash, signature, key), ManagedSecp256k1.TryRecover);
        if (Native is { } native) yield return (native.LibraryName, (hash, signature, key) => native.Verify(hash, signature, key), native.TryRecover);
    }

    // Precompiled contract 1 (yellow paper, appendix E): empty output where nothing is recovered.
    static byte[] EcRecover(byte[] input, Recovery recover)
    {
        Array.Resize(ref input, 128);
        var v = UInt256.FromBigEndian(input.AsSpan(32, 32));
        var key = new byte[64];
        if (v != 27 && v != 28 || !recover(input.AsSpan(0, 32), input.AsSpan(64), (int)v.Low64 - 27, key)) return [];
        return [.. new byte[12], .. Address.FromPublicKey(key).ToArray()];
    }
}
