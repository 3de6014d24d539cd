using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Codec;

/// <summary>Fields and secret to unsigned and signed bytes, for every form of transaction (codec/ethers.zip, codec/eip-155.json, BasicTests).</summary>
public class TransactionVectors
{
    [Theory]
    [InlineData("Legacy")]
    [InlineData("Eip155")]
    [InlineData("Berlin")]
    [InlineData("London")]
    [InlineData("Cancun")]
    public void Signing_gives_the_bytes_of_ethers(string form)
    {
        foreach (var vector in EthersVectors.Read("transactions"))
        {
            // Empty where the fields have no such form: EIP-155 without a chain id, a blob transaction without a recipient.
            if (vector.GetProperty("signed" + form).GetString() is null or "") continue;
            var name = vector.GetProperty("name").GetString();
            var expected = Hex.Decode(vector.GetProperty("signed" + form).GetString()!);
            var secret = Hex.Decode(vector.GetProperty("privateKey").GetString()!);
            var unsigned = Build(vector.GetProperty("transaction"), form);
            Assert.True(unsigned.SigningHash == Keccak256.Hash(Hex.Decode(vector.GetProperty("unsigned" + form).GetString()!)), $"{name}: signing hash");

            var signed = TransactionSigning.Sign(unsigned, secret);
            Assert.True(signed.Encoded.Span.SequenceEqual(expected), $"{name}: {Hex.Encode(signed.Encoded.Span)}");
            Assert.True(Transaction.TryDecode(expected, out var decoded, out var refusal), refusal?.ToString());
            Assert.True(SenderRecovery.TryRecover(decoded, requireLowS: true, out var sender), name);
            Assert.Equal(TransactionSigning.AddressOf(secret), sender);
            Assert.Equal(signed.Hash, decoded.Hash);
        }
    }

    [Fact]
    public void The_example_of_EIP_155_is_signed_as_it_says()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("codec/eip-155.json")));
        var example = document.RootElement.GetProperty("example");
        var unsigned = new LegacyTransaction
        {
            Nonce = example.GetProperty("nonce").GetUInt64(),
            GasPrice = UInt256.Parse(example.GetProperty("gasPrice").GetString()!),
            GasLimit = example.GetProperty("gasLimit").GetUInt64(),
            To = Address.Parse(example.GetProperty("to").GetString()!),
            Value = UInt256.Parse(example.GetProperty("value").GetString()!),
            V = LegacyTransaction.UnsignedV(example.GetProperty("chainId").GetUInt64()),
        };
        Assert.Equal(example.GetProperty("signingHash").GetString(), unsigned.SigningHash.ToString());
        var signed = (LegacyTransaction)TransactionSigning.Sign(unsigned, Hex.Decode(example.GetProperty("privateKey").GetString()!));
        Assert.Equal(example.GetProperty("v").GetString(), signed.V.ToString());
        Assert.Equal(example.GetProperty("r").GetString(), signed.R.ToString());
        Assert.Equal(example.GetProperty("signedTransaction").GetString(), Hex.Encode(signed.Encoded.Span));
    }

    [Fact]
    public void Transactions_of_the_basic_tests_recover_their_sender()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/txtest.json")));
        foreach (var vector in document.RootElement.EnumerateArray())
        {
            var bytes = Hex.Decode("0x" + vector.GetProperty("signed").GetString());
            Assert.True(Transaction.TryDecode(bytes, out var transaction, out var refusal), refusal?.ToString());
            Assert.Equal(vector.GetProperty("nonce").GetUInt64(), transaction.Nonce);
            Assert.Equal(vector.GetProperty("startgas").GetUInt64(), transaction.GasLimit);
            Assert.Equal("0x" + vector.GetProperty("data").GetString(), Hex.Encode(transaction.Data.Span));
            Assert.True(SenderRecovery.TryRecover(transaction, requireLowS: false, out var sender));
            Assert.Equal(TransactionSigning.AddressOf(Hex.Decode("0x" + vector.GetProperty("key").GetString())), sender);
        }
    }

    static Transaction Build(JsonElement fields, string form)
    {
        var (chainId, nonce) = ((ulong)Number("chainId"), (ulong)Number("nonce"));
        var gasLimit = (ulong)Number("gasLimit");
        Address? to = Text("to") is { } address ? Address.Parse(address) : null;
        var data = Text("data") is { } hex ? Hex.Decode(hex) : [];
        var list = fields.TryGetProperty("accessList", out var entries)
            ? entries.EnumerateArray().Select(entry => new AccessListEntry(Address.Parse(entry.GetProperty("address").GetString()!),
                [.. entry.GetProperty("storageKeys").EnumerateArray().Select(key => Hash256.Parse(key.GetString()!))])).ToArray()
            : [];
        return form switch
        {
            "Legacy" => new LegacyTransaction { V = LegacyTransaction.UnsignedV(null), Nonce = nonce, GasPrice = Number("gasPrice"), GasLimit = gasLimit, To = to, Value = Number("value"), Data = data },
            "Eip155" => new LegacyTransaction { V = LegacyTransaction.UnsignedV(chainId), Nonce = nonce, GasPrice = Number("gasPrice"), GasLimit = gasLimit, To = to, Value = Number("value"), Data = data },
            "Berlin" => new AccessListTransaction { ChainId = chainId, Nonce = nonce, GasPrice = Number("gasPrice"), GasLimit = gasLimit, To = to, Value = Number("value"), Data = data, AccessList = list },
            "London" => new DynamicFeeTransaction
            {
                ChainId = chainId,
                Nonce = nonce,
                MaxFeePerGas = Number("maxFeePerGas"),
                MaxPriorityFeePerGas = Number("maxPriorityFeePerGas"),
                GasLimit = gasLimit,
                To = to,
                Value = Number("value"),
                Data = data,
                AccessList = list,
            },
            _ => new BlobTransaction
            {
                ChainId = chainId,
                Nonce = nonce,
                MaxFeePerGas = Number("maxFeePerGas"),
                MaxPriorityFeePerGas = Number("maxPriorityFeePerGas"),
                GasLimit = gasLimit,
                To = to,
                Value = Number("value"),
                Data = data,
                AccessList = list,
                MaxFeePerBlobGas = Number("maxFeePerBlobGas"),
                BlobVersionedHashes = fields.TryGetProperty("blobVersionedHashes", out var hashes) ? [.. hashes.EnumerateArray().Select(hash => Hash256.Parse(hash.GetString()!))] : [],
            },
        };

        string? Text(string name) => fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        UInt256 Number(string name) => !fields.TryGetProperty(name, out var value) ? UInt256.Zero
            : value.ValueKind == JsonValueKind.Number ? value.GetUInt64() : UInt256.Parse(value.GetString()!);
    }
}
