namespace Hufu.Crypto;

/// <summary>Many inverses at the price of one (Montgomery's trick).</summary>
static class BatchInverse
{
    /// <summary>Inverts in place; zeros stay zero.</summary>
    public static void Invert<T>(Span<T> elements) where T : struct, IField<T>
    {
        var products = new T[elements.Length];
        T product = T.One;
        for (int i = 0; i < elements.Length; i++)
        {
            products[i] = product;
            if (!elements[i].IsZero) T.Multiply(product, elements[i], out product);
        }

        T.Invert(product, out T inverse);
        for (int i = elements.Length - 1; i >= 0; i--)
        {
            if (elements[i].IsZero) continue;
            T.Multiply(inverse, products[i], out T result);
            T.Multiply(inverse, elements[i], out inverse);
            elements[i] = result;
        }
    }
}
