using System.Text.Json;
using Xunit;

namespace Hufu.SpecTests;

/// <summary>Files of <c>[ { Input, Expected | ExpectedError, Name } ]</c>, hex without prefix, as the EIPs give them.</summary>
static class PrecompileVectors
{
    /// <summary>What a precompiled contract makes of its input; null is failure.</summary>
    public delegate byte[]? Contract(byte[] input);

    /// <summary>Runs every case of a file below <c>fixtures/crypto</c> and names the ones that come out otherwise.</summary>
    public static void Check(string file, Contract contract)
    {
        using JsonDocument vectors = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("crypto/" + file)));
        int cases = 0;
        var wrong = new List<string>();
        foreach (JsonElement vector in vectors.RootElement.EnumerateArray())
        {
            cases++;
            byte[]? output = contract(Convert.FromHexString(vector.GetProperty("Input").GetString()!));
            string? expected = vector.TryGetProperty("ExpectedError", out _) ? null : vector.GetProperty("Expected").GetString()!;
            string? actual = output is null ? null : Convert.ToHexStringLower(output);
            if (actual != expected) wrong.Add($"{vector.GetProperty("Name").GetString()}: expected {expected ?? "failure"}, got {actual ?? "failure"}");
        }

        Assert.NotEqual(0, cases);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>A truth value as the contracts return it: 32 bytes, big-endian.</summary>
    public static byte[] Truth(bool value)
    {
        var word = new byte[32];
        word[31] = value ? (byte)1 : (byte)0;
        return word;
    }
}
