using Hufu.Crypto;

namespace Hufu.Evm;

/// <summary>A sum of scalars times points of BLS12-381's G2 (address 0x0e; EIP-2537). The more points at once, the cheaper each.</summary>
sealed class BlsG2MultiExponentiation : Precompile
{
    const int PairSize = 288;
    const long OneMultiplication = 22_500;

    // In thousandths, for 1 to 128 pairs; more pairs cost as 128 do.
    static ReadOnlySpan<short> Discounts =>
    [
        1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717,
        711, 704, 699, 693, 688, 683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646,
        643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607,
        606, 604, 602, 600, 598, 597, 595, 593, 592, 590, 589, 587, 586, 584, 583, 582,
        580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565, 563, 562,
        561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547,
        546, 545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535,
        534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524,
    ];

    public override long GasFor(ReadOnlySpan<byte> input)
    {
        var pairs = input.Length / PairSize;
        return pairs == 0 ? 0 : pairs * OneMultiplication * Discounts[Math.Min(pairs, Discounts.Length) - 1] / 1000;
    }

    public override bool TryRun(ReadOnlySpan<byte> input, ReturnData output) => Bls12381.TryG2MultiExponentiation(input, output.Resize(256));
}
