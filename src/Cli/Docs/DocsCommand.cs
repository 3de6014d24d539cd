using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hufu.Rpc;

namespace Hufu.Cli;

/// <summary>`hufu docs`: a page for each method of JSON-RPC, with an example and what a running node answered to it.</summary>
static class DocsCommand
{
    const int LongestAnswer = 4000;

    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create()
    {
        var folder = new Option<string>("--out") { Description = "The folder to write the pages into.", HelpName = "DIR", Required = true };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON." };
        var command = new Command("docs", "Write a page for each JSON-RPC method; the examples are run on a chain in memory. Example: hufu docs --out ./rpc-pages") { folder, json };
        command.SetAction(async (parsed, _) =>
        {
            var path = Path.GetFullPath(parsed.GetValue(folder)!);
            var count = await WriteAsync(path).ConfigureAwait(false);
            if (parsed.GetValue(json)) Outcome.WriteJson(writer => writer.WriteNumber("pages", count));
            else Console.WriteLine($"{count} pages in {path}");
            return Outcome.Success;
        });
        return command;
    }

    static async Task<int> WriteAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        var stage = await ExampleStage.OpenAsync().ConfigureAwait(false);
        await using (stage.ConfigureAwait(false))
        {
            var index = new StringBuilder("# JSON-RPC methods\n\n| method | |\n| --- | --- |\n");
            var count = 0;
            foreach (var doc in MethodDocs.All)
            {
                var (request, answer) = doc.Where is null ? await stage.RunAsync(doc).ConfigureAwait(false) : (stage.RequestOf(doc), null as JsonElement?);
                await File.WriteAllTextAsync(Path.Combine(folder, doc.Name + ".md"), PageOf(doc, request, answer)).ConfigureAwait(false);
                index.Append(CultureInfo.InvariantCulture, $"| [{doc.Name}]({doc.Name}.md) | {doc.Summary} |\n");
                count++;
            }
            await File.WriteAllTextAsync(Path.Combine(folder, "README.md"), index.ToString()).ConfigureAwait(false);
            return count;
        }
    }

    static string PageOf(MethodDoc doc, string request, JsonElement? answer)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"# {doc.Name}\n\n{doc.Summary}\n\n");
        if (doc.Where is { } where) page.Append(CultureInfo.InvariantCulture, $"{where}\n\n");
        if (doc.NeedsConnection) page.Append("Over WebSocket and IPC only.\n\n");
        if (doc.Parameters.Count > 0)
        {
            page.Append("| parameter | form | |\n| --- | --- | --- |\n");
            foreach (var parameter in doc.Parameters)
                page.Append(CultureInfo.InvariantCulture, $"| {parameter.Name} | {MethodDoc.FormOf(parameter.Schema)} | {(parameter.IsRequired ? "required" : "optional")} |\n");
            page.Append('\n');
        }
        page.Append(CultureInfo.InvariantCulture, $"Result: {doc.ResultName}, {MethodDoc.FormOf(doc.Result)}.\n\n## Example\n\n```json\n{request}\n```\n");
        if (answer is null) return page.ToString();
        page.Append("\n```json\n");
        var shown = JsonSerializer.Serialize(answer, Indented);
        page.Append(shown.Length > LongestAnswer ? string.Concat(shown.AsSpan(0, LongestAnswer), "\n…") : shown).Append("\n```\n");
        return page.ToString();
    }
}
