using System.Diagnostics.CodeAnalysis;
using System.Text;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>The secret of a node, and what it is used for. The secret itself does not leave this class.</summary>
public sealed class NodeKey
{
    readonly byte[] _secret;

    /// <param name="secret32">A valid secret (<see cref="Secp256k1.IsValidSecret"/>).</param>
    public NodeKey(ReadOnlySpan<byte> secret32)
    {
        _secret = secret32.ToArray();
        Id = NodeId.FromBytes(Secp256k1.PublicKey(_secret));
    }

    public NodeId Id { get; }

    public static NodeKey Random() => new(Secp256k1.NewSecret());

    /// <summary>The key kept in a file as 64 hexadecimal digits; a new one is made, for this user's eyes only, where there is no file.</summary>
    public static bool TryReadOrMake(string file, [NotNullWhen(true)] out NodeKey? key, [NotNullWhen(false)] out Refusal? refusal)
    {
        key = null;
        refusal = null;
        try
        {
            if (!File.Exists(file)) Make(file);
            var text = File.ReadAllText(file).Trim();
            if (text.StartsWith("0x", StringComparison.Ordinal)) text = text[2..];
            Span<byte> secret = stackalloc byte[Secp256k1.SecretSize];
            if (text.Length == 2 * Secp256k1.SecretSize && Convert.FromHexString(text, secret, out _, out _) == System.Buffers.OperationStatus.Done && Secp256k1.IsValidSecret(secret))
            {
                key = new NodeKey(secret);
                return true;
            }
            refusal = new Refusal($"the node key in {file} cannot be used", "it is not a secret of secp256k1: 64 hexadecimal digits", "restore the file from a backup, or remove it: the node then makes a new key and has a new identity");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            refusal = new Refusal($"cannot read or make the node key {file}", error.Message, "let this user read and write the file");
        }
        return false;
    }

    static void Make(string file)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var made = new FileStream(file, options);
        made.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Secp256k1.NewSecret())));
    }

    /// <summary>The x coordinate of this secret times the other's key; false where that is no point of the curve.</summary>
    internal bool TryAgree(NodeId other, Span<byte> sharedX32) => Secp256k1.TryAgree(_secret, other.Bytes, sharedX32);

    /// <summary>This secret times the other's key, compressed; false where that is no point of the curve.</summary>
    internal bool TryAgreePoint(NodeId other, Span<byte> shared33) => Secp256k1.TryAgreePoint(_secret, other.Bytes, shared33);

    /// <summary>r, s and the recovery id, 65 bytes.</summary>
    public void Sign(ReadOnlySpan<byte> hash32, Span<byte> signature65)
    {
        Secp256k1.Sign(hash32, _secret, signature65[..Secp256k1.SignatureSize], out var recoveryId);
        signature65[Secp256k1.SignatureSize] = (byte)recoveryId;
    }
}
