using System.IO.Compression;
using System.Text.Json;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>The arithmetic of single opcodes: <c>testcases_&lt;op&gt;.json</c>, each case two operands (Y on top of the stack) and the word they leave.</summary>
public sealed class OpcodeVectors
{
    sealed record Vector(string X, string Y, string Expected);

    /// <summary>What an opcode leaves, given the operand on top of the stack and the one below.</summary>
    static readonly Dictionary<string, Func<UInt256, UInt256, UInt256>> Operations = new()
    {
        ["add"] = (top, below) => top + below,
        ["sub"] = (top, below) => top - below,
        ["mul"] = (top, below) => top * below,
        ["div"] = (top, below) => top / below,
        ["sdiv"] = (top, below) => UInt256.SignedDivide(top, below),
        ["mod"] = (top, below) => top % below,
        ["smod"] = (top, below) => UInt256.SignedRemainder(top, below),
        ["exp"] = (top, below) => UInt256.Exponent(top, below),
        ["signext"] = (top, below) => UInt256.SignExtend(top, below),
        ["lt"] = (top, below) => top < below ? 1 : 0,
        ["gt"] = (top, below) => top > below ? 1 : 0,
        ["slt"] = (top, below) => UInt256.SignedLessThan(top, below) ? 1 : 0,
        ["sgt"] = (top, below) => UInt256.SignedLessThan(below, top) ? 1 : 0,
        ["eq"] = (top, below) => top == below ? 1 : 0,
        ["and"] = (top, below) => top & below,
        ["or"] = (top, below) => top | below,
        ["xor"] = (top, below) => top ^ below,
        ["byte"] = (top, below) => UInt256.ByteAt(top, below),
        ["shl"] = (top, below) => UInt256.ShiftLeft(below, top),
        ["shr"] = (top, below) => UInt256.ShiftRight(below, top),
        ["sar"] = (top, below) => UInt256.ShiftRightArithmetic(below, top),
    };

    [Fact]
    public void Every_vector_of_every_opcode_holds()
    {
        using var archive = ZipFile.OpenRead(SharedFolder.Fixture("evm/opcodes.zip"));
        var count = 0;
        foreach (var file in archive.Entries.Where(entry => entry.Name.StartsWith("testcases_", StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(file.Name)["testcases_".Length..];
            Assert.True(Operations.TryGetValue(name, out var operation), $"no operation for {file.FullName}");
            using var stream = file.Open();
            foreach (var vector in JsonSerializer.Deserialize<Vector[]>(stream)!)
            {
                var result = operation(Word(vector.Y), Word(vector.X));
                Assert.True(result == Word(vector.Expected), $"{name} of {vector.Y} (top) and {vector.X} is {result:x}, not {vector.Expected}");
                count++;
            }
        }
        Assert.True(count >= 1296, $"only {count} vectors were found");
    }

    static UInt256 Word(string digits) => UInt256.Parse("0x" + digits);
}
