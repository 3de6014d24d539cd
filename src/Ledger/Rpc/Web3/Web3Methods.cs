using System.Reflection;
using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>web3_: what program this is, and Keccak-256 for those who have none.</summary>
public static class Web3Methods
{
    /// <summary>The program's name, version and platform, as peers and callers see it.</summary>
    public static readonly string Version =
        $"Hufu/v{typeof(Web3Methods).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}/{RuntimeInformation.RuntimeIdentifier}/dotnet{Environment.Version}";

    /// <summary>The version under a name by which the tools of a development chain recognise one: Hardhat's ask for a chain whose name begins with one of those they know.</summary>
    internal static RpcError? DevelopmentVersion(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteStringValue("anvil/" + Version);
        return null;
    }

    internal static RpcError? ClientVersion(ref Parameters parameters, Answer answer)
    {
        answer.Result.WriteStringValue(Version);
        return null;
    }

    internal static RpcError? Sha3(ref Parameters parameters, Answer answer)
    {
        var data = parameters.Data();
        if (parameters.Failed) return parameters.Error;
        answer.Result.WriteData(Keccak256.Hash(data).Bytes);
        return null;
    }
}
