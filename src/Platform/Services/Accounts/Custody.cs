using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Hufu.Client;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>An account whose secret the platform keeps.</summary>
/// <param name="Name">What people call it; unique.</param>
/// <param name="Owner">Which caller may act for it; empty for the platform's own.</param>
public sealed record CustodyAccount(Address Address, string Name, string Owner, DateTimeOffset MadeAt);

/// <summary>
/// Secrets of accounts, each in a keystore (Web3 Secret Storage, version 3) that is encrypted with the operator's key before it touches the disk. An
/// account is unlocked when it first signs, and then stays in memory. No secret is ever shown.
/// </summary>
public sealed class Custody
{
    internal static readonly Table Accounts = new("custody_account", "address text key", "name text index", "owner text index", "keystore text", "made_at number");

    readonly Database _database;
    readonly CustodyKey _key;
    readonly ConcurrentDictionary<Address, Lazy<Signer>> _unlocked = new();

    public Custody(Database database, CustodyKey key) => (_database, _key) = (database, key);

    /// <summary>Takes in a signer that is kept elsewhere: the operator's own account.</summary>
    public void Lend(Signer signer) => _unlocked[signer.Address] = new Lazy<Signer>(signer);

    /// <summary>The account of a name; made where there is none.</summary>
    public async Task<CustodyAccount> OpenAsync(string name, string owner = "")
    {
        if (Find(name) is { } known) return known;
        // Stretching a password takes its time, and the writer serves everybody.
        var signer = Signer.New();
        var keystore = _key.Seal(signer);
        var account = new CustodyAccount(signer.Address, name, owner, DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        return await _database.WriteAsync(session =>
        {
            if (session.Find(Select($" WHERE name = {name}"), Read) is { } earlier) return earlier;
            session.Execute(Accounts.Insert([account.Address, name, owner, keystore, account.MadeAt], replaces: false));
            _unlocked[account.Address] = new Lazy<Signer>(signer);
            return account;
        }).ConfigureAwait(false);
    }

    public CustodyAccount? Find(string name) => _database.Read(session => session.Find(Select($" WHERE name = {name}"), Read));

    public CustodyAccount? Find(Address address) => _database.Read(session => session.Find(Select($" WHERE address = {address}"), Read));

    public IReadOnlyList<CustodyAccount> All() => _database.Read(session => session.Query(Select($" ORDER BY made_at, name"), Read));

    /// <summary>Whether the platform can sign for an account.</summary>
    public bool Holds(Address address) => _unlocked.ContainsKey(address) || Find(address) is not null;

    /// <exception cref="InvalidOperationException">The account is not here, or the operator's key does not open it.</exception>
    public Signer SignerOf(Address address) => _unlocked.GetOrAdd(address, one => new Lazy<Signer>(() => Unlock(one))).Value;

    Signer Unlock(Address address)
    {
        var keystore = _database.Read(session => session.Find($"SELECT keystore FROM {Accounts} WHERE address = {address}", row => row.Text(0)))
            ?? throw new InvalidOperationException($"the secret of {address.ToChecksumString()} is not kept here");
        return _key.TryOpen(keystore, out var signer, out var refusal) ? signer : throw new InvalidOperationException($"the keystore of {address.ToChecksumString()} does not open: {refusal}");
    }

    /// <summary>Whether the operator's key is the one the accounts are sealed with: told at the start, not when money has to move.</summary>
    public bool TryCheckKey([NotNullWhen(false)] out Refusal? refusal)
    {
        var first = _database.Read(session => session.Find($"SELECT keystore FROM {Accounts} ORDER BY made_at LIMIT 1", row => row.Text(0)));
        refusal = first is null || _key.TryOpen(first, out _, out _) ? null
            : new Refusal("the key does not open the accounts kept here", "they were sealed with another one", "give the key that was used when the accounts were made");
        return refusal is null;
    }

    /// <summary>A secret of somebody else's that has to be kept, as it may touch the disk.</summary>
    /// <param name="purpose">What it is for: it opens for that alone.</param>
    internal string Seal(string purpose, string secret)
    {
        var text = System.Text.Encoding.UTF8.GetBytes(secret);
        var box = new byte[12 + text.Length + 16];
        RandomNumberGenerator.Fill(box.AsSpan(0, 12));
        using var cipher = new AesGcm(_key.Derive(purpose), 16);
        cipher.Encrypt(box.AsSpan(0, 12), text, box.AsSpan(12, text.Length), box.AsSpan(12 + text.Length));
        return Convert.ToBase64String(box);
    }

    /// <summary>A sealed secret; null where the operator's key is another one.</summary>
    internal string? Open(string purpose, string box)
    {
        var bytes = Convert.FromBase64String(box);
        var text = new byte[bytes.Length - 28];
        using var cipher = new AesGcm(_key.Derive(purpose), 16);
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, 12), bytes.AsSpan(12, text.Length), bytes.AsSpan(12 + text.Length), text);
            return System.Text.Encoding.UTF8.GetString(text);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    static SqlText Select(SqlText rest) => $"SELECT address, name, owner, made_at FROM {Accounts}{rest}";

    static CustodyAccount Read(SqlRow row) => new(row.Address(0), row.Text(1), row.Text(2), row.Time(3));
}

/// <summary>The operator's key: what the keystores are encrypted with.</summary>
public sealed class CustodyKey
{
    // 256 random bits need no stretching; what a person can remember does.
    const int LongKey = 64;

    readonly string _password;
    readonly int _cost;

    CustodyKey(string password, int cost) => (_password, _cost) = (password, cost);

    public static CustodyKey FromPassword(string password) => new(password, password.Length >= LongKey ? Keystore.LightCost : Keystore.StandardCost);

    /// <summary>A random one, for what goes with the process.</summary>
    public static CustodyKey New() => FromPassword(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Reads the first line of a file; where the file is absent, makes one with a random key that only this user may read.</summary>
    public static bool TryReadOrMake(string path, [NotNullWhen(true)] out CustodyKey? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        (key, refusal) = (null, null);
        try
        {
            if (!File.Exists(path))
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                using var file = new StreamWriter(path, options);
                file.WriteLine(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            }
            if (File.ReadLines(path).FirstOrDefault() is { Length: > 0 } line) key = FromPassword(line);
            else refusal = new Refusal($"{path} holds no key", "its first line is empty", "write a long random text into it, or delete it and a new one is made");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read the key file {path}", error.Message, "check the path and who may read it");
        }
        return key is not null;
    }

    /// <summary>A secret of 32 bytes for a purpose: the same as long as the key is, and kept nowhere.</summary>
    internal byte[] Derive(string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, System.Text.Encoding.UTF8.GetBytes(_password), 32, info: System.Text.Encoding.UTF8.GetBytes("hufu/" + purpose));

    internal string Seal(Signer signer) => signer.ToKeystore(_password, _cost);

    internal bool TryOpen(string keystore, [NotNullWhen(true)] out Signer? signer, [NotNullWhen(false)] out Refusal? refusal) => Signer.TryFromKeystore(keystore, _password, out signer, out refusal);
}
