using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Rlp;

/// <summary>ethereum-tests/RLPTests: values and their one encoding; encodings that must be refused.</summary>
public class RlpTests
{
    [Theory]
    [InlineData("rlptest.json")]
    [InlineData("invalidRLPTest.json")]
    [InlineData("RandomRLPTests/example.json")]
    public void Encodings_agree_with_the_fixture(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture($"ethereum-tests/RLPTests/{file}")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            var input = test.Value.GetProperty("in");
            var text = test.Value.GetProperty("out").GetString()!;
            var rlp = Hex.Decode(text.StartsWith("0x", StringComparison.Ordinal) ? text : "0x" + text);
            var meaning = input.ValueKind == JsonValueKind.String ? input.GetString() : null;
            if (meaning is "INVALID" or "VALID")
            {
                Assert.True(IsWellFormed(rlp) == (meaning == "VALID"), test.Name);
                continue;
            }
            var writer = new RlpWriter();
            Write(writer, input);
            Assert.True(writer.Written.SequenceEqual(rlp), test.Name);
            Assert.True(IsWellFormed(rlp), test.Name);
            var reader = new RlpReader(rlp);
            AssertReads(ref reader, input, test.Name);
            reader.ExpectEnd();
            Assert.Null(reader.Error);
        }
    }

    [Fact]
    public void Encodings_agree_with_ethers()
    {
        foreach (var test in EthersVectors.Read("rlp"))
        {
            var rlp = Hex.Decode(test.GetProperty("encoded").GetString()!);
            var writer = new RlpWriter();
            WriteHex(writer, test.GetProperty("decoded"));
            Assert.True(writer.Written.SequenceEqual(rlp), test.GetProperty("name").GetString());
            Assert.True(IsWellFormed(rlp));
        }
    }

    static void WriteHex(RlpWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            writer.Write(Hex.Decode(value.GetString()!));
            return;
        }
        var list = writer.StartList();
        foreach (var item in value.EnumerateArray()) WriteHex(writer, item);
        writer.EndList(list);
    }

    static void Write(RlpWriter writer, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var list = writer.StartList();
            foreach (var item in value.EnumerateArray()) Write(writer, item);
            writer.EndList(list);
        }
        else if (value.ValueKind == JsonValueKind.Number) writer.Write(value.GetUInt64());
        else writer.Write(Bytes(value.GetString()!));
    }

    static void AssertReads(ref RlpReader reader, JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            var end = reader.EnterList();
            foreach (var item in value.EnumerateArray()) AssertReads(ref reader, item, name);
            reader.LeaveList(end);
        }
        else if (value.ValueKind == JsonValueKind.Number) Assert.True(reader.ReadUInt64() == value.GetUInt64(), name);
        else Assert.True(reader.ReadBytes().SequenceEqual(Bytes(value.GetString()!)), name);
    }

    static byte[] Bytes(string text) => text.StartsWith('#')
        ? BigInteger.Parse(text.AsSpan(1), CultureInfo.InvariantCulture).ToByteArray(isUnsigned: true, isBigEndian: true)
        : Encoding.UTF8.GetBytes(text);

    static bool IsWellFormed(ReadOnlySpan<byte> rlp)
    {
        var reader = new RlpReader(rlp);
        if (!Walk(ref reader)) return false;
        reader.ExpectEnd();
        return !reader.Failed;
    }

    static bool Walk(ref RlpReader reader)
    {
        if (!reader.NextIsList)
        {
            reader.ReadBytes();
            return !reader.Failed;
        }
        var end = reader.EnterList();
        while (reader.HasMore(end))
            if (!Walk(ref reader)) return false;
        reader.LeaveList(end);
        return !reader.Failed;
    }
}
