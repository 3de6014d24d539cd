using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CsCheck;
using Hufu.Network;
using Hufu.Primitives;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Hufu.Tests;

/// <summary>Node lists in DNS (EIP-1459), read from a name server on this machine.</summary>
public sealed class NodeListTests
{
    static readonly ForkId Ours = new(0x11223344, 0);

    [Fact]
    public async Task The_list_of_the_EIP_is_read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(SharedFolder.Fixture("p2p/eip-1459.json")));
        Assert.True(NodeListUrl.TryParse(document.RootElement.GetProperty("url").GetString()!, out var written));
        Assert.Equal(document.RootElement.GetProperty("url").GetString(), written.ToString());
        // The key that the EIP names, which is not the one in its address, signed the root.
        Assert.True(NodeId.TryParse(document.RootElement.GetProperty("publicKey").GetString().AsSpan(4), out var owner));
        var url = written with { Key = owner };
        await using var server = new NameServer();
        foreach (var record in document.RootElement.GetProperty("records").EnumerateArray())
        {
            var (name, text) = (record.GetProperty("name").GetString()!, record.GetProperty("txt").GetString()!);
            server.Texts[name == "@" ? url.Domain : $"{name}.{url.Domain}"] = text;
            Assert.Equal(text, NodeTreeEntry.Parse(text)!.ToString());
            if (name != "@") Assert.Equal(name, NodeTreeEntry.NameOf(text));
        }

        var (reading, refusal) = await Reader(server).ReadAsync(url, default);

        Assert.Null(refusal);
        Assert.Empty(reading!.Faults);
        Assert.Equal((3, 1UL), (reading.Records.Count, reading.Sequence));
        Assert.Equal("morenodes.example.org", Assert.Single(reading.Links).Domain);
        Assert.Equal("the node list at nodes.example.org is not its owner's", (await Reader(server).ReadAsync(written, default)).Refusal!.What);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(400)]
    public async Task What_is_signed_is_read_whole(int count)
    {
        var records = Enumerable.Range(0, count).Select(i => Record(i)).ToList();
        var other = new NodeListUrl(NodeKey.Random().Id, "other.example.org");
        var tree = NodeTree.Make([.. records, .. records.Take(1)], [other], "nodes.example.org", 7, NodeKey.Random());
        await using var server = new NameServer(tree);

        var (reading, _) = await Reader(server).ReadAsync(tree.Url, default);

        Assert.Empty(reading!.Faults);
        Assert.Equal(records.Select(record => record.ToString()).Order(), reading.Records.Select(record => record.ToString()).Order());
        Assert.Equal([other], reading.Links);
        Assert.All(tree.Entries, entry => Assert.InRange(entry.Text.Length, 1, 420));
    }

    [Fact]
    public async Task A_changed_byte_of_any_entry_is_refused()
    {
        var tree = NodeTree.Make(Enumerable.Range(0, 20).Select(i => Record(i)), [], "nodes.example.org", 7, NodeKey.Random());
        foreach (var (name, text) in tree.Entries)
        {
            await using var server = new NameServer(tree);
            var at = Random.Shared.Next(text.Length);
            server.Texts[name.Length == 0 ? tree.Url.Domain : $"{name}.{tree.Url.Domain}"] = $"{text[..at]}{(text[at] == 'A' ? 'B' : 'A')}{text[(at + 1)..]}";

            var (reading, refusal) = await Reader(server).ReadAsync(tree.Url, default);

            Assert.True(refusal is not null || reading!.Faults.Count == 1, $"{name} at {at}");
        }
    }

    [Fact]
    public async Task A_list_of_another_owner_is_refused_by_name()
    {
        var tree = NodeTree.Make([Record(1)], [], "nodes.example.org", 7, NodeKey.Random());
        await using var server = new NameServer(tree);

        var (reading, refusal) = await Reader(server).ReadAsync(tree.Url with { Key = NodeKey.Random().Id }, default);

        Assert.Null(reading);
        Assert.Equal("the node list at nodes.example.org is not its owner's", refusal!.What);
        Assert.Equal("the node list at nowhere.example.org cannot be read", (await Reader(server).ReadAsync(tree.Url with { Domain = "nowhere.example.org" }, default)).Refusal!.What);
    }

    [Fact]
    public async Task A_node_follows_the_lists_and_what_they_link_to_and_sees_changes()
    {
        var (one, two) = (NodeKey.Random(), NodeKey.Random());
        var (first, second, third) = (Record(1), Record(2), Record(3));
        var linked = NodeTree.Make([second], [], "second.example.org", 1, two);
        var tree = NodeTree.Make([first, Record(9, new ForkId(9, 9))], [linked.Url], "nodes.example.org", 1, one);
        await using var server = new NameServer(tree);
        server.Publish(linked);
        var lists = new DnsNodeLists(new DnsNodeListOptions { Lists = [tree.Url], Server = server.EndPoint, QuestionPause = TimeSpan.Zero, RootPause = TimeSpan.FromMilliseconds(100) }, fork => fork == Ours, NullLogger.Instance);
        using var stop = new CancellationTokenSource();
        var running = lists.RunAsync(stop.Token);
        await UntilAsync(() => Known(lists).SetEquals([first.Id, second.Id]));

        server.Publish(NodeTree.Make([third], [], "second.example.org", 2, two));
        await UntilAsync(() => Known(lists).Contains(third.Id));

        // An older list, and one of somebody else, change nothing.
        server.Publish(NodeTree.Make([Record(4)], [], "second.example.org", 1, two));
        server.Publish(NodeTree.Make([Record(5)], [], "nodes.example.org", 9, NodeKey.Random()));
        await Task.Delay(400);
        Assert.Equal(3, Known(lists).Count);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void Any_text_is_an_entry_or_none()
    {
        var prefixes = new[] { "", "enr:", "enrtree-branch:", "enrtree://", "enrtree-root:v1 e=JWXYDBPXYWG6FX3GMDIBFA6CJ4 l=C7HRFPF3BLGF3YR4DY5KX3SMBE seq=1 sig=" };
        Gen.Select(Gen.Int[0, prefixes.Length - 1], Gen.String[Gen.Char['!', '~'], 0, 200]).Sample((prefix, text) => { NodeTreeEntry.Parse(prefixes[prefix] + text); }, iter: RlpxConnectionTests.FuzzCases(1000));
        Gen.Byte.Array[0, 80].Sample(bytes => Assert.Equal(bytes, Base32.TryDecode(Base32.Encode(bytes), out var read) ? read : null), iter: 200);
    }

    static DnsNodeLists Reader(NameServer server) => new(new DnsNodeListOptions { Server = server.EndPoint, QuestionPause = TimeSpan.Zero }, _ => true, NullLogger.Instance);

    static NodeRecord Record(int number, ForkId? fork = null) => NodeRecord.Make(NodeKey.Random(), 1, IPAddress.Parse($"203.0.{number >> 8}.{number & 255}"), 30303, 30303, fork ?? Ours);

    static HashSet<NodeId> Known(DnsNodeLists lists) => [.. Enumerable.Range(0, 10).Select(_ => lists.NextCandidate()?.Id).OfType<NodeId>()];

    static async Task UntilAsync(Func<bool> holds)
    {
        for (var patience = 0; patience < 200 && !holds(); patience++) await Task.Delay(50);
        Assert.True(holds());
    }

    /// <summary>Answers questions for TXT records over UDP, in strings of at most 255 bytes as DNS has them (RFC 1035); other names do not exist.</summary>
    sealed class NameServer : IAsyncDisposable
    {
        readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
        readonly CancellationTokenSource _stop = new();
        readonly Task _running;

        public NameServer(NodeTree? tree = null)
        {
            if (tree is not null) Publish(tree);
            _running = RunAsync();
        }

        public System.Collections.Concurrent.ConcurrentDictionary<string, string> Texts { get; } = new(StringComparer.OrdinalIgnoreCase);
        public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

        // Entries before the root, as whoever publishes must do it.
        public void Publish(NodeTree tree)
        {
            foreach (var (name, text) in tree.Entries.Reverse()) Texts[name.Length == 0 ? tree.Url.Domain : $"{name}.{tree.Url.Domain}"] = text;
        }

        async Task RunAsync()
        {
            try
            {
                while (true)
                {
                    var asked = await _socket.ReceiveAsync(_stop.Token);
                    await _socket.SendAsync(Answer(asked.Buffer), asked.RemoteEndPoint);
                }
            }
            catch (OperationCanceledException)
            {
                // The way to stop.
            }
        }

        byte[] Answer(byte[] question)
        {
            var (name, at) = (new StringBuilder(), 12);
            for (; question[at] != 0; at += question[at] + 1) name.Append(name.Length == 0 ? "" : ".").Append(Encoding.ASCII.GetString(question, at + 1, question[at]));
            at += 5;
            var answer = new List<byte>(question[..at]);
            var isKnown = Texts.TryGetValue(name.ToString(), out var text);
            (answer[2], answer[3]) = (0x81, (byte)(isKnown ? 0x80 : 0x83));
            for (var i = 6; i < 12; i++) answer[i] = 0;
            if (!isKnown) return [.. answer];
            answer[7] = 1;
            var strings = Encoding.ASCII.GetBytes(text!).Chunk(255).SelectMany(part => new[] { (byte)part.Length }.Concat(part)).ToArray();
            Span<byte> head = stackalloc byte[12] { 0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, 0 };
            BinaryPrimitives.WriteUInt16BigEndian(head[10..], (ushort)strings.Length);
            return [.. answer, .. head, .. strings];
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            _socket.Dispose();
            _stop.Dispose();
        }
    }
}
