namespace Hufu.Crypto;

/// <summary>What a power is made of.</summary>
interface IPowers<TNumber>
{
    static abstract void Multiply(in TNumber a, in TNumber b, out TNumber product);

    /// <summary>a to the power 2^<paramref name="times"/>.</summary>
    static abstract void Square(in TNumber a, int times, out TNumber power);
}

/// <summary>Square roots modulo secp256k1's p, which is 3 modulo 4: a^((p+1)/4), for one number or for eight side by side.</summary>
static class SquareRoot<TNumber, TPowers> where TPowers : IPowers<TNumber>
{
    public static void Candidate(in TNumber a, out TNumber root)
    {
        // (p+1)/4 in binary: 223 ones, 0, 22 ones, 0000, 11, 00. onesN stands for a^(2^N - 1).
        AppendOnes(a, a, 1, out var ones2);
        AppendOnes(ones2, a, 1, out var ones3);
        AppendOnes(ones3, ones3, 3, out var ones6);
        AppendOnes(ones6, ones3, 3, out var ones9);
        AppendOnes(ones9, ones2, 2, out var ones11);
        AppendOnes(ones11, ones11, 11, out var ones22);
        AppendOnes(ones22, ones22, 22, out var ones44);
        AppendOnes(ones44, ones44, 44, out var ones88);
        AppendOnes(ones88, ones88, 88, out var power);
        AppendOnes(power, ones44, 44, out power);
        AppendOnes(power, ones3, 3, out power);
        AppendOnes(power, ones22, 23, out power);
        AppendOnes(power, ones2, 6, out power);
        TPowers.Square(power, 2, out root);
    }

    static void AppendOnes(in TNumber power, in TNumber ones, int shift, out TNumber result)
    {
        TPowers.Square(power, shift, out var shifted);
        TPowers.Multiply(shifted, ones, out result);
    }
}
