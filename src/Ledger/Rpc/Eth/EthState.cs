using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>What accounts hold: eth_getBalance and its kin.</summary>
sealed class EthState(Ledger ledger)
{
    // More values than this in one question are better asked in several.
    const int MostStorageValues = 1024;

    public RpcError? GetBalance(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var error = Account(ref parameters, address, out var account);
        if (error is null) answer.Result.WriteQuantity(account.Balance);
        return error;
    }

    public RpcError? GetCode(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.TryFindState(block, out _, out var state) is { } error) return error;
        answer.Result.WriteData(state.TryGetAccount(address, out var account) && account.HasCode ? state.GetCode(account.CodeHash) : []);
        return null;
    }

    public RpcError? GetTransactionCount(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (block.Kind == BlockReferenceKind.Pending)
        {
            answer.Result.WriteQuantity(ledger.Pool.NextNonce(address));
            return null;
        }
        if (ledger.TryFindState(block, out _, out var state) is { } error) return error;
        answer.Result.WriteQuantity(state.TryGetAccount(address, out var account) ? account.Nonce : 0);
        return null;
    }

    public RpcError? GetStorageAt(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var key = parameters.StorageKey();
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.TryFindState(block, out _, out var state) is { } error) return error;
        answer.Result.WriteData(Hash256.FromUInt256(state.GetStorage(address, key.ToUInt256())).Bytes);
        return null;
    }

    /// <summary>Many slots of many accounts in one answer.</summary>
    public RpcError? GetStorageValues(ref Parameters parameters, Answer answer)
    {
        if (!parameters.NextObject("an object of addresses with storage keys", out var reader)) return parameters.Error;
        var asked = new List<(Address Address, List<Hash256> Keys)>();
        var why = "";
        var count = 0;
        while (why.Length == 0 && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.TryGetAddress(out var address, out why)) break;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray) why = "expected an array of storage keys";
            var keys = new List<Hash256>();
            while (why.Length == 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                if (reader.TryGetStorageKey(out var key, out why)) keys.Add(key);
            asked.Add((address, keys));
            if ((count += keys.Count) > MostStorageValues) why = $"too many slots (max {MostStorageValues})";
        }
        if (why.Length == 0 && asked.Count == 0) why = "empty request";
        if (why.Length > 0) return RpcError.InvalidParams(why);
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.TryFindState(block, out _, out var state) is { } error) return error;

        var writer = answer.Result;
        writer.WriteStartObject();
        foreach (var (address, keys) in asked)
        {
            writer.WriteStartArray(address.ToString());
            foreach (var key in keys) writer.WriteData(Hash256.FromUInt256(state.GetStorage(address, key.ToUInt256())).Bytes);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
        return null;
    }

    RpcError? Account(ref Parameters parameters, in Address address, out Account account)
    {
        account = Primitives.Account.Empty;
        var block = parameters.Block();
        if (parameters.Failed) return parameters.Error;
        if (ledger.TryFindState(block, out _, out var state) is { } error) return error;
        if (!state.TryGetAccount(address, out account)) account = Primitives.Account.Empty;
        return null;
    }
}
