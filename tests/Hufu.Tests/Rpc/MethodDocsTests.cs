using System.Text.Json;
using Hufu.Cli;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

public sealed class MethodDocsTests
{
    static JsonElement Document(TestLedger ledger) => ledger.Result("rpc.discover", "[]");

    [Fact]
    public async Task Every_method_of_a_node_is_described_and_everything_described_is_there()
    {
        await using var stage = await ExampleStage.OpenAsync();
        await using var engine = new EngineChain(Fork.Amsterdam);
        var offered = stage.Methods.Names.Union(engine.Methods.Names).ToList();
        Assert.Empty(offered.Except(MethodDocs.All.Select(doc => doc.Name)));
        // Those of validators need a network of them, those of a permissions file the file.
        Assert.Empty(MethodDocs.All.Where(doc => !doc.Name.StartsWith("qbft_", StringComparison.Ordinal) && !doc.Name.StartsWith("perm_", StringComparison.Ordinal) && doc.Name != "hufu_consensus").Select(doc => doc.Name).Except(offered));
    }

    [Theory]
    [InlineData("en")]
    [InlineData("zh")]
    public void The_guide_lists_every_method_beside_those_of_other_programs(string language)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !Directory.Exists(Path.Combine(folder.FullName, "docs", "guide"))) folder = folder.Parent;
        var listed = File.ReadLines(Path.Combine(folder!.FullName, "docs", "guide", language, "methods.md"))
            .Where(line => line.Split(" | ").Length == 7 && line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('`')[1]).ToList();
        Assert.Equal(MethodDocs.All.Select(doc => doc.Name).Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_document_refers_to_nothing_that_is_not_in_it()
    {
        using var ledger = new TestLedger();
        var document = Document(ledger);
        Assert.Equal("1.3.2", document.GetProperty("openrpc").GetString());
        var references = document.GetRawText().Split("\"$ref\":\"#/components/").Skip(1).Select(rest => rest[..rest.IndexOf('"')]).Distinct();
        foreach (var reference in references)
        {
            var (kind, name) = (reference.Split('/')[0], reference.Split('/')[1]);
            Assert.True(document.GetProperty("components").GetProperty(kind).TryGetProperty(name, out _), reference);
        }
        foreach (var method in document.GetProperty("methods").EnumerateArray())
        {
            Assert.True(method.GetProperty("summary").GetString()!.Length > 10);
            // After one that may be left out no parameter is required, since they are given by position.
            var required = method.GetProperty("params").EnumerateArray().Select(parameter => parameter.GetProperty("required").GetBoolean()).ToArray();
            Assert.Equal(required.OrderDescending(), required);
        }
    }

    [Fact]
    public async Task Every_example_is_answered_by_a_running_node_in_the_form_that_is_promised()
    {
        await using var stage = await ExampleStage.OpenAsync();
        var document = await stage.ResultAsync("rpc.discover", "[]");
        var schema = new JsonSchema(document);
        var faults = new List<string>();
        foreach (var method in document.GetProperty("methods").EnumerateArray())
        {
            var doc = MethodDocs.Find(method.GetProperty("name").GetString()!)!;
            var (_, answer) = await stage.RunAsync(doc);
            if (doc.IsRefused)
            {
                if (!answer.TryGetProperty("error", out _)) faults.Add($"{doc.Name} is not refused: {answer}");
            }
            else if (!answer.TryGetProperty("result", out var result)) faults.Add($"{doc.Name}: {answer}");
            else if (schema.WhyNot(result, method.GetProperty("result").GetProperty("schema")) is { } why) faults.Add($"{doc.Name}: {why}");
        }
        Assert.True(faults.Count == 0, string.Join("\n", faults));
    }
}
