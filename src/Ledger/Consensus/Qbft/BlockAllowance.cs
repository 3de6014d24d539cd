namespace Hufu.Consensus;

/// <summary>
/// How much gas this validator puts into its blocks: no more than the network lately decided in time. A block that takes the others longer than a round is proposed for nothing, and
/// under load the next one would be as large again, so that rounds are lost one after the other and nothing is decided at all.
/// </summary>
sealed class BlockAllowance
{
    // A share of the gas limit that every machine bears.
    const ulong LeastShare = 64;
    const ulong Least = 1_000_000;

    ulong? _gas;
    ulong _tooMuch;
    (ulong Height, uint Round)? _lost;

    /// <summary>Null: as much as there is room for.</summary>
    public ulong? Gas => _gas;

    /// <summary>A round has ended without a block: the one that was proposed, or that came too late, used so much.</summary>
    public void RoundLost(ulong height, uint round, ulong gas, ulong gasLimit)
    {
        if (_lost == (height, round)) return;
        _lost = (height, round);
        // What is nearly empty was not lost for its size.
        var least = Math.Max(Least, gasLimit / LeastShare);
        if (gas < least) return;
        _tooMuch = Math.Min(gas, _gas ?? gas);
        _gas = Math.Max(least, _tooMuch / 2);
    }

    /// <summary>A block was decided in the first round.</summary>
    public void Decided(ulong gas, ulong gasLimit)
    {
        // Only a full one shows that more may be borne: quickly at first, slowly near to what was too much.
        if (_gas is not { } allowed || gas < allowed / 10 * 8) return;
        var more = allowed + (allowed < _tooMuch / 10 * 8 ? allowed / 4 : allowed / 32);
        _gas = more >= gasLimit ? null : more;
    }
}
