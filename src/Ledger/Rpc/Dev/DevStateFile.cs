using System.IO.Compression;
using System.Text.Json;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>
/// All accounts in one text, as anvil writes and reads it: JSON under gzip. The state keeps accounts by the hash of their address, so the addresses and slots
/// are found by running every block again; nothing is kept for it beforehand.
/// </summary>
static class DevStateFile
{
    // A file that unfolds to more than this is not a development chain's.
    const int MostBytes = 512 << 20;

    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var prefix in new[] { "anvil_", "hardhat_" })
        {
            methods.Add(prefix + "dumpState", (ref Parameters _, Answer answer) => Dump(dev, answer));
            methods.AddWaiting(prefix + "loadState", (ref Parameters parameters, Answer answer) =>
            {
                var data = parameters.Data();
                if (parameters.Failed) return new(parameters.Error);
                return TryRead(data, out var diff, out var why) ? DevMethods.Act(dev.EditAsync(diff), answer, isTrue: true) : new(RpcError.InvalidParams($"this is no state as dumpState writes it: {why}"));
            });
        }
    }

    static RpcError? Dump(DevChain dev, Answer answer)
    {
        var head = dev.Head;
        var state = dev.Ledger.Chain.StateAt(head.Hash)!;
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        using (var writer = new Utf8JsonWriter(gzip))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("block"u8);
            writer.WriteQuantity("number"u8, head.Number);
            writer.WriteAddress("beneficiary"u8, head.Beneficiary);
            writer.WriteQuantity("timestamp"u8, head.Timestamp);
            writer.WriteNumber("gas_limit"u8, head.GasLimit);
            writer.WriteNumber("basefee"u8, (head.BaseFeePerGas ?? UInt256.Zero).Low64);
            writer.WriteQuantity("difficulty"u8, head.Difficulty);
            writer.WriteHash("prevrandao"u8, head.PrevRandao);
            writer.WriteStartObject("blob_excess_gas_and_price"u8);
            writer.WriteNumber("excess_blob_gas"u8, head.ExcessBlobGas ?? 0);
            writer.WriteNumber("blob_gasprice"u8, 1);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteStartObject("accounts"u8);
            foreach (var (address, slots) in Touched(dev)) WriteAccount(writer, state, address, slots);
            writer.WriteEndObject();
            writer.WriteNumber("best_block_number"u8, head.Number);
            writer.WriteStartArray("blocks"u8);
            writer.WriteEndArray();
            writer.WriteStartArray("transactions"u8);
            writer.WriteEndArray();
            writer.WriteNull("historical_states"u8);
            writer.WriteEndObject();
        }
        answer.Result.WriteData(packed.ToArray());
        return null;
    }

    static void WriteAccount(Utf8JsonWriter writer, IStateView state, in Address address, HashSet<UInt256> slots)
    {
        if (!state.TryGetAccount(address, out var account)) return;
        writer.WriteStartObject(address.ToString());
        writer.WriteNumber("nonce"u8, account.Nonce);
        writer.WriteQuantity("balance"u8, account.Balance);
        writer.WriteData("code"u8, account.HasCode ? state.GetCode(account.CodeHash) : []);
        writer.WriteStartObject("storage"u8);
        foreach (var slot in slots)
        {
            var value = state.GetStorage(address, slot);
            if (!value.IsZero) writer.WriteString(Hash256.FromUInt256(slot).ToString(), Hash256.FromUInt256(value).ToString());
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    static Dictionary<Address, HashSet<UInt256>> Touched(DevChain dev)
    {
        var touched = new Dictionary<Address, HashSet<UInt256>>();
        foreach (var (address, account) in dev.GenesisAccounts) touched[address] = [.. account.Storage.Keys];
        var chain = dev.Ledger.Chain;
        for (var number = chain.Genesis.Number + 1; number <= dev.Head.Number; number++)
        {
            if (chain.Blocks.CanonicalHash(number) is not { } hash || chain.Blocks.BlockOf(hash) is not { } block || chain.Replay(block.Header) is not { } execution) continue;
            execution.Begin();
            foreach (var transaction in block.Transactions)
                if (SenderRecovery.TryRecover(transaction, execution.Rules, out var sender)) execution.TryInclude(transaction, sender);
            execution.Finish(block.Withdrawals, block.Ommers);
            foreach (var (address, slots) in execution.State.Written) Add(touched, address, slots);
        }
        foreach (var (address, slots) in chain.Edits?.Written ?? []) Add(touched, address, slots);
        return touched;
    }

    static void Add(Dictionary<Address, HashSet<UInt256>> touched, in Address address, IEnumerable<UInt256> slots)
    {
        if (!touched.TryGetValue(address, out var known)) touched[address] = known = [];
        known.UnionWith(slots);
    }

    static bool TryRead(byte[] data, out StateDiff diff, out string why)
    {
        (diff, why) = (new StateDiff(), "");
        try
        {
            using var document = JsonDocument.Parse(Unpack(data));
            foreach (var entry in document.RootElement.GetProperty("accounts").EnumerateObject()) ReadAccount(diff, entry);
            return true;
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            why = fault.Message;
            return false;
        }
    }

    static void ReadAccount(StateDiff diff, JsonProperty entry)
    {
        if (!Address.TryParse(entry.Name, out var address)) throw new FormatException($"'{entry.Name}' is not an address");
        var account = entry.Value;
        var code = account.TryGetProperty("code", out var bytes) ? RemoteJson.Data(bytes) : [];
        var nonce = account.GetProperty("nonce");
        var change = new AccountDiff
        {
            Nonce = nonce.ValueKind == JsonValueKind.Number ? nonce.GetUInt64() : RemoteJson.Number(nonce),
            Balance = RemoteJson.Quantity(account.GetProperty("balance")),
            CodeHash = Keccak256.Hash(code),
        };
        if (code.Length > 0) diff.Codes[change.CodeHash] = code;
        if (account.TryGetProperty("storage", out var storage))
            foreach (var slot in storage.EnumerateObject()) (change.Storage ??= [])[UInt256.Parse(slot.Name)] = RemoteJson.Quantity(slot.Value);
        diff.Accounts[address] = change;
    }

    static byte[] Unpack(byte[] data)
    {
        if (data is not [0x1f, 0x8b, ..]) return data;
        using var gzip = new GZipStream(new MemoryStream(data), CompressionMode.Decompress);
        using var unpacked = new MemoryStream();
        var buffer = new byte[1 << 16];
        for (var count = gzip.Read(buffer); count > 0; count = gzip.Read(buffer))
        {
            unpacked.Write(buffer, 0, count);
            if (unpacked.Length > MostBytes) throw new InvalidDataException($"it unfolds to more than {MostBytes} bytes");
        }
        return unpacked.ToArray();
    }
}
