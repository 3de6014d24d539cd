using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Signing with the accounts that are unlocked in development.</summary>
sealed class EthAccounts(Ledger ledger, UnlockedAccounts accounts, EthTransactions transactions, ulong gasCap, UInt256 usualTip)
{
    const int SignatureSize = 65;

    public RpcError? List(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var address in accounts.Addresses) writer.WriteData(address.Bytes);
        writer.WriteEndArray();
        return null;
    }

    public ValueTask<RpcError?> SendTransaction(ref Parameters parameters, Answer answer)
    {
        var error = TrySign(ref parameters, out var signed);
        return error is null ? transactions.SendAsync(signed, answer) : new(error);
    }

    public RpcError? SignTransaction(ref Parameters parameters, Answer answer)
    {
        if (TrySign(ref parameters, out var signed) is { } error) return error;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteData("raw"u8, signed.Encoded.Span);
        writer.WritePropertyName("tx"u8);
        TransactionJson.Write(writer, signed, BlockJson.SenderOf(signed, ledger.Pool.Head.NextRules), null);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>eth_sign: address, then message.</summary>
    public RpcError? Sign(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var message = parameters.Data();
        return parameters.Failed ? parameters.Error : WriteSignature(address, MessageHash(message), answer);
    }

    /// <summary>personal_sign: message, then address.</summary>
    public RpcError? PersonalSign(ref Parameters parameters, Answer answer)
    {
        var message = parameters.Data();
        var address = parameters.Address();
        return parameters.Failed ? parameters.Error : WriteSignature(address, MessageHash(message), answer);
    }

    // EIP-191, version 0x45.
    static Hash256 MessageHash(byte[] message) =>
        Keccak256.Hash([.. Encoding.UTF8.GetBytes($"\u0019Ethereum Signed Message:\n{message.Length}"), .. message]);

    RpcError? WriteSignature(in Address address, in Hash256 hash, Answer answer)
    {
        if (!accounts.TryFind(address, out var secret)) return Unknown(address);
        Span<byte> signature = stackalloc byte[SignatureSize];
        Secp256k1.Sign(hash.Bytes, secret, signature[..64], out var recoveryId);
        signature[64] = (byte)(27 + recoveryId);
        answer.Result.WriteData(signature);
        return null;
    }

    RpcError? TrySign(ref Parameters parameters, out Transaction signed)
    {
        signed = null!;
        var call = CallObject.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        var from = call!.From ?? (accounts.Addresses.Count > 0 ? accounts.Addresses[0] : default);
        if (!accounts.TryFind(from, out var secret)) return Unknown(from);
        if (call.ChainId is { } chainId && chainId != ledger.ChainId) return RpcError.InvalidParams($"chainId does not match node's (have={chainId}, want={ledger.ChainId})");
        if (call.BlobVersionedHashes.Count > 0) return RpcError.InvalidParams("blob transactions are sent signed, with their blobs: eth_sendRawTransaction");
        if (Gas(call, out var gas) is { } error) return error;
        signed = TransactionSigning.Sign(Fill(call, call.Nonce ?? ledger.Pool.NextNonce(from), gas), secret);
        return null;
    }

    RpcError? Gas(CallObject call, out ulong gas)
    {
        gas = call.Gas ?? 0;
        if (call.Gas is not null) return null;
        if (CallStage.TryPrepare(ledger, BlockReference.Latest, null, null, out var stage) is { } error) return error;
        return GasEstimate.TryFind(stage, call, gasCap, out gas);
    }

    Transaction Fill(CallObject call, ulong nonce, ulong gas)
    {
        var head = ledger.Pool.Head;
        var tip = call.MaxPriorityFeePerGas ?? (call.MaxFeePerGas is { } least && least < usualTip ? least : usualTip);
        // Twice the base fee outlives six full blocks.
        var cap = call.MaxFeePerGas ?? head.NextBaseFee * 2 + tip;
        if (call.AuthorizationList.Count > 0) return new SetCodeTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            AccessList = call.AccessList ?? [],
            AuthorizationList = call.AuthorizationList,
        };
        if (call.GasPrice is null && head.NextRules.Has(Eip.BaseFee)) return new DynamicFeeTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            MaxFeePerGas = cap,
            MaxPriorityFeePerGas = tip,
            AccessList = call.AccessList ?? [],
        };
        var price = call.GasPrice ?? usualTip;
        if (call.AccessList is { } accessList) return new AccessListTransaction
        {
            ChainId = ledger.ChainId,
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            GasPrice = price,
            AccessList = accessList,
        };
        return new LegacyTransaction
        {
            Nonce = nonce,
            GasLimit = gas,
            To = call.To,
            Value = call.Value,
            Data = call.Input,
            GasPrice = price,
            V = ledger.ChainId * 2 + 35,
        };
    }

    static RpcError Unknown(in Address address) => RpcError.Server($"unknown account: {address.ToChecksumString()} is not unlocked here");
}
