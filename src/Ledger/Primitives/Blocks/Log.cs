namespace Hufu.Primitives;

/// <summary>An event that a contract left in a receipt.</summary>
public sealed record Log(Address Address, IReadOnlyList<Hash256> Topics, ReadOnlyMemory<byte> Data)
{
    public void Write(RlpWriter writer)
    {
        var list = writer.StartList();
        writer.Write(Address);
        var topics = writer.StartList();
        for (var i = 0; i < Topics.Count; i++) writer.Write(Topics[i]);
        writer.EndList(topics);
        writer.Write(Data.Span);
        writer.EndList(list);
    }

    public static Log Read(ref RlpReader reader)
    {
        var end = reader.EnterList();
        var address = reader.ReadAddress();
        var topics = reader.ReadHashes();
        var log = new Log(address, topics, reader.ReadBytes().ToArray());
        reader.LeaveList(end);
        return log;
    }
}
