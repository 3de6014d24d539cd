using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Node;

/// <summary>The network of `hufu up`: proof of stake and every fork up to Osaka from the first block, with accounts that everybody knows the secrets of.</summary>
public static class DevNetwork
{
    public const ulong ChainId = 31337;

    /// <summary>10,000 Ether for each account, in Wei.</summary>
    public static readonly UInt256 DefaultBalance = UInt256.Parse("10000000000000000000000");

    /// <summary>The genesis file, as a text that <see cref="GenesisJson"/> reads.</summary>
    public static byte[] GenesisFile(ulong chainId, ulong? gasLimit, IEnumerable<Address> funded, in UInt256 balance, ulong timestamp = 0)
    {
        using var resource = Assembly.GetExecutingAssembly().GetManifestResourceStream("dev.json")!;
        var genesis = JsonNode.Parse(resource)!;
        genesis["config"]!["chainId"] = chainId;
        if (gasLimit is { } limit) genesis["gasLimit"] = "0x" + limit.ToString("x", CultureInfo.InvariantCulture);
        if (timestamp > 0) genesis["timestamp"] = "0x" + timestamp.ToString("x", CultureInfo.InvariantCulture);
        foreach (var address in funded) genesis["alloc"]![address.ToString()] = new JsonObject { ["balance"] = balance.ToHexQuantity() };
        return System.Text.Encoding.UTF8.GetBytes(genesis.ToJsonString(new() { WriteIndented = true }));
    }
}
