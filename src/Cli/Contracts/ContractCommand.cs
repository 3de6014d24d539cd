using System.CommandLine;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu contract`: what helps whoever writes programs against contracts.</summary>
static class ContractCommand
{
    static readonly Argument<string> Source = new("FILE") { Description = "The ABI as the compiler writes it (JSON), or an artifact that has it; with bytecode, the client can deploy." };
    static readonly Option<string?> Name = new("--name") { Description = "The contract's name; without it, the file's.", HelpName = "NAME" };
    static readonly Option<string> Namespace = new("--namespace") { Description = "The namespace of the class.", HelpName = "NAMESPACE", DefaultValueFactory = _ => "Contracts" };
    static readonly Option<string?> Out = new("--out") { Description = "Where to write; without it, to the output.", HelpName = "FILE" };
    static readonly Option<bool> Check = new("--check") { Description = "Write nothing; succeed only if the file of --out is what would be written." };

    public static Command Create()
    {
        var generate = new Command("generate", """
            Write a contract's ABI as a C# class: a method a function, a record an event, a custom error and a struct.

            Example:
              hufu contract generate artifacts/Payments.json --namespace Hufu.Services --out PaymentsContract.g.cs
              hufu contract generate artifacts/Payments.json --namespace Hufu.Services --out PaymentsContract.g.cs --check
            """)
        { Source, Name, Namespace, Out, Check };
        generate.SetAction(parsed => Generate(parsed.GetRequiredValue(Source), parsed.GetValue(Name), parsed.GetValue(Namespace)!, parsed.GetValue(Out), parsed.GetValue(Check)));
        return new Command("contract", "Typed clients for contracts.") { generate };
    }

    static int Generate(string file, string? name, string @namespace, string? destination, bool checks)
    {
        try
        {
            if (!ContractSource.TryWrite(File.ReadAllBytes(file), name ?? Path.GetFileNameWithoutExtension(file), @namespace, out var source, out var refusal)) return Outcome.Refuse(refusal);
            if (destination is null) Console.Out.Write(source);
            else if (!checks) File.WriteAllText(destination, source);
            else if (!File.Exists(destination) || File.ReadAllText(destination) != source)
                return Outcome.Refuse(new Refusal($"{destination} is not what {file} gives", "the contract or the generator has changed", $"run: hufu contract generate {file} --namespace {@namespace} --out {destination}"));
            return Outcome.Success;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal("cannot read or write a file", error.Message, "check the paths"));
        }
    }
}
