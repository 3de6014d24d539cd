using System.CommandLine;
using System.Diagnostics;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;
using Command = System.CommandLine.Command;

namespace Hufu.Cli;

/// <summary>`hufu verify`: whether a tally holds. Asks no node.</summary>
static class VerifyCommand
{
    static readonly Argument<string> Source = new("FILE") { Description = "A tally, or the proof of an event of a supply chain." };
    static readonly Option<string?> Genesis = new("--genesis") { Description = "The hash of the chain's first block, as you know it.", HelpName = "HASH" };
    static readonly Option<string?> Block = new("--block") { Description = "The hash of the block, as you know it from elsewhere.", HelpName = "HASH" };
    static readonly Option<ulong?> ChainId = new("--chain-id") { Description = "The chain that is meant.", HelpName = "ID" };

    public static Command Create()
    {
        var command = new Command("verify", """
            Check a tally. Exit code 0 only when it holds; then it says what is proven, and what is left to trust. Needs no network.

            Example:
              hufu verify payment.tally.json
              hufu verify payment.tally.json --genesis 0xd4e5… --json
            """)
        { Source, Genesis, Block, ChainId, LedgerOptions.Json };
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var json = parsed.GetValue(LedgerOptions.Json);
        var (genesis, block) = (default(Hash256?), default(Hash256?));
        foreach (var option in new[] { Genesis, Block })
        {
            if (parsed.GetValue(option) is not { } text) continue;
            if (!Hash256.TryParse(text, out var hash)) return Outcome.Refuse(new Refusal($"{option.Name} {text} is no hash", "a hash is 0x and 64 hexadecimal digits"), json);
            if (option == Genesis) genesis = hash;
            else block = hash;
        }
        try
        {
            var trust = new TallyTrust { ChainId = parsed.GetValue(ChainId), Genesis = genesis, Block = block };
            var file = File.ReadAllBytes(parsed.GetRequiredValue(Source));
            var watch = Stopwatch.StartNew();
            if (TraceProof.IsOne(file))
            {
                if (!TraceProof.TryVerify(file, trust, out var trace, out var untrue)) return Outcome.Refuse(untrue, json);
                Tell(trace.English, trace.Chinese, [.. trace.Tally.Trusts, $"that {trace.Contract.ToChecksumString()} is the contract that keeps anchors, and {trace.Organisation.ToChecksumString()} the one who recorded the event"], file.Length, watch.Elapsed, json);
                return Outcome.Success;
            }
            if (!TallyFile.TryVerify(file, trust, out var fact, out var refusal)) return Outcome.Refuse(refusal, json);
            Tell(fact.English, fact.Chinese, fact.Trusts, file.Length, watch.Elapsed, json);
            return Outcome.Success;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal("cannot read the tally", error.Message, "check the path"), json);
        }
    }

    static void Tell(string english, string chinese, IReadOnlyList<string> trusts, int bytes, TimeSpan took, bool json)
    {
        if (json)
        {
            Outcome.WriteJson(writer =>
            {
                writer.WriteBoolean("holds"u8, true);
                writer.WriteNumber("bytes"u8, bytes);
                writer.WriteNumber("milliseconds"u8, Math.Round(took.TotalMilliseconds, 2));
                writer.WriteString("en"u8, english);
                writer.WriteString("zh"u8, chinese);
                writer.WriteStartArray("trusts"u8);
                foreach (var trust in trusts) writer.WriteStringValue(trust);
                writer.WriteEndArray();
            });
            return;
        }
        Console.WriteLine("The tally holds.");
        Console.WriteLine(english);
        Console.WriteLine(chinese);
        Console.WriteLine("It rests on:");
        foreach (var trust in trusts) Console.WriteLine($"  - {trust}");
    }
}
