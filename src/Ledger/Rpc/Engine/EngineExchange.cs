using System.Reflection;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What the two clients tell each other about themselves.</summary>
sealed class EngineExchange(ForkSchedule forks, Func<IEnumerable<string>> methods)
{
    // 2^256 - 2^10: a terminal total difficulty that is not decided.
    static readonly UInt256 Undecided = UInt256.MaxValue - (UInt256)1023UL;

    static readonly string Version = typeof(EngineExchange).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>engine_exchangeCapabilities: the caller's methods are of no consequence here; ours are answered, this one not among them.</summary>
    public RpcError? Capabilities(ref Parameters parameters, Answer answer)
    {
        if (!parameters.NextArray("an array of method names", out _)) return parameters.Error;
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var name in methods())
            if (name.StartsWith("engine_", StringComparison.Ordinal) && name != "engine_exchangeCapabilities") writer.WriteStringValue(name);
        writer.WriteEndArray();
        return null;
    }

    /// <summary>engine_getClientVersionV1.</summary>
    public RpcError? ClientVersion(ref Parameters parameters, Answer answer)
    {
        if (!parameters.NextObject("the caller's version", out _)) return parameters.Error;
        var (version, commit) = (Version.Split('+')[0], Version.Split('+') is [_, var tail, ..] && tail.Length >= 8 && tail[..8].All(char.IsAsciiHexDigit) ? tail[..8] : "00000000");
        var writer = answer.Result;
        writer.WriteStartArray();
        writer.WriteStartObject();
        writer.WriteString("code"u8, "HF");
        writer.WriteString("name"u8, "Hufu");
        writer.WriteString("version"u8, "v" + version);
        writer.WriteString("commit"u8, "0x" + commit.ToLowerInvariant());
        writer.WriteEndObject();
        writer.WriteEndArray();
        return null;
    }

    /// <summary>engine_exchangeTransitionConfigurationV1, which consensus clients called until Cancun.</summary>
    public RpcError? TransitionConfiguration(ref Parameters parameters, Answer answer)
    {
        if (!parameters.NextObject("a transition configuration", out _)) return parameters.Error;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteQuantity("terminalTotalDifficulty"u8, forks.TerminalTotalDifficulty ?? Undecided);
        writer.WriteHash("terminalBlockHash"u8, Hash256.Zero);
        writer.WriteQuantity("terminalBlockNumber"u8, 0);
        writer.WriteEndObject();
        return null;
    }
}
