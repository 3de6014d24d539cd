using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>Where a password comes from: a file, or the person at the terminal. Never the command line, which others can read.</summary>
static class Password
{
    /// <param name="isNew">Asks twice, since a slip would lock the account for ever.</param>
    public static bool TryGet(string? file, bool isNew, [NotNullWhen(true)] out string? password, [NotNullWhen(false)] out Refusal? refusal)
    {
        (password, refusal) = (null, null);
        try
        {
            if (file is not null) password = File.ReadLines(file).FirstOrDefault() ?? "";
            else if (Console.IsInputRedirected) refusal = new Refusal("there is nobody to ask for the password", "the input is not a terminal", "give a file with --password-file");
            else
            {
                password = Ask("Password: ");
                if (isNew && Ask("Again: ") != password) refusal = new Refusal("the two passwords differ", Mend: "try again");
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal("cannot read the password file", error.Message, "check the path after --password-file");
        }
        return refusal is null;
    }

    static string Ask(string prompt) => AnsiConsole.Prompt(new TextPrompt<string>(prompt).Secret(null).AllowEmpty());
}
