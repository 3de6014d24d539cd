using System.CommandLine;
using Hufu.Primitives;
using Hufu.Services;
using Command = System.CommandLine.Command;

namespace Hufu.Cli;

/// <summary>`hufu epcis`: files of supply chain events, checked, hashed and converted. Asks no node and fetches nothing.</summary>
static class EpcisCommand
{
    static readonly Argument<string[]> Files = new("FILES") { Description = "EPCIS in JSON-LD or XML.", Arity = ArgumentArity.OneOrMore };
    static readonly Argument<string> Source = new("FILE") { Description = "EPCIS in JSON-LD or XML." };
    static readonly Option<string> To = new("--to") { Description = "The other form: json or xml.", HelpName = "FORM", Required = true };

    public static Command Create() => new("epcis", "Check, hash and convert files of GS1 EPCIS events.") { Check(), Hash(), Convert() };

    static Command Check()
    {
        var command = new Command("check", """
            Accept or refuse files of EPCIS 2.0 (or older XML), telling every fault. Exit code 0 only when all are accepted.

            Example:
              hufu epcis check harvest.jsonld shipping.xml
            """)
        { Files, LedgerOptions.Json };
        command.SetAction(parsed =>
        {
            var (json, refused) = (parsed.GetValue(LedgerOptions.Json), 0);
            foreach (var file in parsed.GetRequiredValue(Files))
            {
                if (!TryRead(file, out var document, out var refusal)) refused++;
                IReadOnlyList<string> faults = refusal is null ? [.. document!.Faults.Select(fault => fault.ToString())] : [refusal.ToString()];
                if (refusal is null && faults.Count > 0) refused++;
                if (json) Outcome.WriteJson(writer =>
                {
                    writer.WriteString("file"u8, file);
                    writer.WriteBoolean("accepted"u8, faults.Count == 0);
                    writer.WriteNumber("events"u8, document?.Events.Count ?? 0);
                    writer.WriteStartArray("faults"u8);
                    foreach (var fault in faults) writer.WriteStringValue(fault);
                    writer.WriteEndArray();
                });
                else
                {
                    Console.WriteLine(faults.Count == 0 ? $"accepted  {file}  ({document!.Events.Count} events)" : $"refused   {file}");
                    foreach (var fault in faults) Console.WriteLine($"          {fault}");
                }
            }
            return refused == 0 ? Outcome.Success : 1;
        });
        return command;
    }

    static Command Hash()
    {
        var command = new Command("hash", """
            The CBV 2.0 hash of every event in a file, one a line.

            Example:
              hufu epcis hash harvest.jsonld
            """)
        { Source };
        command.SetAction(parsed =>
        {
            if (!TryRead(parsed.GetRequiredValue(Source), out var document, out var refusal)) return Outcome.Refuse(refusal!);
            foreach (var one in document!.Events) Console.WriteLine(EventHash.NameOf(one, document.IgnoredFields));
            return Outcome.Success;
        });
        return command;
    }

    static Command Convert()
    {
        var command = new Command("convert", """
            Write a file in the other form. What is refused by `hufu epcis check` is not converted.

            Example:
              hufu epcis convert harvest.xml --to json > harvest.jsonld
            """)
        { Source, To };
        command.SetAction(parsed =>
        {
            if (!TryRead(parsed.GetRequiredValue(Source), out var document, out var refusal)) return Outcome.Refuse(refusal!);
            if (document!.Faults.Count > 0) return Outcome.Refuse(new Refusal("the file is not EPCIS", document.Faults[0].ToString(), "see `hufu epcis check`"));
            if (parsed.GetRequiredValue(To) is not ("json" or "xml")) return Outcome.Refuse(new Refusal($"{parsed.GetRequiredValue(To)} is no form of EPCIS", "", "write --to json or --to xml"));
            using var output = Console.OpenStandardOutput();
            output.Write(parsed.GetRequiredValue(To) == "xml" ? EpcisXmlWriter.Write(document) : EpcisJsonWriter.Write(document));
            return Outcome.Success;
        });
        return command;
    }

    static bool TryRead(string path, out EpcisDocument? document, out Refusal? refusal)
    {
        try
        {
            return EpcisDocument.TryRead(File.ReadAllBytes(path), out document, out refusal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            (document, refusal) = (null, new Refusal("cannot read the file", error.Message, "check the path"));
            return false;
        }
    }
}
