using System.Runtime.InteropServices;

namespace Hufu.Crypto;

/// <summary>The machine's GMP, called by function pointers.</summary>
sealed unsafe class GmpModExp
{
    // On Windows nothing is looked up by name, as for libsecp256k1.
    static readonly string[] Names = ["libgmp.so.10", "libgmp.dylib", "/opt/homebrew/lib/libgmp.dylib", "/usr/local/lib/libgmp.dylib"];

    readonly delegate* unmanaged<Integer*, void> _init;
    readonly delegate* unmanaged<Integer*, void> _clear;
    readonly delegate* unmanaged<Integer*, nuint, int, nuint, int, nuint, byte*, void> _import;
    readonly delegate* unmanaged<byte*, nuint*, int, nuint, int, nuint, Integer*, void*> _export;
    readonly delegate* unmanaged<Integer*, Integer*, Integer*, Integer*, void> _power;

    GmpModExp(string name, nint library)
    {
        LibraryName = name;
        _init = (delegate* unmanaged<Integer*, void>)NativeLibrary.GetExport(library, "__gmpz_init");
        _clear = (delegate* unmanaged<Integer*, void>)NativeLibrary.GetExport(library, "__gmpz_clear");
        _import = (delegate* unmanaged<Integer*, nuint, int, nuint, int, nuint, byte*, void>)NativeLibrary.GetExport(library, "__gmpz_import");
        _export = (delegate* unmanaged<byte*, nuint*, int, nuint, int, nuint, Integer*, void*>)NativeLibrary.GetExport(library, "__gmpz_export");
        _power = (delegate* unmanaged<Integer*, Integer*, Integer*, Integer*, void>)NativeLibrary.GetExport(library, "__gmpz_powm");
    }

    public string LibraryName { get; }

    /// <summary>The first library found that has every function and passes the self-test; null where there is none.</summary>
    public static GmpModExp? TryLoad()
    {
        if (!NativeLibraries.AreWelcome || OperatingSystem.IsWindows() || OperatingSystem.IsBrowser()) return null;
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            try
            {
                var native = new GmpModExp(name, library);
                if (native.PassesSelfTest()) return native;
            }
            catch (EntryPointNotFoundException)
            {
                // Not the library its name says: the next name, or the managed twin.
            }
        }
        return null;
    }

    /// <param name="base">Big-endian, like the rest.</param>
    /// <param name="exponent">Not zero.</param>
    /// <param name="modulus">Not zero: the library would end the process.</param>
    /// <param name="output">As long as the modulus.</param>
    public void Compute(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> output)
    {
        const int mostSignificantFirst = 1;
        Integer b, e, m;
        _init(&b);
        _init(&e);
        _init(&m);
        Import(&b, @base);
        Import(&e, exponent);
        Import(&m, modulus);
        _power(&b, &b, &e, &m);

        // The library writes only the bytes that the number has.
        Span<byte> digits = output.Length <= 1024 ? stackalloc byte[output.Length + 8] : new byte[output.Length + 8];
        nuint count;
        fixed (byte* pointer = digits)
            _export(pointer, &count, mostSignificantFirst, 1, mostSignificantFirst, 0, &b);
        output.Clear();
        digits[..(int)count].CopyTo(output[(output.Length - (int)count)..]);
        _clear(&b);
        _clear(&e);
        _clear(&m);

        void Import(Integer* integer, ReadOnlySpan<byte> bytes)
        {
            fixed (byte* pointer = bytes)
                _import(integer, (nuint)bytes.Length, mostSignificantFirst, 1, mostSignificantFirst, 0, pointer);
        }
    }

    bool PassesSelfTest()
    {
        // An odd and an even modulus, against the twin.
        Span<byte> exponent = [0x03, 0xE8], modulus = stackalloc byte[32], native = stackalloc byte[32], managed = stackalloc byte[32];
        modulus.Fill(0xA7);
        for (var i = 0; i < 2; i++)
        {
            modulus[^1] += (byte)i;
            Compute([3], exponent, modulus, native);
            ManagedModExp.Compute([3], exponent, modulus, managed);
            if (!native.SequenceEqual(managed)) return false;
        }
        return true;
    }

    /// <summary>mpz_t.</summary>
    struct Integer
    {
        public int Allocated, Size;
        public nint Limbs;
    }
}
