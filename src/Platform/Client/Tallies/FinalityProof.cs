using System.Diagnostics.CodeAnalysis;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Checks the evidence that a block stays, and says what is left to trust.</summary>
static class FinalityProof
{
    public static bool TryCheck(Tally tally, out IReadOnlyList<string> trusts, [NotNullWhen(false)] out Refusal? refusal)
    {
        trusts = [];
        refusal = null;
        if (tally.Finality is QbftFinality qbft)
        {
            if (qbft.Genesis.Number != 0 || qbft.Genesis.Hash != tally.Genesis) refusal = new Refusal("the evidence begins with another block", $"its first header hashes to {qbft.Genesis.Hash}, the tally says {tally.Genesis}");
            else if (QbftSeals.TryCheck(qbft, tally.Header, out refusal)) trusts = [$"the genesis block {tally.Genesis}: it names the first validators", "that of each set of validators, fewer than a third were dishonest"];
            return refusal is null;
        }
        var header = tally.Header;
        trusts =
        [
            $"none: trust the RPC endpoint's header {header.Hash} (block {header.Number}, which the endpoint called {((UnprovenFinality)tally.Finality).Said})",
            $"that it is of the chain with id {tally.ChainId} and the genesis block {tally.Genesis}",
        ];
        return true;
    }
}
