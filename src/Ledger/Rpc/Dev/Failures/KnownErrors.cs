using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// The custom errors of the contracts in a folder of artifacts (Hardhat's `artifacts`, Foundry's `out`), so that a revert is told by its name and values. What is
/// compiled while the chain runs is found when an unknown error comes.
/// </summary>
public sealed class KnownErrors
{
    // Larger files are those of whole builds, which repeat what stands in the artifacts.
    const long LargestArtifact = 16 << 20;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    readonly string _folder;
    readonly TimeProvider _clock;
    readonly Lock _lock = new();
    volatile FrozenDictionary<uint, (string Name, string[] Types)> _bySelector = FrozenDictionary<uint, (string, string[])>.Empty;
    DateTimeOffset _lastLook;

    public KnownErrors(string folder, TimeProvider clock)
    {
        (_folder, _clock) = (folder, clock);
        Look();
    }

    public int Count => _bySelector.Count;

    /// <summary>The error in a revert's bytes with its values, as it would stand in the contract; null where it is not known.</summary>
    public string? Describe(ReadOnlySpan<byte> output)
    {
        if (output.Length < 4) return null;
        var selector = BinaryPrimitives.ReadUInt32BigEndian(output);
        if (!_bySelector.TryGetValue(selector, out var known))
        {
            Look();
            if (!_bySelector.TryGetValue(selector, out known)) return null;
        }
        var values = new string[known.Types.Length];
        var at = 0;
        for (var i = 0; i < values.Length; i++)
        {
            // What stands in more than one word is not taken apart: what comes after it is not where one would look.
            if (known.Types[i].StartsWith('(') && at >= 0) at = -1;
            values[i] = at < 0 ? "…" : Value(known.Types[i], output[4..], at);
            if (at >= 0) at += 32;
        }
        return $"{known.Name}({string.Join(", ", values)})";
    }

    void Look()
    {
        lock (_lock)
        {
            var now = _clock.GetUtcNow();
            if (now - _lastLook < Patience || !Directory.Exists(_folder)) return;
            _lastLook = now;
            var found = new Dictionary<uint, (string, string[])>();
            foreach (var file in Directory.EnumerateFiles(_folder, "*.json", SearchOption.AllDirectories)) Read(file, found);
            _bySelector = found.ToFrozenDictionary();
        }
    }

    static void Read(string file, Dictionary<uint, (string, string[])> found)
    {
        try
        {
            if (new FileInfo(file).Length > LargestArtifact) return;
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("abi", out var abi) || abi.ValueKind != JsonValueKind.Array) return;
            foreach (var entry in abi.EnumerateArray())
            {
                if (!entry.TryGetProperty("type", out var kind) || !kind.ValueEquals("error"u8)) continue;
                var name = entry.GetProperty("name").GetString()!;
                string[] types = [.. entry.GetProperty("inputs").EnumerateArray().Select(TypeOf)];
                var selector = BinaryPrimitives.ReadUInt32BigEndian(Keccak256.Hash(Encoding.UTF8.GetBytes($"{name}({string.Join(',', types)})")).Bytes);
                found.TryAdd(selector, (name, types));
            }
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException or KeyNotFoundException or InvalidOperationException)
        {
            // A file being written, or none of ours: the rest is read all the same.
        }
    }

    static string TypeOf(JsonElement input)
    {
        var type = input.GetProperty("type").GetString()!;
        return type.StartsWith("tuple", StringComparison.Ordinal)
            ? $"({string.Join(',', input.GetProperty("components").EnumerateArray().Select(TypeOf))}){type[5..]}" : type;
    }

    static string Value(string type, ReadOnlySpan<byte> values, int at)
    {
        if (values.Length < at + 32 || type.EndsWith(']')) return "…";
        var word = values.Slice(at, 32);
        if (type == "bool") return word[31] != 0 ? "true" : "false";
        if (type == "address") return Address.FromBytes(word[12..]).ToChecksumString();
        if (type.StartsWith("uint", StringComparison.Ordinal)) return new BigInteger(word, isUnsigned: true, isBigEndian: true).ToString(CultureInfo.InvariantCulture);
        if (type.StartsWith("int", StringComparison.Ordinal)) return new BigInteger(word, isUnsigned: false, isBigEndian: true).ToString(CultureInfo.InvariantCulture);
        if (type is "string" or "bytes")
        {
            var offset = UInt256.FromBigEndian(word);
            if (offset > (ulong)values.Length - 32) return "…";
            var length = UInt256.FromBigEndian(values.Slice((int)offset.Low64, 32));
            if (length > (ulong)values.Length - 32 - offset) return "…";
            var bytes = values.Slice((int)offset.Low64 + 32, (int)length.Low64);
            return type == "string" ? $"\"{Encoding.UTF8.GetString(bytes)}\"" : Hex.Encode(bytes);
        }
        return type.StartsWith("bytes", StringComparison.Ordinal) && int.TryParse(type.AsSpan(5), CultureInfo.InvariantCulture, out var size) && size <= 32 ? Hex.Encode(word[..size]) : "…";
    }
}
