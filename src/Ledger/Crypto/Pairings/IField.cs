namespace Hufu.Crypto;

/// <summary>
/// A finite field's arithmetic. Results are written through <c>out</c>, because a returned struct is copied with vector loads right
/// after its limbs were stored one by one, which stalls store forwarding. A result may be the same variable as an operand.
/// </summary>
interface IField<T> where T : struct, IField<T>
{
    static abstract T Zero { get; }
    static abstract T One { get; }

    bool IsZero { get; }
    bool IsEqualTo(in T other);

    static abstract void Add(in T a, in T b, out T sum);
    static abstract void Subtract(in T a, in T b, out T difference);
    static abstract void Double(in T a, out T twice);
    static abstract void Negate(in T a, out T negative);
    static abstract void Multiply(in T a, in T b, out T product);
    static abstract void Square(in T a, out T square);

    /// <summary>The multiplicative inverse; zero gives zero.</summary>
    static abstract void Invert(in T a, out T inverse);
}

/// <summary>A prime field on which the pairing tower Fp2 = Fp[u]/(u²+1), Fp6 = Fp2[v]/(v³-ξ), Fp12 = Fp6[w]/(w²-v) stands.</summary>
interface ITowerField<T> : IField<T> where T : struct, ITowerField<T>
{
    /// <summary>ξ = XiReal + u, no cube and no square in Fp2.</summary>
    static abstract uint XiReal { get; }

    static abstract int LimbCount { get; }

    /// <summary>Writes p, least significant limb first.</summary>
    static abstract void CopyModulus(Span<ulong> limbs);

    static abstract T FromUInt64(ulong number);

    /// <summary>Writes the Montgomery form, least significant limb first.</summary>
    void CopyRawLimbs(Span<ulong> limbs);

    /// <summary>Reads a Montgomery form below p.</summary>
    static abstract void FromRawLimbs(ReadOnlySpan<ulong> limbs, out T element);
}
