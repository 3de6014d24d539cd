using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.State;

namespace Hufu.Cli;

/// <summary>Runs one blockchain test: begins a chain at the test's genesis, imports its blocks, and compares head and state.</summary>
static class BlockTest
{
    public static FixtureVerdict Run(string name, JsonElement test)
    {
        var network = test.OptionalText("network") ?? "";
        if (FixtureForks.Schedule(network, test) is not { } forks) return new FixtureVerdict(name, network, null, $"network '{network}' is not known");
        try
        {
            return Run(name, network, test, forks);
        }
        catch (Exception error) when (error is FormatException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            return new FixtureVerdict(name, network, $"the test cannot be run: {error.Message}");
        }
    }

    static FixtureVerdict Run(string name, string network, JsonElement test, ForkSchedule forks)
    {
        var genesis = new GenesisBlock(GenesisOf(test), FixtureJson.Accounts(test.GetProperty("pre")));
        var sealEngine = test.OptionalText("sealEngine") ?? "Ethash";
        IConsensusRules consensus = forks.TerminalTotalDifficulty is { IsZero: true } ? new ProofOfStake()
            : new ProofOfWork(sealEngine == "Ethash" ? Ethash.Shared : null);
        using var store = new MemoryStore();
        using var chain = Blockchain.Open(store, genesis, forks, consensus, followsImports: true);

        var index = 0;
        foreach (var block in test.GetProperty("blocks").EnumerateArray())
        {
            var expected = Expected(block, network);
            if (ImportFault(chain, block, expected, isOldForm: !test.TryGetProperty("config", out _)) is { } fault)
                return new FixtureVerdict(name, network, $"block {index}: {fault}", LastBlockHash: chain.Head.Hash);
            index++;
        }

        var head = chain.Head.Head;
        var verdict = new FixtureVerdict(name, network, null, StateRoot: head.StateRoot, LastBlockHash: head.Hash);
        var lastHash = test.Hash("lastblockhash");
        if (head.Hash != lastHash) return verdict with { Fault = $"the head is {head.Hash} (number {head.Number}), expected {lastHash}" };
        return PostStateFault(chain, test, head) is { } wrong ? verdict with { Fault = wrong } : verdict;
    }

    static string? ImportFault(Blockchain chain, JsonElement block, string? expected, bool isOldForm)
    {
        byte[] rlp;
        try
        {
            rlp = block.Bytes("rlp");
        }
        catch (FormatException) when (expected is not null)
        {
            return null; // not even hexadecimal: no block to import
        }
        var result = DecodedBlock.TryDecode(rlp, out var decoded, out var undecodable)
            ? chain.Import(decoded with { AccessList = FixtureAccessList.Beside(decoded.Block.Header, block) })
            : new ImportResult(ImportOutcome.Refused, default, undecodable);
        if (expected is null && !result.IsAccepted) return $"refused, though valid: {result.Refusal?.ToString() ?? result.Outcome.ToString()}";
        if (expected is null) return null;
        if (!result.IsRefused(out var refusal)) return $"{(result.IsAccepted ? "accepted" : "not imported")}, though it must be refused with {expected}";
        return FixtureExceptions.Allows(expected, refusal, isOldForm) ? null : $"refused for another reason than {expected}: {refusal}";
    }

    /// <summary>The exception a block must meet; null where it must be accepted.</summary>
    public static string? Expected(JsonElement block, string network) =>
        block.OptionalText("expectException") ?? block.OptionalText("expectExceptionALL") ?? block.OptionalText("expectException" + network)
        ?? (block.TryGetProperty("blockHeader", out _) ? null : "an exception that the test does not name");

    public static Block GenesisOf(JsonElement test)
    {
        if (test.OptionalText("genesisRLP") is { } rlp)
        {
            return Block.TryDecode(Convert.FromHexString(rlp.AsSpan(2)), out var block, out var refusal) ? block : throw new FormatException(refusal.ToString());
        }
        return new Block(FixtureHeader.Read(test.GetProperty("genesisBlockHeader")), [], [], null);
    }

    public static string? PostStateFault(Blockchain chain, JsonElement test, Header head)
    {
        if (test.TryGetProperty("postStateHash", out var root))
            return Hash256.Parse(FixtureJson.Text(root)) == head.StateRoot ? null : $"the state root is {head.StateRoot}, expected {FixtureJson.Text(root)}";
        if (!test.TryGetProperty("postState", out var accounts) || accounts.ValueKind != JsonValueKind.Object) return null;
        var state = chain.StateAt(head.Hash) ?? throw new InvalidOperationException("the state of the head cannot be read");
        foreach (var (address, account) in FixtureJson.Accounts(accounts).Accounts)
        {
            if (!state.TryGetAccount(address, out var found)) return $"{address} is missing";
            if (found.Nonce != account.Nonce) return $"{address} has nonce {found.Nonce}, expected {account.Nonce}";
            if (found.Balance != account.Balance) return $"{address} has balance {found.Balance}, expected {account.Balance}";
            if (found.CodeHash != account.CodeHash) return $"{address} has another code";
            foreach (var (slot, value) in account.Storage ?? [])
                if (state.GetStorage(address, slot) != value) return $"{address} holds {state.GetStorage(address, slot)} in slot {slot}, expected {value}";
        }
        return null;
    }
}
