using System.Globalization;
using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>
/// Payments between machines (x402, version 2, the scheme "exact" in the platform's coin): says what a resource costs, checks what a client signed, sends it in once, and pays the
/// fee. As a facilitator it does so for servers elsewhere; <see cref="PaidResources"/> stand here.
/// </summary>
public sealed class PaymentGate(Rooms rooms, PaymentsDesk desk)
{
    const string Act = "payments.x402";

    // A payment that is sent in now must still be good in the block it comes into.
    const ulong LeastSeconds = 6;

    // Who lost the answer asks again soon; later, a payment that somebody found opens nothing.
    static readonly TimeSpan AnsweredAgain = TimeSpan.FromHours(1);

    /// <summary>What a resource costs, as a server tells it.</summary>
    /// <param name="amount">In coins, as text.</param>
    public async Task<PaymentRequirements> RequirementsAsync(string? amount, Address payTo, CancellationToken stop = default)
    {
        var (token, _) = await desk.TokenAsync(null, stop).ConfigureAwait(false);
        return new PaymentRequirements(await NetworkAsync(stop).ConfigureAwait(false), Amounts.Read(amount, token.Decimals), token.Address, payTo, 60, token.Domain!.Name!, token.Domain.Version!);
    }

    public async Task<string> NetworkAsync(CancellationToken stop = default) => X402.NetworkOf(await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false));

    /// <summary>Why a payment is not good for what is asked for, by the specification's names; null where it is.</summary>
    /// <param name="isSettled">Whether it may have been sent in already, by a request whose answer was lost.</param>
    public async Task<string?> WhyNotAsync(PaymentPayload payment, PaymentRequirements wanted, bool isSettled = false, CancellationToken stop = default)
    {
        var (token, _) = await desk.TokenAsync(null, stop).ConfigureAwait(false);
        var told = payment.Authorisation;
        var now = (UInt256)(ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        if (wanted.Network != await NetworkAsync(stop).ConfigureAwait(false) || payment.Accepted.Network != wanted.Network) return "invalid_network";
        if (wanted.Asset != token.Address || wanted.Amount.IsZero || payment.Accepted.Asset != wanted.Asset) return "invalid_payment_requirements";
        if (told.To != wanted.PayTo) return "invalid_exact_evm_payload_recipient_mismatch";
        if (told.Value != wanted.Amount) return "invalid_exact_evm_payload_authorization_value";
        if (told.ValidAfter > now) return "invalid_exact_evm_payload_authorization_valid_after";
        // What the token calls itself is in the signature, whatever a server or a client says it is.
        if (!payment.Signature.TryRecover(told.DigestIn(token.Domain!), out var signer) || signer != told.From) return "invalid_exact_evm_payload_signature";
        // One that we have sent in already is settled for what it paid for; nobody else's use of it counts as paid.
        if (Find(told) is { } known) return isSettled && !(known.EndedAt + AnsweredAgain < DateTimeOffset.UtcNow) ? null : "invalid_transaction_state";
        if (told.ValidBefore < now + LeastSeconds) return "invalid_exact_evm_payload_authorization_valid_before";
        if (await new StablecoinContract(rooms.Chain, token.Address).AuthorizationStateAsync(told.From, told.Nonce, stop: stop).ConfigureAwait(false)) return "invalid_transaction_state";
        return await rooms.Tokens.BalanceAsync(token.Address, told.From, stop).ConfigureAwait(false) < told.Value ? "insufficient_funds" : null;
    }

    /// <summary>Sends a payment in and waits until it is final. The same payment is sent in once, however often it comes, and pays for one thing.</summary>
    /// <param name="subject">What it pays for: of two things, the first.</param>
    public async Task<Settlement> SettleAsync(PaymentPayload payment, PaymentRequirements wanted, string subject, CancellationToken stop = default)
    {
        var (told, signature) = (payment.Authorisation, payment.Signature);
        if (await WhyNotAsync(payment, wanted, isSettled: true, stop).ConfigureAwait(false) is { } why) return new Settlement(false, wanted.Network, told.From, why, null);
        try
        {
            var command = await rooms.DoAsync(new Ask(Act, KeyOf(told), FingerprintOf(told, wanted, subject)), Act, subject, () =>
            {
                foreach (var party in new[] { told.From, told.To }) rooms.Policy.Require(Caller.Local, Act, party);
                return Task.FromResult((rooms.Operator, new StablecoinContract(rooms.Chain, wanted.Asset).TransferWithAuthorization(told.From, told.To, told.Value, told.ValidAfter, told.ValidBefore, told.Nonce, signature.V, signature.R, signature.S)));
            }, stop).ConfigureAwait(false);
            return command.State == CommandState.Final ? new Settlement(true, wanted.Network, told.From, null, command.Transaction) : new Settlement(false, wanted.Network, told.From, "unexpected_settle_error", null);
        }
        catch (Exception error) when (error is KeyReusedException or ProblemException)
        {
            // The chain refused it, or it has paid for something else.
            return new Settlement(false, wanted.Network, told.From, "invalid_transaction_state", null);
        }
    }

    Command? Find(TransferAuthorisation told) => rooms.Commands.Find(Act, KeyOf(told));

    static string KeyOf(TransferAuthorisation told) => $"{told.From}/{told.Nonce}";

    static Hash256 FingerprintOf(TransferAuthorisation told, PaymentRequirements wanted, string subject) =>
        Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{wanted.Network} {wanted.Asset} {told} {subject}")));

    /// <summary>Lets a request through once it has paid; otherwise answers it with what it has to pay (402), or with what is wrong with its payment.</summary>
    /// <param name="resource">What is paid for; one payment pays for one.</param>
    /// <returns>The settlement; null where the request was answered.</returns>
    public async Task<Settlement?> PassAsync(HttpContext context, PaymentRequirements wanted, string resource, string description, string mimeType, CancellationToken stop = default)
    {
        var header = context.Request.Headers[X402.SignatureHeader].ToString();
        if (header.Length == 0) return await AskAsync(context, wanted, description, mimeType, $"{X402.SignatureHeader} header is required", null).ConfigureAwait(false);
        X402.TryFromHeader(header, out var message);
        if (!PaymentPayload.TryRead(message, out var payment, out var unread))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new JsonObject { ["x402Version"] = X402.Version, ["error"] = unread }, stop).ConfigureAwait(false);
            return null;
        }
        var settlement = await SettleAsync(payment, wanted, resource, stop).ConfigureAwait(false);
        if (!settlement.Success) return await AskAsync(context, wanted, description, mimeType, settlement.ErrorReason!, settlement).ConfigureAwait(false);
        context.Response.Headers[X402.ResponseHeader] = X402.ToHeader(settlement.ToJson());
        return settlement;
    }

    static async Task<Settlement?> AskAsync(HttpContext context, PaymentRequirements wanted, string description, string mimeType, string error, Settlement? failed)
    {
        var required = new JsonObject
        {
            ["x402Version"] = X402.Version,
            ["error"] = error,
            ["resource"] = new JsonObject { ["url"] = $"{context.Request.Scheme}://{context.Request.Host}{context.Request.Path}", ["description"] = description, ["mimeType"] = mimeType },
            ["accepts"] = new JsonArray(wanted.ToJson()),
        };
        context.Response.StatusCode = StatusCodes.Status402PaymentRequired;
        context.Response.Headers[X402.RequiredHeader] = X402.ToHeader(required);
        if (failed is not null) context.Response.Headers[X402.ResponseHeader] = X402.ToHeader(failed.ToJson());
        // The headers are what counts; the body tells people, and programs that look there.
        await context.Response.WriteAsJsonAsync(required, context.RequestAborted).ConfigureAwait(false);
        return null;
    }
}

/// <summary>What became of a payment.</summary>
/// <param name="ErrorReason">By the specification's names; null where it was settled.</param>
public sealed record Settlement(bool Success, string Network, Address Payer, string? ErrorReason, Hash256? Transaction)
{
    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["success"] = Success, ["transaction"] = Transaction?.ToString() ?? "", ["network"] = Network, ["payer"] = Payer.ToChecksumString() };
        if (ErrorReason is not null) json["errorReason"] = ErrorReason;
        return json;
    }
}
