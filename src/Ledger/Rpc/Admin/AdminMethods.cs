using System.Text.Json;
using Hufu.Network;

namespace Hufu.Rpc;

/// <summary>admin_: who this node is, whom it is connected with, and with whom it shall be (in the form of geth).</summary>
public sealed class AdminMethods(Ledger ledger, PeerSet peers, EthProtocol eth)
{
    public static void AddAll(MethodTable methods, Ledger ledger, PeerSet peers, EthProtocol eth)
    {
        var admin = new AdminMethods(ledger, peers, eth);
        methods.Add("admin_nodeInfo", admin.NodeInfo)
            .Add("admin_peers", admin.Peers)
            .Add("admin_addPeer", admin.AddPeer)
            .Add("admin_removePeer", admin.RemovePeer)
            .Add("admin_addTrustedPeer", admin.AddTrustedPeer)
            .Add("admin_removeTrustedPeer", admin.RemoveTrustedPeer);
    }

    RpcError? NodeInfo(ref Parameters parameters, Answer answer)
    {
        var head = ledger.Chain.Head;
        var writer = answer.Result;
        writer.WriteStartObject();
        writer.WriteString("id"u8, peers.Id.Hash.ToString()[2..]);
        writer.WriteString("name"u8, peers.Options.ClientId);
        writer.WriteString("enode"u8, peers.Enode.ToString());
        if (peers.Record is { } record) writer.WriteString("enr"u8, record.ToString());
        writer.WriteString("ip"u8, peers.Enode.Host);
        writer.WriteString("listenAddr"u8, $"{peers.Options.Host}:{peers.Port}");
        writer.WriteStartObject("ports"u8);
        writer.WriteNumber("discovery"u8, peers.Enode.UdpPort);
        writer.WriteNumber("listener"u8, peers.Port);
        writer.WriteEndObject();
        writer.WriteStartObject("protocols"u8);
        writer.WriteStartObject("eth"u8);
        writer.WriteNumber("network"u8, eth.Options.NetworkId);
        writer.WriteQuantity("difficulty"u8, head.TotalDifficulty);
        writer.WriteHash("genesis"u8, ledger.Chain.Genesis.Hash);
        writer.WriteHash("head"u8, head.Hash);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndObject();
        return null;
    }

    RpcError? Peers(ref Parameters parameters, Answer answer)
    {
        var writer = answer.Result;
        writer.WriteStartArray();
        foreach (var peer in peers.Peers) Write(writer, peer);
        writer.WriteEndArray();
        return null;
    }

    RpcError? AddPeer(ref Parameters parameters, Answer answer)
    {
        if (ReadNode(ref parameters, out var node) is { } error) return error;
        peers.AddStatic(node!);
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    RpcError? RemovePeer(ref Parameters parameters, Answer answer)
    {
        if (ReadNode(ref parameters, out var node) is { } error) return error;
        answer.Result.WriteBooleanValue(peers.Remove(node!.Id));
        return null;
    }

    RpcError? AddTrustedPeer(ref Parameters parameters, Answer answer)
    {
        if (ReadNode(ref parameters, out var node) is { } error) return error;
        peers.AddTrusted(node!.Id);
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    RpcError? RemoveTrustedPeer(ref Parameters parameters, Answer answer)
    {
        if (ReadNode(ref parameters, out var node) is { } error) return error;
        peers.RemoveTrusted(node!.Id);
        answer.Result.WriteBooleanValue(true);
        return null;
    }

    static RpcError? ReadNode(ref Parameters parameters, out Enode? node)
    {
        node = null;
        var text = parameters.String();
        if (parameters.Failed) return parameters.Error;
        return Enode.TryParse(text, out node, out var refusal) ? null : RpcError.InvalidParams(refusal.ToString());
    }

    static void Write(Utf8JsonWriter writer, Peer peer)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, peer.Id.Hash.ToString()[2..]);
        writer.WriteString("name"u8, peer.Hello.ClientId);
        // A peer that dialled us comes from a port of the moment; the one it listens on is what it said.
        var port = peer.IsInbound ? (int)Math.Min(peer.Hello.ListenPort, 65535) : peer.Address.Port;
        writer.WriteString("enode"u8, new Enode(peer.Id, peer.Address.Address.ToString(), port, port).ToString());
        writer.WriteStartArray("caps"u8);
        foreach (var (name, version) in peer.Hello.Capabilities) writer.WriteStringValue($"{name}/{version}");
        writer.WriteEndArray();
        writer.WriteStartObject("network"u8);
        writer.WriteString("remoteAddress"u8, peer.Address.ToString());
        writer.WriteBoolean("inbound"u8, peer.IsInbound);
        writer.WriteBoolean("trusted"u8, peer.IsTrusted);
        writer.WriteBoolean("static"u8, peer.IsStatic);
        writer.WriteEndObject();
        writer.WriteStartObject("protocols"u8);
        foreach (var session in peer.Sessions)
        {
            if (session is not EthSession eth) continue;
            writer.WriteStartObject("eth"u8);
            writer.WriteNumber("version"u8, eth.Version);
            if (eth.Head.Number is { } number) writer.WriteQuantity("latestBlock"u8, number);
            writer.WriteHash("head"u8, eth.Head.Hash);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
