using System.Diagnostics.CodeAnalysis;

namespace Hufu.Network;

/// <summary>Where a node list is and whose key must have signed it: <c>enrtree://KEY@DOMAIN</c> (EIP-1459).</summary>
public sealed record NodeListUrl(NodeId Key, string Domain)
{
    const string Scheme = "enrtree://";

    public static bool TryParse(string text, [NotNullWhen(true)] out NodeListUrl? url)
    {
        url = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal) || text.IndexOf('@', StringComparison.Ordinal) is var at && at < 0) return false;
        var domain = text[(at + 1)..];
        if (!Base32.TryDecode(text.AsSpan(Scheme.Length, at - Scheme.Length), out var key) || !NodeId.TryDecompress(key, out var id) || !IsDomain(domain)) return false;
        url = new NodeListUrl(id, domain);
        return true;
    }

    public override string ToString() => $"{Scheme}{Base32.Encode(Key.Compress())}@{Domain}";

    public static bool IsDomain(string domain) => domain.Length is > 0 and <= 200 && Uri.CheckHostName(domain) == UriHostNameType.Dns;
}
