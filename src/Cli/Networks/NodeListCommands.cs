using System.CommandLine;
using System.Globalization;
using System.Text;
using Hufu.Network;
using Hufu.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hufu.Cli;

/// <summary>`hufu network dns`: a list of the network's nodes for DNS, made and signed by whoever keeps the domain (EIP-1459).</summary>
static class NodeListCommands
{
    // What never changes may be kept for a day, what says which is newest for a minute.
    const int RootSeconds = 60, EntrySeconds = 86_400, MostOfString = 255;

    static readonly Argument<string> Nodes = new("nodes") { Description = "A file with a node record (enr:…) on each line: admin_nodeInfo of a node shows its own.", HelpName = "NODES" };
    static readonly Argument<string> Address = new("list") { Description = "The list's address: enrtree://KEY@DOMAIN.", HelpName = "LIST" };
    static readonly Option<string> Domain = new("--domain") { Description = "The domain under which the list will be published.", HelpName = "NAME", Required = true };
    static readonly Option<string> Key = new("--key") { Description = "The file of the secret that signs the list; made where it is absent. Keep it: whoever has it decides whom the nodes meet.", HelpName = "FILE", Required = true };
    static readonly Option<string[]> Links = new("--link") { Description = "Other lists that belong to this one, as enrtree://KEY@DOMAIN.", HelpName = "LISTS", DefaultValueFactory = _ => [], AllowMultipleArgumentsPerToken = true };
    static readonly Option<ulong?> Sequence = new("--sequence") { Description = "The list's number, which must rise with every change; the time in seconds unless given.", HelpName = "N" };
    static readonly Option<string?> Out = new("--out") { Description = "Write the records into this file, as a zone file has them.", HelpName = "FILE" };

    public static Command Create()
    {
        var sign = new Command("sign", """
            Make and sign a list of nodes, and print the TXT records to publish and the address by which nodes find it.

            Example:
              hufu network dns sign nodes.txt --domain nodes.example.org --key list.key --out nodes.zone
            """)
        { Nodes, Domain, Key, Links, Sequence, Out, LedgerOptions.Json };
        sign.SetAction(parsed => Sign(Settings.Of(parsed)));
        var check = new Command("check", """
            Read a list of nodes out of DNS as a node does: the signature of its root, and each of its entries.

            Example:
              hufu network dns check enrtree://KEY@nodes.example.org
            """)
        { Address, NetworkSettings.DnsServer, LedgerOptions.Json };
        check.SetAction((parsed, stop) => CheckAsync(Settings.Of(parsed), stop));
        return new Command("dns", """
            A list of the network's nodes in DNS (EIP-1459), which a newcomer needs no address but one for.

            Example:
              hufu network dns sign nodes.txt --domain nodes.example.org --key list.key --out nodes.zone
              hufu network dns check enrtree://KEY@nodes.example.org
              hufu node --consensus follow --genesis genesis.json --data ./copy --dns-list enrtree://KEY@nodes.example.org
            """)
        { sign, check };
    }

