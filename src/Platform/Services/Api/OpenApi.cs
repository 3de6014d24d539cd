using System.Text.Json.Nodes;
using Hufu.Primitives;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace Hufu.Services;

/// <summary>The API described for programs, at /openapi/v1.json.</summary>
static class OpenApi
{
    public static void Add(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "Hufu", Version = "1", Description = "Business services on an Ethereum chain. Whatever changes something takes an Idempotency-Key; whatever is refused says what, why and how to mend it (RFC 9457)." };
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
            if (type == typeof(Address)) Describe(schema, "^0x[0-9a-fA-F]{40}$", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8");
            else if (type == typeof(Hash256)) Describe(schema, "^0x[0-9a-fA-F]{64}$", "0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060");
            else if (type == typeof(UInt256)) Describe(schema, "^[0-9]+$", "1250");
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var example in context.Description.ActionDescriptor.EndpointMetadata.OfType<Example>())
                if (operation.RequestBody?.Content?.TryGetValue("application/json", out var body) == true) body.Example = JsonNode.Parse(example.Json);
            if (!context.Description.ActionDescriptor.EndpointMetadata.OfType<NeedsKey>().Any()) return Task.CompletedTask;
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = Idempotency.Header,
                In = ParameterLocation.Header,
                Required = true,
                Description = "A name of your own for this request, up to 128 letters: sent again under the same name, it is answered again and not done again.",
                Example = "invoice-2026-0117",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
            return Task.CompletedTask;
        });
    });

    static void Describe(OpenApiSchema schema, string pattern, string example)
    {
        schema.Type = JsonSchemaType.String;
        schema.Properties?.Clear();
        schema.Pattern = pattern;
        schema.Examples = [JsonValue.Create(example)];
    }

    public static void Map(IEndpointRouteBuilder web) => web.MapOpenApi("/openapi/{documentName}.json");

    /// <summary>An example of the request's body.</summary>
    public sealed record Example(string Json);

    /// <summary>The request takes an Idempotency-Key.</summary>
    public sealed record NeedsKey;
}

/// <summary>What endpoints say of themselves.</summary>
public static class EndpointWords
{
    /// <summary>A request that changes something: it takes an Idempotency-Key.</summary>
    /// <param name="example">A body, as JSON.</param>
    public static RouteHandlerBuilder Changes(this RouteHandlerBuilder endpoint, string name, string summary, string example) =>
        endpoint.Asks(name, summary).WithMetadata(new OpenApi.Example(example), new OpenApi.NeedsKey())
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status422UnprocessableEntity);

    public static RouteHandlerBuilder Asks(this RouteHandlerBuilder endpoint, string name, string summary) => endpoint.WithName(name).WithSummary(summary);
}
