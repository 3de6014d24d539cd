using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Client;

public sealed class AbiVectorTests
{
    [Fact]
    public void Values_are_encoded_as_Solidity_does_and_read_back()
    {
        foreach (var vector in EthersVectors.Read("abi"))
        {
            var name = vector.GetProperty("name").GetString();
            var type = AbiType.Parse(vector.GetProperty("type").GetString()!);
            var value = Verbose(type, vector.GetProperty("verbose"));
            var expected = vector.GetProperty("encoded").GetString()!;
            var parameters = new[] { new AbiParameter("", type) };

            Assert.True(expected == Hex.Encode(AbiEncoder.Encode(parameters, [value])), name);
            Assert.True(AbiDecoder.TryDecode(parameters, Hex.Decode(expected), out var decoded, out var refusal, canonical: true), $"{name}: {refusal}");
            Assert.True(AbiJson.Text(value) == AbiJson.Text(decoded[0]), name);
        }
    }

    [Fact]
    public void The_tests_of_Ethereum_are_encoded_as_they_say()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/ABITests/basic_abi_tests.json")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            AbiType[] types = [.. test.Value.GetProperty("types").EnumerateArray().Select(type => AbiType.Parse(type.GetString()!))];
            // Text stands for its bytes where a byte string is wanted.
            object[] values = [.. test.Value.GetProperty("args").EnumerateArray().Select((argument, i) =>
                types[i].Kind is AbiKind.Bytes or AbiKind.FixedBytes ? System.Text.Encoding.UTF8.GetBytes(argument.GetString()!) : AbiJson.Read(types[i], argument))];

            Assert.Equal("0x" + test.Value.GetProperty("result").GetString(), Hex.Encode(AbiEncoder.Encode(AbiType.Tuple(types), values)));
        }
    }

    [Fact]
    public void Packed_values_hash_as_Solidity_hashes_them()
    {
        foreach (var vector in EthersVectors.Read("solidity-hashes"))
        {
            AbiType[] types = [.. vector.GetProperty("types").EnumerateArray().Select(type => AbiType.Parse(type.GetString()!))];
            object[] values = [.. vector.GetProperty("values").EnumerateArray().Select((value, i) => AbiJson.Read(types[i], value))];

            Assert.True(vector.GetProperty("keccak256").GetString() == Keccak256.Hash(PackedEncoder.Encode(types, values)).ToString(), vector.GetProperty("name").GetString());
        }
    }

    [Fact]
    public void Typed_data_has_the_digest_that_wallets_sign()
    {
        foreach (var vector in EthersVectors.Read("typed-data"))
        {
            var name = vector.GetProperty("name").GetString();
            var json = JsonSerializer.Serialize(new Dictionary<string, JsonElement>
            {
                ["types"] = vector.GetProperty("types"),
                ["primaryType"] = vector.GetProperty("primaryType"),
                ["domain"] = vector.GetProperty("domain"),
                ["message"] = vector.GetProperty("data"),
            });

            Assert.True(TypedData.TryParse(json, out var data, out var refusal), $"{name}: {refusal}");
            Assert.True(vector.GetProperty("encoded").GetString() == Hex.Encode(data.EncodedStruct.Span), name);
            Assert.True(vector.GetProperty("digest").GetString() == data.Digest.ToString(), name);
            if (!vector.TryGetProperty("privateKey", out var secret)) continue;
            Assert.Equal(vector.GetProperty("signature").GetString(), Hex.Encode(Signer.FromSecret(Hex.Decode(secret.GetString()!)).Sign(data).ToBytes()));
        }
    }

    // The vectors name the kind of each value beside it.
    static object Verbose(AbiType type, JsonElement value)
    {
        var inner = value.GetProperty("value");
        return type.Kind switch
        {
            AbiKind.Array => inner.EnumerateArray().Select(item => Verbose(type.Element!, item)).ToArray(),
            AbiKind.Tuple => inner.EnumerateArray().Select((item, i) => Verbose(type.Components[i].Type, item)).ToArray(),
            _ => AbiJson.Read(type, inner),
        };
    }
}
