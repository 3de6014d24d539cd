using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>The OpenRPC document of a table of methods (spec.open-rpc.org, 1.3).</summary>
static class OpenRpcDocument
{
    static readonly (int Code, string Message)[] Errors =
    [
        (RpcError.ParseErrorCode, "Parse error"), (RpcError.InvalidRequestCode, "Invalid request"), (RpcError.MethodNotFoundCode, "Method not found"),
        (RpcError.InvalidParamsCode, "Invalid params"), (RpcError.InternalErrorCode, "Internal error"), (RpcError.ServerErrorCode, "Server error: the message tells which"),
        (RpcError.LimitExceededCode, "Limit exceeded"), (RpcError.RevertedCode, "Execution reverted: data holds what it reverted with"),
    ];

    public static void Write(Utf8JsonWriter writer, MethodTable methods, string version)
    {
        writer.WriteStartObject();
        writer.WriteString("openrpc"u8, "1.3.2"u8);
        writer.WriteStartObject("info"u8);
        writer.WriteString("title"u8, "Hufu JSON-RPC"u8);
        writer.WriteString("version"u8, version);
        writer.WriteString("description"u8, "The methods offered to you here. Parameters are given by position."u8);
        writer.WriteStartObject("license"u8);
        writer.WriteString("name"u8, "Apache-2.0"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteStartArray("methods"u8);
        foreach (var name in methods.Names) WriteMethod(writer, name, MethodDocs.Find(name));
        writer.WriteEndArray();
        writer.WriteStartObject("components"u8);
        writer.WriteStartObject("schemas"u8);
        foreach (var (name, schema) in Schemas.All)
        {
            writer.WritePropertyName(name);
            writer.WriteRawValue(schema);
        }
        writer.WriteEndObject();
        writer.WriteStartObject("errors"u8);
        foreach (var (code, message) in Errors)
        {
            writer.WriteStartObject(Name(code));
            writer.WriteNumber("code"u8, code);
            writer.WriteString("message"u8, message);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    static void WriteMethod(Utf8JsonWriter writer, string name, MethodDoc? doc)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        if (doc is not null) writer.WriteString("summary"u8, doc.Summary);
        writer.WriteStartArray("tags"u8);
        writer.WriteStartObject();
        writer.WriteString("name"u8, RpcModules.Of(name));
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteString("paramStructure"u8, "by-position"u8);
        writer.WriteStartArray("params"u8);
        foreach (var parameter in doc?.Parameters ?? [])
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, parameter.Name);
            writer.WriteBoolean("required"u8, parameter.IsRequired);
            writer.WritePropertyName("schema"u8);
            SchemaText.Write(writer, parameter.Schema);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("result"u8);
        writer.WriteString("name"u8, doc?.ResultName ?? "Result");
        writer.WritePropertyName("schema"u8);
        SchemaText.Write(writer, doc?.Result ?? "any");
        writer.WriteEndObject();
        writer.WriteStartArray("errors"u8);
        foreach (var (code, _) in Errors)
        {
            writer.WriteStartObject();
            writer.WriteString("$ref"u8, "#/components/errors/" + Name(code));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    static string Name(int code) => code < 0 ? $"E{-code}" : $"R{code}";
}
