using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Hufu.Tests.Node;

/// <summary>Calls of a running node over HTTP.</summary>
static class NodeCalls
{
    static readonly HttpClient Http = new();

    /// <returns>The whole answer, with a result or an error.</returns>
    public static async Task<JsonElement> AskAsync(this Hufu.Node.Node node, string method, params object?[] parameters)
    {
        using var response = await Http.PostAsJsonAsync(node.Url, new { jsonrpc = "2.0", id = 1, method, @params = parameters }, TestContext.Current.CancellationToken);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }
}
