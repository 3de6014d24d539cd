using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

/// <summary>What nodes say of themselves (`hufu/1`).</summary>
public sealed class ReportTests
{
    static readonly NodeReport Report = new("Hufu/v1", 1_700_000_000_123, 12, Keccak256.Hash([1]), 13, 2, 1UL << 40, "its disk is full");

    [Fact]
    public void A_report_reads_as_it_was_written_and_later_versions_may_say_more()
    {
        Assert.Equal(Report, NodeReport.TryRead(Report.Encode()));

        using var writer = RlpWriter.Rent();
        var reader = new RlpReader(Report.Encode());
        var end = reader.EnterList();
        var list = writer.StartList();
        while (reader.HasMore(end)) writer.WriteRaw(reader.ReadItem());
        writer.Write(77UL);
        writer.EndList(list);
        Assert.Equal(Report, NodeReport.TryRead(writer.Written));
    }

    [Fact]
    public void Nothing_in_a_report_moves_a_cursor_and_no_text_is_long()
    {
        var read = NodeReport.TryRead((Report with { Trouble = "\u001b[2Jgone\r\n" }).Encode())!;
        Assert.DoesNotContain(read.Trouble, char.IsControl);
        Assert.True(NodeReport.TryRead((Report with { Version = new string('x', 100_000) }).Encode())!.Version.Length < 1000);
    }

    [Fact]
    public void Damaged_reports_do_no_harm() => Gen.Select(Gen.Int[0, 200], Gen.Byte, Gen.Int[0, 200]).Sample((at, value, length) =>
    {
        var bytes = Report.Encode();
        bytes[at % bytes.Length] = value;
        NodeReport.TryRead(bytes.AsSpan(0, Math.Min(bytes.Length, length)));
        NodeReport.TryRead(bytes);
    });

    [Fact]
    public async Task Peers_hear_each_others_reports_and_how_far_their_clocks_are_apart()
    {
        var late = new ReportProtocol(() => Report with { TimeMilliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 60_000 }, TimeProvider.System);
        var right = new ReportProtocol(() => Report, TimeProvider.System);
        await using var left = new TestPeer(further: [late]);
        await using var other = new TestPeer(follows: true, peers: [left.Enode], further: [right]);
        await other.Meets(1);

        for (var i = 0; i < 500 && !right.Latest.ContainsKey(left.Peers.Id); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        var received = right.Latest[left.Peers.Id];
        Assert.Equal(Report.Trouble, received.Report.Trouble);
        Assert.InRange(received.ClockAhead.TotalSeconds, -90, -59);
    }
}
