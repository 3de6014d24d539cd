using System.Text.Json;

namespace Hufu.Rpc;

/// <summary>What eth_simulateV1 is asked: blocks of calls, and how to treat them.</summary>
sealed class SimulationRequest
{
    public List<BlockStateCalls> Blocks { get; } = [];

    /// <summary>Show transfers of Ether as logs, as if it were an ERC-20 token.</summary>
    public bool TracesTransfers { get; private set; }

    /// <summary>Check nonces, fees and the base fee as a block would.</summary>
    public bool Validates { get; private set; }
    public bool ReturnsFullTransactions { get; private set; }

    /// <summary>Reads the parameter; null with the parameters' error set where it is not one.</summary>
    public static SimulationRequest? Read(ref Parameters parameters)
    {
        if (!parameters.NextObject("an object with blockStateCalls", out var reader)) return null;
        var request = new SimulationRequest();
        var why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName) why = request.ReadMember(ref reader);
        if (why.Length == 0) return request;
        parameters.Fail(why);
        return null;
    }

    string ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        switch (name)
        {
            case "blockStateCalls": return ReadBlocks(ref reader);
            case "traceTransfers" or "validation" or "returnFullTransactions":
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null)) return $"{name}: expected true or false";
                var value = reader.TokenType == JsonTokenType.True;
                if (name == "traceTransfers") TracesTransfers = value;
                else if (name == "validation") Validates = value;
                else ReturnsFullTransactions = value;
                return "";
            default:
                reader.Skip();
                return "";
        }
    }

    string ReadBlocks(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null) return "";
        if (reader.TokenType != JsonTokenType.StartArray) return "blockStateCalls: expected an array";
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (BlockStateCalls.Read(ref reader, out var why) is not { } block) return why;
            Blocks.Add(block);
        }
        return reader.TokenType == JsonTokenType.EndArray ? "" : "blockStateCalls: expected an array of objects";
    }
}

/// <summary>One block to simulate: its calls, and what is to be otherwise before them.</summary>
sealed class BlockStateCalls
{
    public BlockOverrides Block { get; private set; } = new();
    public StateOverrides State { get; private set; } = new();
    public List<CallObject> Calls { get; } = [];

    public static BlockStateCalls? Read(ref Utf8JsonReader reader, out string why)
    {
        var block = new BlockStateCalls();
        why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null) continue;
            switch (name)
            {
                case "blockOverrides": block.Block = BlockOverrides.Read(ref reader, out why); break;
                case "stateOverrides": block.State = StateOverrides.Read(ref reader, out why); break;
                case "calls": why = block.ReadCalls(ref reader); break;
                default: reader.Skip(); break;
            }
        }
        return why.Length == 0 ? block : null;
    }

    string ReadCalls(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray) return "calls: expected an array";
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (CallObject.TryRead(ref reader, out var call) is { } why) return $"calls: {why}";
            Calls.Add(call);
        }
        return reader.TokenType == JsonTokenType.EndArray ? "" : "calls: expected an array of objects";
    }
}
