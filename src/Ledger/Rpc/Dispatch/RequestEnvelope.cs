using System.Text;
using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>One call as it stands in a request body: where its members lie, and which method it asks for.</summary>
/// <param name="Id">Where the id lies; empty where there is none that could be repeated.</param>
/// <param name="IsNotification">No id member: the call is done and nothing answered.</param>
/// <param name="Error">Why there is nothing to run.</param>
readonly record struct RequestEnvelope(Range Id, bool IsNotification, MethodTable.Entry? Method, Range Parameters, RpcError? Error)
{
    // A longer id serves nobody, but would be sent back.
    const int LongestId = 64 * 1024;
    const int LongestNameShown = 100;

    /// <summary>Reads the object that the reader stands on; anything else is answered as an invalid request.</summary>
    public static RequestEnvelope Read(ref Utf8JsonReader reader, Caller caller)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return new(default, false, null, default, RpcError.InvalidRequest("a call is an object with jsonrpc, id, method and params"));
        }
        Range id = default, parameters = default;
        MethodTable.Entry? method = null;
        RpcError? unknown = null;
        bool hasVersion = false, hasId = false, hasMethod = false;
        RpcError? error = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"u8))
            {
                reader.Read();
                hasId = true;
                var isPlain = reader.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.Null;
                id = ValueRange(ref reader);
                if (isPlain && id.End.Value - id.Start.Value <= LongestId) continue;
                error ??= RpcError.InvalidRequest("the id is a string or a number");
                id = default;
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                reader.Read();
                hasMethod = reader.TokenType == JsonTokenType.String;
                method = hasMethod ? caller.Methods.Find(reader.ValueSpan) : null;
                unknown = hasMethod && method is null ? Unknown(reader.ValueSpan, caller) : null;
                if (!hasMethod) reader.Skip();
            }
            else if (reader.ValueTextEquals("params"u8))
            {
                reader.Read();
                parameters = ValueRange(ref reader);
            }
            else if (reader.ValueTextEquals("jsonrpc"u8))
            {
                reader.Read();
                hasVersion = reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("2.0"u8);
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        if (!hasVersion) error ??= RpcError.InvalidRequest("the member jsonrpc is \"2.0\"");
        if (!hasMethod) error ??= RpcError.InvalidRequest("the member method names the method, as a string");
        if (unknown is not null) error ??= unknown;
        // What is no call at all is answered even without an id (JSON-RPC 2.0, section 5.1).
        var isNotification = !hasId && hasVersion && hasMethod;
        return new(id, isNotification, method, parameters, error);
    }

    static Range ValueRange(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    static RpcError Unknown(ReadOnlySpan<byte> name, Caller caller) =>
        caller.All.Find(name) is null ? RpcError.MethodNotFound(Shown(name)) : RpcError.ModuleNotOffered(Shown(name));

    static string Shown(ReadOnlySpan<byte> name) =>
        Encoding.UTF8.GetString(name.Length > LongestNameShown ? name[..LongestNameShown] : name);
}
