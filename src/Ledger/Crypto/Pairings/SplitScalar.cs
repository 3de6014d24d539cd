namespace Hufu.Crypto;

/// <summary>A scalar as ±First ± Second·λ, where λ is what the endomorphism (x, y) → (βx, y) multiplies by (Gallant, Lambert and Vanstone, 2001).</summary>
readonly record struct SplitScalar(UInt128 First, bool IsFirstNegative, UInt128 Second, bool IsSecondNegative);