    static int Sign(Settings settings)
    {
        var (json, domain) = (settings.Get(LedgerOptions.Json), settings.Parsed.GetValue(Domain)!);
        if (!NodeListUrl.IsDomain(domain)) return Outcome.Refuse(new Refusal($"--domain {domain} is no domain name", Mend: "write it as nodes.example.org"), json);
        var links = new List<NodeListUrl>();
        foreach (var text in settings.Get(Links))
        {
            if (!NodeListUrl.TryParse(text, out var link)) return Outcome.Refuse(new Refusal($"--link {text} is no list of nodes", Mend: "write enrtree://KEY@DOMAIN"), json);
            links.Add(link);
        }
        var records = new List<NodeRecord>();
        if (ReadNodes(Path.GetFullPath(settings.Parsed.GetValue(Nodes)!), records) is { } wrong) return Outcome.Refuse(wrong, json);
        if (!NodeKey.TryReadOrMake(Path.GetFullPath(settings.Parsed.GetValue(Key)!), out var key, out var refusal)) return Outcome.Refuse(refusal, json);

        var tree = NodeTree.Make(records, links, domain, settings.Get(Sequence) ?? (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), key);
        if (settings.Get(Out) is { } file) File.WriteAllText(Path.GetFullPath(file), Zone(tree));
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteString("url"u8, tree.Url.ToString());
            writer.WriteNumber("sequence"u8, tree.Sequence);
            writer.WriteNumber("nodes"u8, records.Count);
            writer.WriteStartObject("records"u8);
            foreach (var (name, text) in tree.Entries) writer.WriteString(FullName(tree, name), text);
            writer.WriteEndObject();
        });
        else
        {
            if (settings.Get(Out) is null) Console.Write(Zone(tree));
            else Console.WriteLine($"records   {tree.Entries.Count} in {Path.GetFullPath(settings.Get(Out)!)}");
            Console.WriteLine($"nodes     {records.Count}, sequence {tree.Sequence}");
            Console.WriteLine($"list      {tree.Url}");
        }
        return Outcome.Success;
    }

    static async Task<int> CheckAsync(Settings settings, CancellationToken stop)
    {
        var (json, text) = (settings.Get(LedgerOptions.Json), settings.Parsed.GetValue(Address)!);
        if (!NodeListUrl.TryParse(text, out var url)) return Outcome.Refuse(new Refusal($"{text} is no list of nodes", Mend: "write enrtree://, the key of its owner, @ and the domain"), json);
        if (NetworkSettings.ReadServer(settings.Get(NetworkSettings.DnsServer), out var server) is { } wrong) return Outcome.Refuse(wrong, json);
        var lists = new DnsNodeLists(new DnsNodeListOptions { Server = server, QuestionPause = TimeSpan.FromMilliseconds(20) }, _ => true, NullLogger.Instance);
        var (reading, refusal) = await lists.ReadAsync(url, stop).ConfigureAwait(false);
        if (reading is null) return Outcome.Refuse(refusal!, json);
        if (reading.Faults.Count > 0) return Outcome.Refuse(reading.Faults[0], json);
        if (json) Outcome.WriteJson(writer =>
        {
            writer.WriteNumber("sequence"u8, reading.Sequence);
            writer.WriteStartArray("nodes"u8);
            foreach (var record in reading.Records) writer.WriteStringValue(record.ToString());
            writer.WriteEndArray();
            writer.WriteStartArray("links"u8);
            foreach (var link in reading.Links) writer.WriteStringValue(link.ToString());
            writer.WriteEndArray();
        });
        else
        {
            foreach (var record in reading.Records) Console.WriteLine($"{record.ToEnode()?.ToString() ?? record.Id.ToString()}{(record.Eth is { } eth ? string.Create(CultureInfo.InvariantCulture, $"  fork {eth.Hash:x8}/{eth.Next}") : "")}");
            foreach (var link in reading.Links) Console.WriteLine(link);
            Console.WriteLine($"{reading.Records.Count} nodes, {reading.Links.Count} links, sequence {reading.Sequence}: signed by the list's key");
        }
        return Outcome.Success;
    }

    static Refusal? ReadNodes(string file, List<NodeRecord> records)
    {
        try
        {
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                var text = line.Trim();
                if (text.Length == 0 || text.StartsWith('#')) continue;
                if (!NodeRecord.TryParse(text, out var record)) return new Refusal($"{file}, line {number} is no node record", "it does not begin with enr:, or its signature does not hold", "copy it whole from admin_nodeInfo of that node");
                if (record.ToEnode() is null) return new Refusal($"{file}, line {number} does not say where the node is", "its record has no address or no TCP port", "start that node with --nat extip:ADDRESS, and copy its record again");
                records.Add(record);
            }
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Refusal($"cannot read {file}", error.Message, "give a file with a node record on each line");
        }
    }

    static string FullName(NodeTree tree, string name) => name.Length == 0 ? tree.Url.Domain : $"{name}.{tree.Url.Domain}";

    // A string of a TXT record has at most 255 bytes; readers join them.
    static string Zone(NodeTree tree)
    {
        var zone = new StringBuilder();
        foreach (var (name, text) in tree.Entries)
            zone.Append(CultureInfo.InvariantCulture, $"{FullName(tree, name)}. {(name.Length == 0 ? RootSeconds : EntrySeconds)} IN TXT {string.Join(' ', text.Chunk(MostOfString).Select(part => $"\"{new string(part)}\""))}\n");
        return zone.ToString();
    }
}
