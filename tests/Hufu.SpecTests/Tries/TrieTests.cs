using System.Text;
using System.Text.Json;
using Hufu.Primitives;
using Xunit;

namespace Hufu.SpecTests.Tries;

/// <summary>ethereum-tests/TrieTests: the root of a trie given by its contents. (trietestnextprev.json holds no roots: it tests an iterator over keys, which Hufu's tries do not have.)</summary>
public class TrieTests
{
    [Theory]
    [InlineData("trietest.json", false)]
    [InlineData("trieanyorder.json", false)]
    [InlineData("trietest_secureTrie.json", true)]
    [InlineData("trieanyorder_secureTrie.json", true)]
    [InlineData("hex_encoded_securetrie_test.json", true)]
    public void Roots_and_proofs_agree_with_the_fixture(string file, bool hashedKeys)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture($"ethereum-tests/TrieTests/{file}")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            var entries = Contents(test.Value.GetProperty("in"), hashedKeys);
            var root = TrieRoot.Of(entries);
            Assert.True(test.Value.GetProperty("root").GetString() == root.ToString(), $"{test.Name}: {root}");
            for (var i = 0; i < entries.Count; i++)
            {
                var nodes = TrieRoot.Prove(entries, i);
                Assert.True(MerkleProof.TryVerify(root, entries.Key(i), nodes, out var value, out var refusal), refusal?.ToString());
                Assert.Equal(entries.Value(i), value);
            }
        }
    }

    [Fact]
    public void Hex_prefixes_agree_with_the_fixture()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("ethereum-tests/BasicTests/hexencodetest.json")));
        foreach (var test in document.RootElement.EnumerateObject())
        {
            var nibbles = string.Concat(test.Value.GetProperty("seq").EnumerateArray().Select(nibble => nibble.GetInt32().ToString("x")));
            var odd = nibbles.Length % 2;
            var path = new NibblePath(Convert.FromHexString(odd == 1 ? "0" + nibbles : nibbles)).Skip(odd);
            var encoded = new byte[path.HexPrefixLength];
            path.WriteHexPrefix(encoded, test.Value.GetProperty("term").GetBoolean());
            Assert.Equal(test.Value.GetProperty("out").GetString(), Convert.ToHexStringLower(encoded));
        }
    }

    static SortedContents Contents(JsonElement input, bool hashedKeys)
    {
        var contents = new Dictionary<string, byte[]?>();
        if (input.ValueKind == JsonValueKind.Array)
            foreach (var change in input.EnumerateArray()) contents[change[0].GetString()!] = change[1].GetString() is { } text ? Bytes(text) : null;
        else
            foreach (var change in input.EnumerateObject()) contents[change.Name] = Bytes(change.Value.GetString()!);
        return new SortedContents(contents.Where(entry => entry.Value is { Length: > 0 })
            .Select(entry => (hashedKeys ? Keccak256.Hash(Bytes(entry.Key)).ToArray() : Bytes(entry.Key), entry.Value!)));
    }

    static byte[] Bytes(string text) => text.StartsWith("0x", StringComparison.Ordinal) ? Hex.Decode(text) : Encoding.UTF8.GetBytes(text);

    sealed class SortedContents : ITrieEntries
    {
        readonly List<(byte[] Key, byte[] Value)> _entries;

        public SortedContents(IEnumerable<(byte[] Key, byte[] Value)> entries)
        {
            _entries = [.. entries];
            _entries.Sort((left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        }

        public int Count => _entries.Count;
        public ReadOnlySpan<byte> Key(int position) => _entries[position].Key;
        public byte[] Value(int position) => _entries[position].Value;
        public void WriteValue(int position, RlpWriter writer) => writer.WriteRaw(_entries[position].Value);
    }
}
