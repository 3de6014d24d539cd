using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What a consensus client wants of a block to be built: PayloadAttributesV1 to V4, every value well-formed and nothing more known of it.</summary>
sealed class PayloadAttributes
{
    bool _hasTimestamp, _hasRandao, _hasRecipient;

    public ulong Timestamp { get; private set; }
    public Hash256 PrevRandao { get; private set; }
    public Address SuggestedFeeRecipient { get; private set; }
    public IReadOnlyList<Withdrawal>? Withdrawals { get; private set; }
    public Hash256? ParentBeaconBlockRoot { get; private set; }
    public ulong? SlotNumber { get; private set; }
    public ulong? TargetGasLimit { get; private set; }

    /// <summary>Which of PayloadAttributesV1 to V4 has exactly these members; 0 for none of them.</summary>
    public int Version => !_hasTimestamp || !_hasRandao || !_hasRecipient ? 0
        : (Withdrawals is not null, ParentBeaconBlockRoot is not null, SlotNumber is not null, TargetGasLimit is not null) switch
        {
            (false, false, false, false) => 1,
            (true, false, false, false) => 2,
            (true, true, false, false) => 3,
            (true, true, true, _) => 4,
            _ => 0,
        };

    public BlockAttributes ToBlockAttributes(ReadOnlyMemory<byte> extraData = default, ulong? gasLimitTarget = null) => new()
    {
        Timestamp = Timestamp,
        PrevRandao = PrevRandao,
        Beneficiary = SuggestedFeeRecipient,
        Withdrawals = Withdrawals,
        ParentBeaconBlockRoot = ParentBeaconBlockRoot ?? Hash256.Zero,
        SlotNumber = SlotNumber,
        GasLimitTarget = TargetGasLimit ?? gasLimitTarget,
        ExtraData = extraData,
    };

    /// <summary>Reads the object whose opening brace the reader stands on.</summary>
    public static bool TryRead(ref Utf8JsonReader reader, out PayloadAttributes attributes, out string why)
    {
        attributes = new PayloadAttributes();
        why = "";
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName) why = attributes.ReadMember(ref reader);
        return why.Length == 0;
    }

    string ReadMember(ref Utf8JsonReader reader)
    {
        var name = reader.GetString();
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null) return "";
        var why = "";
        switch (name)
        {
            case "timestamp": if (_hasTimestamp = reader.TryGetUInt64(out var number, out why)) Timestamp = number; break;
            case "prevRandao": if (_hasRandao = reader.TryGetHash(out var hash, out why)) PrevRandao = hash; break;
            case "suggestedFeeRecipient": if (_hasRecipient = reader.TryGetAddress(out var address, out why)) SuggestedFeeRecipient = address; break;
            case "withdrawals": Withdrawals = reader.ReadWithdrawals(out why); break;
            case "parentBeaconBlockRoot": if (reader.TryGetHash(out hash, out why)) ParentBeaconBlockRoot = hash; break;
            case "slotNumber": if (reader.TryGetUInt64(out number, out why)) SlotNumber = number; break;
            case "targetGasLimit": if (reader.TryGetUInt64(out number, out why)) TargetGasLimit = number; break;
            default: reader.Skip(); break;
        }
        return why.Length == 0 ? "" : $"{name}: {why}";
    }
}
