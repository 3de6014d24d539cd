using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Signing with the accounts that are unlocked in development, and sending for those that are impersonated.</summary>
/// <param name="tellsReverts">Whether a transaction that reverted in its block is answered with the reason.</param>
sealed class EthAccounts(Ledger ledger, UnlockedAccounts accounts, EthTransactions transactions, ulong gasCap, UInt256 usualTip, bool tellsReverts)
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
        var error = TryMake(ref parameters, mayBeUnsigned: true, out var made);
        return error is null ? SendAsync(made, answer) : new(error);
    }

    /// <summary>eth_sendUnsignedTransaction: for any sender, on a development chain.</summary>
    public ValueTask<RpcError?> SendUnsigned(ref Parameters parameters, Answer answer)
    {
        var error = TryFill(ref parameters, isAnySender: true, out var from, out var filled);
        return error is null ? SendAsync(filled.ImpersonatedBy(from), answer) : new(error);
    }

    async ValueTask<RpcError?> SendAsync(Transaction transaction, Answer answer)
    {
        if (await transactions.SendAsync(transaction, answer).ConfigureAwait(false) is { } refused) return refused;
        return tellsReverts ? MinedRevert.ErrorOf(ledger, transaction.Hash) : null;
    }

    public RpcError? SignTransaction(ref Parameters parameters, Answer answer)
    {
        if (TryMake(ref parameters, mayBeUnsigned: false, out var signed) is { } error) return error;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteData("raw"u8, signed.Encoded.Span);
        writer.WritePropertyName("tx"u8);
        TransactionJson.Write(writer, signed, BlockJson.SenderOf(signed, ledger.Pool.Head.NextRules), null);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>eth_fillTransaction: as it would be signed, for whoever signs elsewhere.</summary>
    public RpcError? FillTransaction(ref Parameters parameters, Answer answer)
    {
        if (TryFill(ref parameters, isAnySender: true, out var from, out var filled) is { } error) return error;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteData("raw"u8, filled.Encoded.Span);
        writer.WritePropertyName("tx"u8);
        TransactionJson.Write(writer, filled, from, null);
        writer.WriteEndObject();
        return null;
    }

    /// <summary>eth_pendingTransactions: what waits from the accounts of this node.</summary>
    public RpcError? Pending(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var address in accounts.Addresses)
            foreach (var (sender, ready, gapped) in ledger.Pool.Content(address))
                foreach (var one in ready.Concat(gapped)) TransactionJson.Write(writer, one.Transaction, sender, null);
        writer.WriteEndArray();
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

    /// <summary>eth_signTypedData_v4 (EIP-712): address, then the types with the message.</summary>
    public RpcError? SignTypedData(ref Parameters parameters, Answer answer)
    {
        var address = parameters.Address();
        var data = parameters.Json("typed data, as EIP-712 has it");
        if (parameters.Failed) return parameters.Error;
        return TypedData.TryHash(data, out var hash, out var why) ? WriteSignature(address, hash, answer) : RpcError.InvalidParams(why);
    }

    RpcError? TryMake(ref Parameters parameters, bool mayBeUnsigned, out Transaction made)
    {
        if (TryFill(ref parameters, isAnySender: false, out var from, out made) is { } error) return error;
        if (accounts.TryFind(from, out var secret)) made = TransactionSigning.Sign(made, secret);
        else if (mayBeUnsigned && accounts.Impersonates(from)) made = made.ImpersonatedBy(from);
        else return Unknown(from);
        return null;
    }

    RpcError? TryFill(ref Parameters parameters, bool isAnySender, out Address from, out Transaction filled)
    {
        (from, filled) = (default, null!);
        var call = CallObject.Read(ref parameters);
        if (parameters.Failed) return parameters.Error;
        from = call!.From ?? (accounts.Addresses.Count > 0 ? accounts.Addresses[0] : default);
        if (!isAnySender && !accounts.TryFind(from, out _) && !accounts.Impersonates(from)) return Unknown(from);
        if (call.ChainId is { } chainId && chainId != ledger.ChainId) return RpcError.InvalidParams($"chainId does not match node's (have={chainId}, want={ledger.ChainId})");
        if (call.BlobVersionedHashes.Count > 0) return RpcError.InvalidParams("blob transactions are sent signed, with their blobs: eth_sendRawTransaction");
        if (Gas(call, out var gas) is { } error) return error;
        filled = FilledTransaction.Of(call, ledger, call.Nonce ?? ledger.Pool.NextNonce(from), gas, usualTip);
        return null;
    }

    RpcError? Gas(CallObject call, out ulong gas)
    {
        gas = call.Gas ?? 0;
        if (call.Gas is not null) return null;
        if (CallStage.TryPrepare(ledger, BlockReference.Pending, null, null, out var stage) is { } error) return error;
        if (GasEstimate.TryFind(stage, call, gasCap, out gas) is not { } failed) return null;
        return ledger.Failures?.Explain(failed, tracer => stage.Run(call, gasCap, null, ref tracer)) ?? failed;
    }

    static RpcError Unknown(in Address address) => RpcError.Server($"unknown account: {address.ToChecksumString()} is not unlocked here");
}
