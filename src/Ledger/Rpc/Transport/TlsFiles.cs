using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>A certificate with its key, both in PEM.</summary>
/// <param name="Certificate">The certificate, those of its issuers after it.</param>
/// <param name="Key">Its private key, not encrypted.</param>
public sealed record TlsFiles(string Certificate, string Key)
{
    internal bool TryLoad([NotNullWhen(true)] out X509Certificate2? certificate, out X509Certificate2Collection chain, [NotNullWhen(false)] out Refusal? refusal)
    {
        (certificate, chain, refusal) = (null, [], null);
        try
        {
            // SChannel wants the key in a store of its own; loading it from PKCS#12 puts it there.
            using var loaded = X509Certificate2.CreateFromPemFile(Certificate, Key);
            certificate = OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(loaded.Export(X509ContentType.Pkcs12), null) : new X509Certificate2(loaded);
            chain.ImportFromPemFile(Certificate);
            if (certificate.NotAfter < DateTime.Now)
                refusal = new Refusal($"the certificate in {Certificate} has expired", $"it was good until {certificate.NotAfter:u}", "renew it");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            refusal = new Refusal($"cannot use the certificate in {Certificate}", error.Message, "give a certificate and its unencrypted key as PEM files: --tls-cert FILE --tls-key FILE");
        }
        return refusal is null;
    }
}
