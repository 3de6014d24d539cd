using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// Pays for what a server wants to be paid for (HTTP 402, x402), within what it was told it may spend, and asks again. One request is paid for once: where the answer is lost after
/// the payment was sent, the same payment is sent again, and the token takes it once.
/// </summary>
/// <param name="payer">Signs; needs no coin, whoever is paid sends the payment in.</param>
/// <param name="allowance">What may be spent.</param>
/// <param name="inner">What really asks; null for the usual one.</param>
public sealed class PayingHandler(Signer payer, PaymentAllowance allowance, HttpMessageHandler? inner = null) : DelegatingHandler(inner ?? new SocketsHttpHandler())
{
    const int Tries = 3;

    // Longer than this no signature of ours shall lie about, whatever the server would like.
    static readonly TimeSpan LongestValidity = TimeSpan.FromMinutes(10);

    // A request is sent again as it is: what it carries must still be there.
    const int LongestBody = 1 << 20;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { } content) await content.LoadIntoBufferAsync(LongestBody, cancellationToken).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.PaymentRequired || request.Headers.Contains(X402.SignatureHeader)) return response;
        if (Pay(response.Headers) is not { } payment) return response;
        response.Dispose();
        request.Headers.Add(X402.SignatureHeader, payment);
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (HttpRequestException) when (tried < Tries)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 * tried), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The header of a payment for one of the ways that the server offers; null where none of them is allowed.</summary>
    string? Pay(HttpResponseHeaders headers)
    {
        if (!headers.TryGetValues(X402.RequiredHeader, out var values) || !X402.TryFromHeader(values.FirstOrDefault(), out var required) || required["accepts"] is not JsonArray accepts) return null;
        foreach (var way in accepts)
        {
            if (!PaymentRequirements.TryRead(way, out var wanted) || wanted.Domain is not { } domain || !allowance.TrySpend(wanted)) continue;
            var validity = Math.Min(wanted.MaxTimeoutSeconds, (int)LongestValidity.TotalSeconds);
            var authorisation = new TransferAuthorisation(payer.Address, wanted.PayTo, wanted.Amount, UInt256.Zero, (ulong)(DateTimeOffset.UtcNow.ToUnixTimeSeconds() + validity), Hash256.FromBytes(RandomNumberGenerator.GetBytes(32)));
            return X402.ToHeader(new PaymentPayload(wanted, authorisation, payer.SignDigest(authorisation.DigestIn(domain))).ToJson(required["resource"]));
        }
        return null;
    }
}

/// <summary>What a program may spend by itself, in one token of one chain. For any thread.</summary>
/// <param name="mostEach">For one request, in the token's smallest unit.</param>
/// <param name="mostInAll">For all of them together.</param>
public sealed class PaymentAllowance(ulong chainId, Address asset, UInt256 mostEach, UInt256 mostInAll)
{
    readonly Lock _lock = new();
    UInt256 _spent;

    /// <summary>What was signed for so far; a payment that the server did not take counts too, since it may still.</summary>
    public UInt256 Spent
    {
        get { lock (_lock) return _spent; }
    }

    internal bool TrySpend(PaymentRequirements wanted)
    {
        if (wanted.Network != X402.NetworkOf(chainId) || wanted.Asset != asset || wanted.Amount > mostEach) return false;
        lock (_lock)
        {
            if (!UInt256.TryAdd(_spent, wanted.Amount, out var spent) || spent > mostInAll) return false;
            _spent = spent;
            return true;
        }
    }
}
