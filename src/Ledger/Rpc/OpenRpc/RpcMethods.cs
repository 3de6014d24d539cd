using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>rpc_: what is offered to the one who asks.</summary>
static class RpcMethods
{
    public static RpcError? Modules(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartObject();
        foreach (var module in answer.Caller.Methods.Names.Select(RpcModules.Of).Distinct()) writer.WriteString(module, "1.0"u8);
        writer.WriteEndObject();
        return null;
    }

    public static RpcError? Discover(ref Parameters parameters, Answer answer)
    {
        WriteDocument(answer.Result, answer.Caller);
        return null;
    }

    public static void WriteDocument(Utf8JsonWriter writer, Caller caller) => OpenRpcDocument.Write(writer, caller.Methods, Web3Methods.Version);
}
