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
    ulong _tooMuch, _proven;
    (ulong Height, uint Round)? _lost;

    /// <summary>Null: as much as there is room for.</summary>
    public ulong? Gas => _gas;

    /// <summary>A round has ended without a block, though a valid one was proposed, maybe too late, which used so much.</summary>
    /// <param name="isOwn">Whether it was proposed here. Others may waste their turns on purpose: that makes no block smaller than what was decided in its time lately.</param>
    public void RoundLost(ulong height, uint round, ulong gas, ulong gasLimit, bool isOwn)
    {
        if (_lost == (height, round)) return;
        _lost = (height, round);
        // What is nearly empty was not lost for its size.
        var least = Math.Max(Least, gasLimit / LeastShare);
        if (gas < least) return;
        var tooMuch = Math.Min(gas, _gas ?? gas);
        var less = Math.Max(least, tooMuch / 2);
        if (isOwn) _proven = Math.Min(_proven, less);
        else if (less < _proven) return;
        (_tooMuch, _gas) = (tooMuch, less);
    }

    /// <summary>A block was decided in the first round.</summary>
    public void Decided(ulong gas, ulong gasLimit)
    {
        _proven = Math.Max(gas, _proven / 32 * 31);
        // Only a full one shows that more may be borne: quickly at first, slowly near to what was too much.
        if (_gas is not { } allowed || gas < allowed / 10 * 8) return;
        var more = allowed + (allowed < _tooMuch / 10 * 8 ? allowed / 4 : allowed / 32);
        _gas = more >= gasLimit ? null : more;
    }
}
