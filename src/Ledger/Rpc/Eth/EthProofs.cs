using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>eth_getProof (EIP-1186).</summary>
sealed class EthProofs(Ledger ledger)
{
    const int MostKeys = 1024;

    public RpcError? Get(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var keys = ReadKeys(ref parameters, out var slots);
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.Find(block) is not { } header) return RpcError.Server("header not found: no such block");
        if (ledger.Chain.ProofAt(header.Hash, address, slots) is not { } proof) return RpcError.Server($"historical state of block {header.Number} is not available: it is not kept any more");

        var account = proof.Account ?? Account.Empty;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteAddress("address"u8, address);
        WriteNodes(writer, "accountProof"u8, proof.Nodes);
        writer.WriteQuantity("balance"u8, account.Balance);
        writer.WriteHash("codeHash"u8, account.CodeHash);
        writer.WriteQuantity("nonce"u8, account.Nonce);
        writer.WriteHash("storageHash"u8, account.StorageRoot);
        writer.WriteStartArray("storageProof"u8);
        for (var i = 0; i < keys.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("key"u8, keys[i]);
            writer.WriteQuantity("value"u8, proof.Storage[i].Value);
            WriteNodes(writer, "proof"u8, proof.Storage[i].Nodes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
        return null;
    }

    /// <summary>The keys as the answer repeats them: whole words as they came, shorter ones as quantities.</summary>
    static List<string> ReadKeys(ref Parameters parameters, out List<UInt256> slots)
    {
        var keys = new List<string>();
        slots = [];
        if (!parameters.NextOptionalArray("an array of storage keys", out var reader)) return keys;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!reader.TryGetStorageKey(out var key, out var why)) parameters.Fail(why);
            else if (keys.Count == MostKeys) parameters.Fail($"too many keys: at most {MostKeys}");
            if (parameters.Failed) break;
            slots.Add(key.ToUInt256());
            keys.Add(reader.ValueSpan.Length == 2 + 2 * Hash256.Size ? key.ToString() : key.ToUInt256().ToHexQuantity());
        }
        return keys;
    }

    static void WriteNodes(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<byte[]> nodes)
    {
        writer.WriteStartArray(name);
        foreach (var node in nodes) writer.WriteData(node);
        writer.WriteEndArray();
    }
}
