using System.CommandLine;
using Hufu.Primitives;
using Hufu.Services;
using Command = System.CommandLine.Command;

namespace Hufu.Cli;

/// <summary>`hufu iso20022`: messages of banks, checked. Asks no node and fetches nothing.</summary>
static class IsoCommand
{
    static readonly Argument<string[]> Files = new("FILES") { Description = "Messages: pain.001, pacs.008, camt.052, camt.053, camt.054; with --schemas, any.", Arity = ArgumentArity.OneOrMore };
    static readonly Option<string?> Schemas = new("--schemas") { Description = "A folder with the schemas of ISO 20022 (pacs.008.001.08.xsd, …), to hold the messages against as well.", HelpName = "DIR" };

    public static Command Create()
    {
        var check = new Command("check", """
            Read messages and tell what is wrong in them: fields, sums said twice, amounts and numbers. Exit code 0 only when all are right.

            Example:
              hufu iso20022 check order.xml statement.xml
              hufu iso20022 check order.xml --schemas schemas
            """)
        { Files, Schemas, LedgerOptions.Json };
        check.SetAction(Run);
        return new Command("iso20022", "Check files of ISO 20022 messages.") { check };
    }

    static int Run(ParseResult parsed)
    {
        var (json, refused) = (parsed.GetValue(LedgerOptions.Json), 0);
        var schemas = parsed.GetValue(Schemas) is { } folder ? IsoSchemas.FromFolder(folder) : null;
        foreach (var file in parsed.GetRequiredValue(Files))
        {
            var (name, faults) = Check(file, schemas);
            if (faults.Count > 0) refused++;
            if (json) Outcome.WriteJson(writer =>
            {
                writer.WriteString("file"u8, file);
                writer.WriteString("message"u8, name);
                writer.WriteBoolean("accepted"u8, faults.Count == 0);
                writer.WriteStartArray("faults"u8);
                foreach (var fault in faults) writer.WriteStringValue(fault.ToString());
                writer.WriteEndArray();
            });
            else
            {
                Console.WriteLine($"{(faults.Count == 0 ? "accepted" : "refused ")}  {file}  {name}");
                foreach (var fault in faults) Console.WriteLine($"          {fault}");
            }
        }
        return refused == 0 ? Outcome.Success : 1;
    }

    static (string? Name, IReadOnlyList<Refusal> Faults) Check(string file, IsoSchemas? schemas)
    {
        try
        {
            if (!IsoMessage.TryRead(File.ReadAllBytes(file), out var message, out var refusal, schemas)) return (null, [refusal]);
            IReadOnlyList<Refusal> faults = [];
            if (message.Family is "pain.001" or "pacs.008") CreditTransferBatch.TryRead(message, out _, out faults);
            else if (message.Family.StartsWith("camt.05", StringComparison.Ordinal) && message.Family is not "camt.056" and not "camt.055") AccountStatement.TryRead(message, out _, out faults);
            else if (schemas is null) faults = [new Refusal($"{message.Name} cannot be checked by itself", "no reader of Hufu takes it in", "give --schemas to hold it against its schema")];
            return (message.Name, faults);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return (null, [new Refusal("cannot read the file", error.Message, "check the path")]);
        }
    }
}
