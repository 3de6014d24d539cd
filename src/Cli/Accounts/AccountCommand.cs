using System.CommandLine;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>`hufu account`: keys in keystore files (version 3), without a secret ever on the command line.</summary>
static class AccountCommand
{
    static readonly Option<string> Folder = new("--keystore")
    {
        Description = "The folder of the keystore files.",
        HelpName = "DIR",
        DefaultValueFactory = _ => Path.Combine(DataFolders.Default, "keystore"),
    };
    static readonly Option<string?> PasswordFile = new("--password-file") { Description = "A file whose first line is the password; without it the password is asked for.", HelpName = "FILE" };
    static readonly Option<bool> Json = ChainOptions.Json();

    public static Command Create() => new("account", """
        Make, bring in and list accounts. Their secrets are kept encrypted, and never stand on the command line.

        Example:
          hufu account new
          hufu account list --json
        """)
    {
        With(new Command("new", "Make an account. Example: hufu account new --password-file secret.txt") { Folder, PasswordFile, Json }, New),
        Import(),
        With(new Command("list", "List the accounts. Example: hufu account list") { Folder, Json }, List),
    };

    static Command Import()
    {
        var source = new Argument<string>("FILE") { Description = "A file that holds the secret as 64 hexadecimal digits, or a keystore file of the same password." };
        return With(new Command("import", "Bring an account in. Example: hufu account import key.txt") { source, Folder, PasswordFile, Json }, settings => Import(settings.Parsed.GetRequiredValue(source), settings));
    }

    static Command With(Command command, Func<Settings, int> run)
    {
        command.Options.Add(Settings.ConfigFile);
        command.SetAction(parsed =>
        {
            var settings = Settings.Of(parsed);
            return settings.Refusal is { } refusal ? Outcome.Refuse(refusal, settings.Get(Json)) : run(settings);
        });
        return command;
    }

    static int New(Settings settings)
    {
        if (!Password.TryGet(settings.Get(PasswordFile), isNew: true, out var password, out var refusal)) return Outcome.Refuse(refusal, settings.Get(Json));
        return Keep(settings, Secp256k1.NewSecret(), password);
    }

    static int Import(string source, Settings settings)
    {
        var json = settings.Get(Json);
        string text;
        try
        {
            text = File.ReadAllText(source).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal($"cannot read {source}", error.Message, "check the path"), json);
        }
        if (!Password.TryGet(settings.Get(PasswordFile), isNew: !text.StartsWith('{'), out var password, out var refusal)) return Outcome.Refuse(refusal, json);
        if (text.StartsWith('{')) return Keystore.TryDecrypt(text, password, out var decrypted, out refusal) ? Keep(settings, decrypted, password) : Outcome.Refuse(refusal, json);
        if (!Hex.TryDecode(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text : "0x" + text, out var secret) || secret.Length != Secp256k1.SecretSize || !Secp256k1.IsValidSecret(secret))
            return Outcome.Refuse(new Refusal($"{source} holds no secret", "a secret is 64 hexadecimal digits", "give the file of one secret, or a keystore file"), json);
        return Keep(settings, secret, password);
    }

    static int Keep(Settings settings, byte[] secret, string password)
    {
        var (folder, json) = (Path.GetFullPath(settings.Get(Folder)), settings.Get(Json));
        var address = TransactionSigning.AddressOf(secret);
        if (Accounts(folder).FirstOrDefault(account => account.Address == address).File is { } existing)
            return Outcome.Refuse(new Refusal($"the account {address.ToChecksumString()} is kept already", existing, "remove that file first to change its password"), json);
        var path = Path.Combine(folder, Keystore.FileName(address, DateTimeOffset.UtcNow));
        try
        {
            Directory.CreateDirectory(folder);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using var writer = new StreamWriter(path, options);
            writer.Write(Keystore.Encrypt(secret, password));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Outcome.Refuse(new Refusal($"cannot write to {folder}", error.Message, "choose another folder with --keystore"), json);
        }
        Tell(address, path, json);
        return Outcome.Success;
    }

    static int List(Settings settings)
    {
        foreach (var (address, file) in Accounts(Path.GetFullPath(settings.Get(Folder)))) Tell(address, file, settings.Get(Json));
        return Outcome.Success;
    }

    static IEnumerable<(Address Address, string File)> Accounts(string folder)
    {
        if (!Directory.Exists(folder)) yield break;
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            if (Keystore.TryReadAddress(File.ReadAllText(file), out var address)) yield return (address, file);
    }

    static void Tell(Address address, string file, bool json)
    {
        if (!json) Console.WriteLine($"{address.ToChecksumString()}  {file}");
        else Outcome.WriteJson(writer =>
        {
            writer.WriteString("address"u8, address.ToChecksumString());
            writer.WriteString("file"u8, file);
        });
    }
}
