using System.Text;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>What a node says of itself.</summary>
/// <param name="Version">Its name and version, as in its Hello.</param>
/// <param name="TimeMilliseconds">What its clock shows, since 1970.</param>
/// <param name="Height">The height it is deciding; 0 where it decides none.</param>
/// <param name="FreeDiskBytes">What is left where its chain is kept; the greatest number where it is kept in memory.</param>
/// <param name="Trouble">What keeps it from working, in words; empty where nothing does.</param>
public sealed record NodeReport(string Version, long TimeMilliseconds, ulong Head, Hash256 HeadHash, ulong Height, uint Round, ulong FreeDiskBytes, string Trouble)
{
    const int MostTextBytes = 512;

    public byte[] Encode()
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(TextOf(Version));
        writer.Write((ulong)Math.Max(0, TimeMilliseconds));
        writer.Write(Head);
        writer.Write(HeadHash);
        writer.Write(Height);
        writer.Write((ulong)Round);
        writer.Write(FreeDiskBytes);
        writer.Write(TextOf(Trouble));
        writer.EndList(list);
        return writer.ToArray();
    }

    /// <summary>Null for what is no report. Further items are for later versions, and passed over.</summary>
    public static NodeReport? TryRead(ReadOnlySpan<byte> body)
    {
        var reader = new RlpReader(body);
        var end = reader.EnterList();
        var version = ReadText(ref reader);
        var (time, head, hash) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadHash());
        var (height, round, free) = (reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadUInt64());
        var trouble = ReadText(ref reader);
        while (reader.HasMore(end)) reader.ReadItem();
        reader.LeaveList(end);
        reader.ExpectEnd();
        return reader.Failed || time > long.MaxValue || round > int.MaxValue ? null : new NodeReport(version, (long)time, head, hash, height, (uint)round, free, trouble);
    }

    static byte[] TextOf(string text) => Encoding.UTF8.GetBytes(text.Length <= MostTextBytes / 4 ? text : text[..(MostTextBytes / 4)]);

    // It ends in a terminal and in logs: nothing that moves a cursor comes through.
    static string ReadText(ref RlpReader reader)
    {
        var bytes = reader.ReadBytes();
        if (bytes.Length > MostTextBytes)
        {
            reader.Fail("a text that is too long");
            return "";
        }
        var text = Encoding.UTF8.GetString(bytes);
        return string.Create(text.Length, text, (clean, given) =>
        {
            for (var i = 0; i < given.Length; i++) clean[i] = char.IsControl(given[i]) ? ' ' : given[i];
        });
    }
}
