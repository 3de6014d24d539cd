using Hufu.Crypto;
using Hufu.Primitives;
using Spectre.Console;

namespace Hufu.Cli;

/// <summary>What `hufu up` says when it is ready.</summary>
static class UpReport
{
    const int AccountsShown = 10;

    public static void Write(Node.Node node, UpPlan plan, Uri? platform)
    {
        var console = AnsiConsole.Console;
        console.MarkupLine("[bold]Hufu[/] 虎符");
        console.WriteLine();
        if (plan.Secrets.Count > 0) WriteAccounts(console, node, plan);

        // Plain lines, so that no terminal width breaks an address or a URL.
        if (platform is not null) Line("console", platform.ToString().TrimEnd('/'));
        Line("JSON-RPC", node.Url.ToString().TrimEnd('/'));
        if (node.Enode is { } enode) Line("enode", enode);
        Line("chain id", $"{node.Chain.Forks.ChainId}");
        Line("data", plan.DataFolder ?? "in memory only");
        if (plan.Fork is { } fork) Line("forks", $"chain {fork.ChainId} at block {fork.Block.Number} ({fork.Block.Hash})");
        Line("head", $"block {node.Chain.Head.Number}{(node.Chain.Head.Number == 0 ? " (a new chain)" : "")}");
        Line("blocks", plan switch
        {
            { IsMining: false } => "only when told to (evm_mine)",
            { BlockTimeSeconds: > 0 } => $"every {plan.BlockTimeSeconds} s",
            _ => "as soon as there is a transaction",
        });
        Console.WriteLine();
        Console.WriteLine("Ctrl-C stops; the chain is there again at the next start.");
    }

    static void WriteAccounts(IAnsiConsole console, Node.Node node, UpPlan plan)
    {
        console.Markup("[bold red]UNSAFE development accounts[/]");
        Console.WriteLine(": everybody knows these secrets. Never send them anything of value.");
        console.WriteLine();
        var state = node.Chain.StateAt(node.Chain.Head.Hash)!;
        for (var i = 0; i < Math.Min(AccountsShown, plan.Secrets.Count); i++)
        {
            var address = TransactionSigning.AddressOf(plan.Secrets[i]);
            var balance = state.TryGetAccount(address, out var account) ? account.Balance : UInt256.Zero;
            Console.WriteLine($"({i}) {address.ToChecksumString()}  {Hex.Encode(plan.Secrets[i])}  {balance / UInt256.Parse("1000000000000000000")} ether");
        }
        if (plan.Secrets.Count > AccountsShown) Console.WriteLine($"    and {plan.Secrets.Count - AccountsShown} more of the same mnemonic");
        Console.WriteLine();
        Line("mnemonic", Node.DevAccounts.Phrase);
        Line("path", "m/44'/60'/0'/0/(index)");
    }

    static void Line(string name, string value) => Console.WriteLine($"{name,-9} {value}");

    public static void WriteJson(Node.Node node, UpPlan plan, Uri? platform) => Outcome.WriteJson(writer =>
    {
        writer.WriteString("rpc"u8, node.Url.ToString().TrimEnd('/'));
        if (platform is not null) writer.WriteString("console"u8, platform.ToString().TrimEnd('/'));
        writer.WriteNumber("chainId"u8, node.Chain.Forks.ChainId);
        if (node.Enode is { } enode) writer.WriteString("enode"u8, enode);
        writer.WriteString("data"u8, plan.DataFolder);
        writer.WriteNumber("head"u8, node.Chain.Head.Number);
        writer.WriteStartArray("accounts"u8);
        foreach (var secret in plan.Secrets) writer.WriteStringValue(TransactionSigning.AddressOf(secret).ToChecksumString());
        writer.WriteEndArray();
    });
}
