using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>A sub-protocol that a node speaks, in one version.</summary>
/// <param name="Length">How many message ids it takes.</param>
public sealed record Capability(string Name, int Version, int Length)
{
    public override string ToString() => $"{Name}/{Version}";

    /// <summary>
    /// What two nodes will speak, in ascending order of the names: of every name both know the highest version both know; each then takes its ids from the
    /// end of the one before it, beginning with 0x10 (devp2p, rlpx.md, "Message ID-based Multiplexing").
    /// </summary>
    public static IReadOnlyList<(Capability Capability, int Offset)> Share(IReadOnlyList<Capability> own, IReadOnlyList<(string Name, int Version)> theirs)
    {
        var offset = FirstId;
        var shared = new List<(Capability, int)>();
        var names = own.Where(capability => theirs.Contains((capability.Name, capability.Version)))
            .GroupBy(capability => capability.Name, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal);
        foreach (var versions in names)
        {
            var highest = versions.MaxBy(capability => capability.Version)!;
            shared.Add((highest, offset));
            offset += highest.Length;
        }
        return shared;
    }

    public const int FirstId = 0x10;
}

/// <summary>What a node says of itself first (devp2p, rlpx.md, "Hello").</summary>
public sealed record Hello(ulong ProtocolVersion, string ClientId, IReadOnlyList<(string Name, int Version)> Capabilities, ulong ListenPort, NodeId Id)
{
    /// <summary>The version of the base protocol spoken here: the first with Snappy.</summary>
    public const ulong CurrentVersion = 5;

    const int LongestName = 8, MostCapabilities = 128, LongestClientId = 256;

    internal void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.Write(ProtocolVersion);
        writer.Write(System.Text.Encoding.UTF8.GetBytes(ClientId));
        var capabilities = writer.StartList();
        foreach (var (name, version) in Capabilities)
        {
            var capability = writer.StartList();
            writer.Write(System.Text.Encoding.ASCII.GetBytes(name));
            writer.Write((ulong)version);
            writer.EndList(capability);
        }
        writer.EndList(capabilities);
        writer.Write(ListenPort);
        writer.Write(Id.Bytes);
        writer.EndList(list);
    }

    /// <summary>Null where the bytes are no Hello; items that a later version adds are ignored (EIP-8).</summary>
    internal static Hello? Read(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        var listEnd = reader.EnterList();
        var version = reader.ReadUInt64();
        var clientId = reader.ReadBytes();
        var capabilities = new List<(string, int)>();
        var end = reader.EnterList();
        while (reader.HasMore(end))
        {
            var itemEnd = reader.EnterList();
            var name = reader.ReadBytes();
            var number = reader.ReadUInt64();
            reader.LeaveList(itemEnd);
            // Names nobody may have and versions nobody has are passed over: they cannot be shared.
            if (name.Length is > 0 and <= LongestName && number <= int.MaxValue) capabilities.Add((System.Text.Encoding.ASCII.GetString(name), (int)number));
            if (capabilities.Count > MostCapabilities) reader.Fail("too many capabilities");
        }
        reader.LeaveList(end);
        var port = reader.ReadUInt64();
        var id = reader.ReadBytes(NodeId.Size);
        if (reader.Failed || reader.Position > listEnd) return null;
        var shown = System.Text.Encoding.UTF8.GetString(clientId[..Math.Min(clientId.Length, LongestClientId)]);
        return new Hello(version, Printable(shown), capabilities, port, NodeId.FromBytes(id));
    }

    // What a stranger says of itself goes into logs and answers: no control characters.
    static string Printable(string text) => string.Create(text.Length, text, (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(from[i]) ? '?' : from[i];
    });
}
