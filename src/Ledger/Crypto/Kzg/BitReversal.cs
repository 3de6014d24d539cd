using System.Numerics;

namespace Hufu.Crypto;

/// <summary>The order in which blobs and cells hold their values: index bits reversed.</summary>
static class BitReversal
{
    /// <summary>An index below a power of two, its bits reversed.</summary>
    public static int Of(int index, int size)
    {
        int reversed = 0;
        for (int bits = BitOperations.Log2((uint)size); bits > 0; bits--)
        {
            reversed = (reversed << 1) | (index & 1);
            index >>= 1;
        }
        return reversed;
    }

    /// <summary>Exchanges each element with the one at the reversed index; twice is no change. The length is a power of two.</summary>
    public static void Permute<T>(Span<T> elements)
    {
        for (int i = 0; i < elements.Length; i++)
        {
            int j = Of(i, elements.Length);
            if (i < j) (elements[i], elements[j]) = (elements[j], elements[i]);
        }
    }
}
