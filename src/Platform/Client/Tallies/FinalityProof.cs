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
        var header = tally.Header;
        trusts =
        [
            $"none: trust the RPC endpoint's header {header.Hash} (block {header.Number}, which the endpoint called {((UnprovenFinality)tally.Finality).Said})",
            $"that it is of the chain with id {tally.ChainId} and the genesis block {tally.Genesis}",
        ];
        return true;
    }
}
