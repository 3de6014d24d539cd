using System.Text.Json;
using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests;

public sealed class NodeRecordTests
{
    [Fact]
    public void The_record_of_EIP_778_is_read_and_made()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("p2p/eip-778.json")));
        var vector = document.RootElement;
        var text = vector.GetProperty("record").GetString()!;

        Assert.True(NodeRecord.TryParse(text, out var record));

        Assert.Equal(vector.GetProperty("nodeId").GetString(), record.Id.Hash.ToString()[2..]);
        Assert.Equal(1UL, record.Sequence);
        Assert.Equal("127.0.0.1", record.Ip!.ToString());
        Assert.Equal(30303, record.UdpPort);
        Assert.Equal(text, record.ToString());
        var key = new NodeKey(Convert.FromHexString(vector.GetProperty("privateKey").GetString()!));
        Assert.Equal(text, NodeRecord.Make(key, 1, record.Ip, null, 30303, null).ToString());
    }

    [Fact]
    public void A_changed_record_is_refused()
    {
        var rlp = NodeRecord.Make(NodeKey.Random(), 7, System.Net.IPAddress.Loopback, 30303, 30304, new ForkId(0xfc64ec04, 1150000)).Encoded.ToArray();
        Assert.True(NodeRecord.TryDecode(rlp, out var record));
        Assert.Equal(new ForkId(0xfc64ec04, 1150000), record.Eth);
        Assert.Equal((30303, 30304), (record.ToEnode()!.TcpPort, record.ToEnode()!.UdpPort));
        for (var i = 0; i < rlp.Length; i++)
        {
            var changed = (byte[])rlp.Clone();
            changed[i] ^= 1;
            Assert.False(NodeRecord.TryDecode(changed, out _), $"byte {i}");
        }
    }

    [Fact]
    public void Any_bytes_are_a_record_or_none() => Gen.Byte.Array[0, 320].Sample(bytes => { NodeRecord.TryDecode(bytes, out _); }, iter: RlpxConnectionTests.FuzzCases(1000));

    [Theory]
    [InlineData("10.0.0.1:30303", "10.0.0.1", 30303, 30303)]
    [InlineData("[::1]:30303?discport=30301", "::1", 30303, 30301)]
    [InlineData("node.example.org:1", "node.example.org", 1, 1)]
    public void An_enode_is_read_and_written(string place, string host, int tcp, int udp)
    {
        var id = NodeKey.Random().Id;

        Assert.True(Enode.TryParse($"enode://{id}@{place}", out var enode, out _));

        Assert.Equal((id, host, tcp, udp), (enode.Id, enode.Host, enode.TcpPort, enode.UdpPort));
        Assert.Equal($"enode://{id}@{place}", enode.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("enode://abc@127.0.0.1:30303")]
    [InlineData("http://127.0.0.1")]
    public void What_is_no_enode_is_refused_with_how_to_write_one(string text)
    {
        Assert.False(Enode.TryParse(text, out _, out var refusal));
        Assert.Contains("enode://", refusal.Mend);
    }

    [Fact]
    public void An_enode_without_a_port_is_refused() => Assert.False(Enode.TryParse($"enode://{NodeKey.Random().Id}@127.0.0.1", out _, out _));
}
