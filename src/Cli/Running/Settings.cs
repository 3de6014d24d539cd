using System.CommandLine;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>
/// The value of an option wherever it was given: on the command line, else in the environment (`HUFU_RPC_PORT` for `--rpc-port`), else in the
/// file of `--config` (JSON: `{ "rpc-port": 8545 }`), else the option's own default.
/// </summary>
sealed class Settings
{
    readonly ParseResult _parsed;
    readonly Dictionary<string, string> _file;

    Settings(ParseResult parsed, Dictionary<string, string> file) => (_parsed, _file) = (parsed, file);

    public static readonly Option<FileInfo?> ConfigFile = new("--config") { Description = "A JSON file with any of these options: { \"rpc-port\": 8545 }.", HelpName = "FILE" };

    public ParseResult Parsed => _parsed;

    /// <summary>The first value that could not be used.</summary>
    public Refusal? Refusal { get; private set; }

    /// <summary>Tells of a value that could not be used; the first counts.</summary>
    public void Refuse(Refusal refusal) => Refusal ??= refusal;

    public static Settings Of(ParseResult parsed)
    {
        var file = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        Refusal? refusal = null;
        if (parsed.GetValue(ConfigFile) is { } path) refusal = ReadFile(path.FullName, parsed.CommandResult.Command, file);
        return new Settings(parsed, file) { Refusal = refusal };
    }

    /// <summary>Whether the user said anything about an option, by whatever way.</summary>
    public bool IsGiven(Option option)
    {
        var name = option.Name.TrimStart('-');
        return _parsed.GetResult(option) is { Implicit: false } || Environment.GetEnvironmentVariable(VariableOf(name)) is { Length: > 0 } || _file.ContainsKey(name);
    }

    static string VariableOf(string name) => "HUFU_" + name.Replace('-', '_').ToUpperInvariant();

    public T Get<T>(Option<T> option)
    {
        if (_parsed.GetResult(option) is { Implicit: false }) return _parsed.GetValue(option)!;
        var name = option.Name.TrimStart('-');
        var variable = VariableOf(name);
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } fromEnvironment) return Parse(option, fromEnvironment, variable);
        if (_file.TryGetValue(name, out var fromFile)) return Parse(option, fromFile, $"\"{name}\" in the config file");
        return _parsed.GetValue(option)!;
    }

    T Parse<T>(Option<T> option, string text, string where)
    {
        var arguments = option.Arity.MaximumNumberOfValues > 1 ? [option.Name, .. text.Split(',', StringSplitOptions.TrimEntries)] : new[] { option.Name, text };
        var parsed = new Command("setting") { option }.Parse(arguments);
        if (parsed.Errors.Count == 0) return parsed.GetValue(option)!;
        Refusal ??= new Refusal($"{where} is '{text}'", parsed.Errors[0].Message, $"give {option.Name} a value as its help says");
        return default!;
    }

    static Refusal? ReadFile(string path, Command command, Dictionary<string, string> values)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            if (document.RootElement.ValueKind != JsonValueKind.Object) return new Refusal($"cannot use {path}", "it is not a JSON object");
            foreach (var member in document.RootElement.EnumerateObject())
            {
                if (!command.Options.Any(option => option.Name.TrimStart('-').Equals(member.Name, StringComparison.OrdinalIgnoreCase)))
                    return new Refusal($"cannot use {path}", $"it sets \"{member.Name}\", which is no option of `hufu {command.Name}`", "take the names from --help, without the dashes");
                values[member.Name] = member.Value.ValueKind == JsonValueKind.Array
                    ? string.Join(',', member.Value.EnumerateArray().Select(item => item.ToString()))
                    : member.Value.ToString();
            }
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Refusal($"cannot read the config file {path}", error.Message, "write it as JSON: { \"rpc-port\": 8545 }");
        }
    }
}
