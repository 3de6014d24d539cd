using System.Text.Json;
using Hufu.Primitives;
using Hufu.State;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>How commands tell what came of them: to people in words on the error stream, to programs as JSON with --json. Exit code 0 is success and nothing else.</summary>
static class Outcome
{
    public const int Success = 0;
    public const int Failure = 1;

    // The terminal breaks lines where it must; a path broken by us could not be copied.
    const int NeverWrapped = 10_000;

    static readonly IAnsiConsole Errors = MakeErrors();

    static IAnsiConsole MakeErrors()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        console.Profile.Width = NeverWrapped;
        return console;
    }

    /// <summary>Tells a refusal and gives the exit code for it.</summary>
    public static int Refuse(Refusal refusal, bool json = false)
    {
        if (json) WriteJson(writer =>
        {
            writer.WriteString("error"u8, refusal.What);
            writer.WriteString("why"u8, refusal.Why);
            writer.WriteString("mend"u8, refusal.Mend);
        });
        else
        {
            Errors.MarkupLineInterpolated($"[red]error:[/] {refusal.What}");
            if (refusal.Why.Length > 0) Errors.MarkupLineInterpolated($"  why:  {refusal.Why}");
            if (refusal.Mend.Length > 0) Errors.MarkupLineInterpolated($"  mend: {refusal.Mend}");
        }
        return Failure;
    }

    /// <summary>Tells a fault of a running node: a full or broken disk in words, a bug with everything that helps to find it.</summary>
    public static void ReportFault(Exception fault)
    {
        if (fault is StoreFailure failure) Refuse(failure.Refusal);
        else Console.Error.WriteLine($"fault: {fault}");
    }

    /// <summary>One JSON object on one line of the output.</summary>
    public static void WriteJson(Action<Utf8JsonWriter> members)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
        Console.Out.Flush();
    }
}
