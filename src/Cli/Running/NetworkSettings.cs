using System.CommandLine;
using System.Net;
using Hufu.Network;
using Hufu.Node;
using Hufu.Primitives;

namespace Hufu.Cli;

/// <summary>The options of every command that speaks with other nodes.</summary>
static class NetworkSettings
{
    public static readonly Option<int?> Port = new("--p2p-port") { Description = "The port for other nodes; 0 takes a free one.", HelpName = "PORT" };
    public static readonly Option<string> Host = new("--p2p-host") { Description = "The address on which other nodes are listened for; 0.0.0.0 for all.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
    public static readonly Option<string?> Nat = new("--nat") { Description = "How others reach this node where a router stands between: extip:ADDRESS, that address; any, what most of the nodes found say (unless given); none, the address listened on.", HelpName = "HINT" };
    public static readonly Option<string[]> DnsLists = new("--dns-list") { Description = "Lists of nodes in DNS to find others by (EIP-1459): enrtree://KEY@DOMAIN.", HelpName = "LISTS", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string?> DnsServer = new("--dns-server") { Description = "The name server that is asked for such lists (ADDRESS or ADDRESS:PORT); those of this machine unless given.", HelpName = "ADDRESS" };
    public static readonly Option<string[]> Bootnodes = new("--bootnodes") { Description = "Nodes to begin the search for others with, as enode URLs or node records.", HelpName = "NODES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string[]> StaticPeers = new("--static-peers", "--peers") { Description = "Nodes to be connected with at all times, as enode URLs.", HelpName = "NODES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<string[]> TrustedPeers = new("--trusted-peers") { Description = "Nodes to let in even where all places are taken, as enode URLs.", HelpName = "NODES", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    public static readonly Option<int> MaxPeers = new("--max-peers") { Description = "How many nodes to be connected with at most.", HelpName = "N", DefaultValueFactory = _ => new PeerSetOptions().MaxPeers };
    public static readonly Option<bool> NoDiscovery = new("--no-discovery") { Description = "Neither search for nodes nor be found: only the nodes named, and those that come of themselves." };
    public static readonly Option<ulong?> NetworkId = new("--network-id") { Description = "The number that nodes of one network share; the chain id unless given.", HelpName = "ID" };

    public static readonly Option<string> Sync = new("--sync-mode", "--syncmode") { Description = "How a new node comes to the state of its peers: full executes every block since genesis and takes nothing on trust; snap fetches the state of a late block, proven against its header, and executes from there on.", HelpName = "MODE", DefaultValueFactory = _ => "full" };

    public static IEnumerable<Option> All => [Port, Host, Nat, DnsLists, DnsServer, Bootnodes, StaticPeers, TrustedPeers, MaxPeers, NoDiscovery, NetworkId, Sync];

    /// <summary>What the user asked for. Without a port, and without a node to connect with, the node stands alone.</summary>
    /// <param name="usualPort">Null: unless asked for, there is no network.</param>
    public static bool TryRead(Settings settings, int? usualPort, out NetworkOptions? network, out Refusal? refusal)
    {
        network = null;
        List<Enode> peers = [], boot = [], trusted = [];
        refusal = ReadNodes(settings.Get(StaticPeers), "--static-peers", peers) ?? ReadNodes(settings.Get(Bootnodes), "--bootnodes", boot) ?? ReadNodes(settings.Get(TrustedPeers), "--trusted-peers", trusted);
        var port = settings.Get(Port) ?? usualPort ?? (peers.Count + boot.Count + (settings.Get(DnsLists)?.Length ?? 0) > 0 ? 0 : null as int?);
        if (refusal is not null) return false;
        if (port is not { } listening) return true;
        if (listening is < 0 or > 65535) refusal = new Refusal($"--p2p-port {listening} is not a port", "ports go from 0 to 65535", "use 30303, or 0 for any free port");
        if (!IPAddress.TryParse(settings.Get(Host), out var host)) refusal = new Refusal($"--p2p-host {settings.Get(Host)} is not an address", Mend: "give 127.0.0.1 for this machine alone, 0.0.0.0 for all who reach it");
        if (settings.Get(MaxPeers) is < 1 or > 1000) refusal = new Refusal($"--max-peers {settings.Get(MaxPeers)} is out of range", "from 1 to 1000 nodes can be connected", "leave it out");
        if (settings.Get(Sync) is not ("full" or "snap")) refusal ??= new Refusal($"--sync-mode {settings.Get(Sync)} is not known", "a new node executes the past of its chain, or fetches the state of its peers", "give full or snap");
        var (unusableNat, unusableList) = (ReadNat(settings.Get(Nat), out var external), ReadLists(settings, out var lists));
        refusal ??= unusableNat ?? unusableList;
        if (refusal is not null) return false;
        network = new NetworkOptions
        {
            NetworkId = settings.Get(NetworkId),
            Bootnodes = boot,
            HasDiscovery = !settings.Get(NoDiscovery),
            LearnsEndpoint = settings.Get(Nat) is null or "any",
            DnsLists = lists,
            Sync = settings.Get(Sync) == "snap" ? SyncMode.Snap : SyncMode.Full,
            Peers = new PeerSetOptions
            {
                Host = host!,
                Port = listening,
                ExternalAddress = external,
                MaxPeers = settings.Get(MaxPeers),
                StaticPeers = peers,
                TrustedPeers = [.. trusted.Select(node => node.Id)],
            },
        };
        return true;
    }

    static Refusal? ReadNat(string? hint, out IPAddress? external)
    {
        external = null;
        if (hint is null or "none" or "any") return null;
        // Whoever asks a router for an open port opens it to everybody: an operator does that himself, where he wants it.
        if (hint.StartsWith("upnp", StringComparison.Ordinal) || hint.StartsWith("pmp", StringComparison.Ordinal) || hint.StartsWith("stun", StringComparison.Ordinal))
            return new Refusal($"--nat {hint} is not offered", "this program asks no router to open a port", "open the port in the router, and give extip: and its address, or leave --nat out: the address is then learnt from other nodes");
        return IPAddress.TryParse(hint.StartsWith("extip:", StringComparison.Ordinal) ? hint["extip:".Length..] : hint, out external) ? null
            : new Refusal($"--nat {hint} is not understood", Mend: "write extip: and the address by which others reach this node, or any, or none");
    }

    static Refusal? ReadLists(Settings settings, out DnsNodeListOptions? lists)
    {
        lists = null;
        var urls = new List<NodeListUrl>();
        foreach (var text in settings.Get(DnsLists) ?? [])
        {
            if (!NodeListUrl.TryParse(text, out var url)) return new Refusal($"--dns-list {text} is no list of nodes", Mend: "write enrtree://, the key of the list's owner, @ and the domain, as hufu network dns sign prints it");
            urls.Add(url);
        }
        if (ReadServer(settings.Get(DnsServer), out var server) is { } refusal) return refusal;
        if (urls.Count > 0) lists = new DnsNodeListOptions { Lists = urls, Server = server };
        return null;
    }

    /// <summary>A name server by its address; the usual port unless one is given.</summary>
    public static Refusal? ReadServer(string? text, out IPEndPoint? server)
    {
        server = null;
        if (text is null || IPEndPoint.TryParse(text, out server))
        {
            if (server is { Port: 0 }) server.Port = 53;
            return null;
        }
        return new Refusal($"--dns-server {text} is no address", Mend: "write it as 10.0.0.53 or 127.0.0.1:5353");
    }

    static Refusal? ReadNodes(string[]? texts, string option, List<Enode> nodes)
    {
        foreach (var text in texts ?? [])
        {
            if (NodeRecord.TryParse(text, out var record) && (option == "--bootnodes" ? record.ToBootnode() : record.ToEnode()) is { } stated) nodes.Add(stated);
            else if (Enode.TryParse(text, out var node, out var refusal)) nodes.Add(node);
            else return refusal with { What = $"{option}: {refusal.What}" };
        }
        return null;
    }
}
