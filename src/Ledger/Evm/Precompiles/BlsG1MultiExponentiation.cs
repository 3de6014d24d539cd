using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>A sum of scalars times points of BLS12-381's G1 (address 0x0c; EIP-2537). The more points at once, the cheaper each.</summary>
sealed class BlsG1MultiExponentiation : Precompile
{
    const int PairSize = 160;
    const long OneMultiplication = 12_000;

    // In thousandths, for 1 to 128 pairs; more pairs cost as 128 do.
    static ReadOnlySpan<short> Discounts =>
    [
        1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677,
        673, 669, 665, 661, 658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627,
        625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598,
        596, 595, 593, 592, 591, 589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576,
        575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561, 560, 559,
        558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544,
        543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531,
        530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519,
    ];

    public override long GasFor(ReadOnlySpan<byte> input)
    {
        var pairs = input.Length / PairSize;
        return pairs == 0 ? 0 : pairs * OneMultiplication * Discounts[Math.Min(pairs, Discounts.Length) - 1] / 1000;
    }

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryG1MultiExponentiation(input, output.Resize(128));
}
