using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>What x402 calls its parts (version 2, HTTP transport).</summary>
public static class X402
{
    public const int Version = 2;

    /// <summary>The scheme in which exactly the amount asked for is paid, by an authorisation of ERC-3009.</summary>
    public const string Exact = "exact";

    /// <summary>From the server: what it wants to be paid. With status 402.</summary>
    public const string RequiredHeader = "PAYMENT-REQUIRED";

    /// <summary>From the client: the payment.</summary>
    public const string SignatureHeader = "PAYMENT-SIGNATURE";

    /// <summary>From the server: what became of the payment.</summary>
    public const string ResponseHeader = "PAYMENT-RESPONSE";

    // What is longer is no payment.
    const int LongestHeader = 16_384;

    /// <summary>A chain's name (CAIP-2).</summary>
    public static string NetworkOf(ulong chainId) => string.Create(CultureInfo.InvariantCulture, $"eip155:{chainId}");

    public static string ToHeader(JsonObject message) => Convert.ToBase64String(Encoding.UTF8.GetBytes(message.ToJsonString()));

    public static bool TryFromHeader(string? header, [NotNullWhen(true)] out JsonObject? message)
    {
        message = null;
        if (header is not { Length: > 0 and <= LongestHeader }) return false;
        try
        {
            message = JsonNode.Parse(Convert.FromBase64String(header)) as JsonObject;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            // Not one.
        }
        return message is not null;
    }

    internal static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    internal static bool TryNumber(JsonNode? node, out UInt256 number)
    {
        number = default;
        return Text(node) is { Length: > 0 and <= 78 } text && text.All(char.IsAsciiDigit) && UInt256.TryParse(text, out number);
    }
}

/// <summary>What a resource costs, one way of several that a server may offer.</summary>
/// <param name="Network">The chain (CAIP-2): eip155:31337.</param>
/// <param name="Amount">In the token's smallest unit.</param>
/// <param name="Asset">The token.</param>
/// <param name="MaxTimeoutSeconds">How long the payment may take.</param>
/// <param name="Name">Of the token's domain for signatures (EIP-712).</param>
/// <param name="DomainVersion">Likewise.</param>
public sealed record PaymentRequirements(string Network, UInt256 Amount, Address Asset, Address PayTo, int MaxTimeoutSeconds, string Name, string DomainVersion)
{
    public JsonObject ToJson() => new()
    {
        ["scheme"] = X402.Exact,
        ["network"] = Network,
        ["amount"] = Amount.ToString(),
        ["asset"] = Asset.ToChecksumString(),
        ["payTo"] = PayTo.ToChecksumString(),
        ["maxTimeoutSeconds"] = MaxTimeoutSeconds,
        ["extra"] = new JsonObject { ["name"] = Name, ["version"] = DomainVersion },
    };

    /// <summary>False for another scheme, and for what lacks anything of this one.</summary>
    public static bool TryRead(JsonNode? node, [NotNullWhen(true)] out PaymentRequirements? requirements)
    {
        requirements = null;
        if (node is not JsonObject json || X402.Text(json["scheme"]) != X402.Exact || X402.Text(json["network"]) is not { } network || !X402.TryNumber(json["amount"], out var amount)
            || !Address.TryParse(X402.Text(json["asset"]), out var asset) || !Address.TryParse(X402.Text(json["payTo"]), out var payTo)
            || json["maxTimeoutSeconds"] is not JsonValue timeout || !timeout.TryGetValue<int>(out var seconds) || seconds < 1
            || json["extra"] is not JsonObject extra || X402.Text(extra["name"]) is not { } name || X402.Text(extra["version"]) is not { } version) return false;
        requirements = new PaymentRequirements(network, amount, asset, payTo, seconds, name, version);
        return true;
    }

    /// <summary>The domain that an authorisation is signed in; null for a network of another kind.</summary>
    public TypedDataDomain? Domain => Network.StartsWith("eip155:", StringComparison.Ordinal) && ulong.TryParse(Network.AsSpan(7), NumberStyles.None, CultureInfo.InvariantCulture, out var chainId)
        ? new TypedDataDomain(Name, DomainVersion, chainId, Asset) : null;
}

/// <summary>What a payer signed: that a token moves an amount from him to somebody, within a time, once.</summary>
/// <param name="ValidAfter">Seconds since 1970.</param>
/// <param name="ValidBefore">Likewise.</param>
/// <param name="Nonce">Of the payer's choice; the token takes each once.</param>
public sealed record TransferAuthorisation(Address From, Address To, UInt256 Value, UInt256 ValidAfter, UInt256 ValidBefore, Hash256 Nonce)
{
    const string Type = "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";

    /// <summary>What is signed (EIP-712).</summary>
    public Hash256 DigestIn(TypedDataDomain domain) => domain.DigestOf(Type, From, To, Value, ValidAfter, ValidBefore, Nonce);
}

/// <summary>A payment as a client sends it: which of the ways it chose, and its authorisation.</summary>
public sealed record PaymentPayload(PaymentRequirements Accepted, TransferAuthorisation Authorisation, Signature Signature)
{
    /// <param name="resource">What is paid for, as the server named it; null where it named nothing.</param>
    public JsonObject ToJson(JsonNode? resource = null)
    {
        var json = new JsonObject
        {
            ["x402Version"] = X402.Version,
            ["accepted"] = Accepted.ToJson(),
            ["payload"] = new JsonObject
            {
                ["signature"] = Hex.Encode(Signature.ToBytes()),
                ["authorization"] = new JsonObject
                {
                    ["from"] = Authorisation.From.ToChecksumString(),
                    ["to"] = Authorisation.To.ToChecksumString(),
                    ["value"] = Authorisation.Value.ToString(),
                    ["validAfter"] = Authorisation.ValidAfter.ToString(),
                    ["validBefore"] = Authorisation.ValidBefore.ToString(),
                    ["nonce"] = Authorisation.Nonce.ToString(),
                },
            },
        };
        if (resource is not null) json["resource"] = resource.DeepClone();
        return json;
    }

    /// <param name="why">The error's name in the specification, where it is no payment that can be read.</param>
    public static bool TryRead(JsonNode? node, [NotNullWhen(true)] out PaymentPayload? payment, [NotNullWhen(false)] out string? why)
    {
        (payment, why) = (null, "invalid_payload");
        if (node is not JsonObject json) return false;
        if (json["x402Version"] is not JsonValue version || !version.TryGetValue<int>(out var number) || number != X402.Version) why = "invalid_x402_version";
        else if (X402.Text(json["accepted"]?["scheme"]) is { } scheme && scheme != X402.Exact) why = "unsupported_scheme";
        else if (PaymentRequirements.TryRead(json["accepted"], out var accepted) && json["payload"] is JsonObject payload && payload["authorization"] is JsonObject told
            && Address.TryParse(X402.Text(told["from"]), out var from) && Address.TryParse(X402.Text(told["to"]), out var to) && X402.TryNumber(told["value"], out var value)
            && X402.TryNumber(told["validAfter"], out var after) && X402.TryNumber(told["validBefore"], out var before) && Hash256.TryParse(X402.Text(told["nonce"]), out var nonce))
        {
            if (!Hex.TryDecode(X402.Text(payload["signature"]) ?? "", out var bytes) || !Signature.TryRead(bytes, out var signature)) why = "invalid_exact_evm_payload_signature";
            else payment = new PaymentPayload(accepted, new TransferAuthorisation(from, to, value, after, before, nonce), signature);
        }
        return payment is not null;
    }
}
