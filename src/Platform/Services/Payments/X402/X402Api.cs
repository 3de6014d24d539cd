using System.Text.Json;
using System.Text.Json.Nodes;
using Hufu.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hufu.Services;

/// <summary>The endpoints of payments between machines: what is sold here, and the facilitator's three for servers elsewhere.</summary>
static class X402Api
{
    const int LongestBody = 64 << 10;

    public static void Map(IEndpointRouteBuilder api, PaymentsService service)
    {
        var (gate, paid, policy) = (service.Gate, service.Paid, service.Rooms.Policy);
        var group = api.MapGroup("/paid");
        group.MapGet("", paid.All).Asks("paid", "What is sold here by the request, and for how much.");
        group.MapPut("/{name}", async (string name, NewPaidResource body, HttpContext context, CancellationToken stop) =>
        {
            policy.Require(Services.Gate.Of(context), "payments.sell");
            // An amount that cannot be read is refused now, not when somebody wants to pay it.
            await gate.RequirementsAsync(body.Amount, default, stop).ConfigureAwait(false);
            return await paid.OfferAsync(Services.Gate.Of(context), name, body).ConfigureAwait(false);
        }).Asks("sell", "Puts a text up for sale at /paid/NAME: whoever asks for it there is told to pay (HTTP 402, x402), and gets it once he has.").WithMetadata(new OpenApi.Example("""{ "amount": "0.01", "payTo": "shop", "content": "{\"mango\": 7.2}", "mimeType": "application/json", "description": "prices of today" }"""));
        group.MapDelete("/{name}", async (string name, HttpContext context) =>
        {
            policy.Require(Services.Gate.Of(context), "payments.sell");
            await paid.RemoveAsync(Services.Gate.Of(context), name).ConfigureAwait(false);
            return TypedResults.NoContent();
        }).Asks("unsell", "Takes it off sale.");

        var facilitator = api.MapGroup("/x402");
        facilitator.MapGet("/supported", async (CancellationToken stop) => new JsonObject
        {
            ["kinds"] = new JsonArray(new JsonObject { ["x402Version"] = X402.Version, ["scheme"] = X402.Exact, ["network"] = await gate.NetworkAsync(stop).ConfigureAwait(false) }),
            ["extensions"] = new JsonArray(),
            ["signers"] = new JsonObject { ["eip155:*"] = new JsonArray(service.Rooms.Operator.ToChecksumString()) },
        }).Asks("x402-supported", "Which payments of x402 are taken in for servers elsewhere.");
        facilitator.MapPost("/verify", async (HttpContext context, CancellationToken stop) =>
        {
            var (payment, wanted, unread) = await ReadAsync(context, stop).ConfigureAwait(false);
            var why = payment is null ? unread : await gate.WhyNotAsync(payment, wanted!, stop: stop).ConfigureAwait(false);
            var answer = new JsonObject { ["isValid"] = why is null };
            if (why is not null) answer["invalidReason"] = why;
            if (payment is not null) answer["payer"] = payment.Authorisation.From.ToChecksumString();
            return answer;
        }).Asks("x402-verify", "Whether a payment is good for what a server asks for.");
        facilitator.MapPost("/settle", async (HttpContext context, CancellationToken stop) =>
        {
            policy.Require(Services.Gate.Of(context), "payments.x402");
            var (payment, wanted, unread) = await ReadAsync(context, stop).ConfigureAwait(false);
            return payment is null ? new Settlement(false, await gate.NetworkAsync(stop).ConfigureAwait(false), default, unread, null).ToJson()
                // Two servers, or one for two things, must not both be told that a payment is theirs: only the same request, by its key, is answered again.
                : (await gate.SettleAsync(payment, wanted!, context.Request.Headers[Idempotency.Header].ToString() is { Length: > 0 and <= 128 } key ? $"{Services.Gate.Of(context).Name}/{key}" : Guid.NewGuid().ToString(), stop).ConfigureAwait(false)).ToJson();
        }).Asks("x402-settle", "Sends a payment in, once, and pays the fee.");
    }

    /// <summary>Where what is sold is got: for everybody, since whoever pays need not be known.</summary>
    public static void MapRoot(IEndpointRouteBuilder web, PaymentsService service) => web.MapGet("/paid/{name}", async (string name, HttpContext context, CancellationToken stop) =>
    {
        service.Rooms.Policy.RequireService(service.Name);
        if (service.Paid.Find(name) is not { } resource) throw ProblemException.NotFound($"nothing is sold under the name {name}");
        var wanted = await service.Gate.RequirementsAsync(resource.Amount, resource.PayTo, stop).ConfigureAwait(false);
        if (await service.Gate.PassAsync(context, wanted, resource.Url, resource.Description, resource.MimeType, stop).ConfigureAwait(false) is null) return;
        // What is sold is the seller's: it must not run as a page of the console.
        context.Response.ContentType = resource.MimeType;
        context.Response.Headers.ContentDisposition = "attachment";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(service.Paid.ContentOf(name) ?? "", stop).ConfigureAwait(false);
    }).ExcludeFromDescription();

    static async Task<(PaymentPayload? Payment, PaymentRequirements? Wanted, string Why)> ReadAsync(HttpContext context, CancellationToken stop)
    {
        try
        {
            if (context.Request.ContentLength is null or > LongestBody) return (null, null, "invalid_payload");
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: stop).ConfigureAwait(false);
            if (!PaymentRequirements.TryRead(body?["paymentRequirements"], out var wanted)) return (null, null, "invalid_payment_requirements");
            return PaymentPayload.TryRead(body?["paymentPayload"], out var payment, out var why) ? (payment, wanted, "") : (null, null, why);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return (null, null, "invalid_payload");
        }
    }
}
