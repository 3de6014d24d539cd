using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Hufu.Crypto;

/// <summary>The machine's libsecp256k1, called by function pointers. One instance serves all threads: its context never changes after it is made.</summary>
sealed unsafe class NativeSecp256k1
{
    // On Windows nothing is looked up by name: a stray DLL in the current folder must not handle secrets.
    static readonly string[] Names =
    [
        "libsecp256k1.so.1", "libsecp256k1.so.2", "libsecp256k1.so.5", "libsecp256k1.so.6", "libsecp256k1.so.0",
        "libsecp256k1.dylib", "/opt/homebrew/lib/libsecp256k1.dylib", "/usr/local/lib/libsecp256k1.dylib",
    ];

    const uint ContextSignVerify = 0x301, SerializeUncompressed = 0x2;

    readonly void* _context;
    readonly delegate* unmanaged<void*, Opaque64*, byte*, nuint, int> _parsePublicKey;
    readonly delegate* unmanaged<void*, byte*, nuint*, Opaque64*, uint, int> _serializePublicKey;
    readonly delegate* unmanaged<void*, Opaque64*, byte*, int> _createPublicKey;
    readonly delegate* unmanaged<void*, byte*, byte*, int> _addSecrets;
    readonly delegate* unmanaged<void*, Opaque64*, byte*, int> _parseSignature;
    readonly delegate* unmanaged<void*, Opaque64*, Opaque64*, int> _normalizeSignature;
    readonly delegate* unmanaged<void*, Opaque64*, byte*, Opaque64*, int> _verify;
    readonly delegate* unmanaged<void*, Opaque65*, byte*, int, int> _parseRecoverable;
    readonly delegate* unmanaged<void*, byte*, int*, Opaque65*, int> _serializeRecoverable;
    readonly delegate* unmanaged<void*, Opaque64*, Opaque65*, byte*, int> _recover;
    readonly delegate* unmanaged<void*, Opaque65*, byte*, byte*, void*, void*, int> _signRecoverable;
    readonly delegate* unmanaged<void*, byte*, Opaque64*, byte*, void*, void*, int> _agree;

    NativeSecp256k1(string name, nint library)
    {
        LibraryName = name;
        _parsePublicKey = (delegate* unmanaged<void*, Opaque64*, byte*, nuint, int>)Export("secp256k1_ec_pubkey_parse");
        _serializePublicKey = (delegate* unmanaged<void*, byte*, nuint*, Opaque64*, uint, int>)Export("secp256k1_ec_pubkey_serialize");
        _createPublicKey = (delegate* unmanaged<void*, Opaque64*, byte*, int>)Export("secp256k1_ec_pubkey_create");
        _addSecrets = (delegate* unmanaged<void*, byte*, byte*, int>)Export("secp256k1_ec_seckey_tweak_add");
        _parseSignature = (delegate* unmanaged<void*, Opaque64*, byte*, int>)Export("secp256k1_ecdsa_signature_parse_compact");
        _normalizeSignature = (delegate* unmanaged<void*, Opaque64*, Opaque64*, int>)Export("secp256k1_ecdsa_signature_normalize");
        _verify = (delegate* unmanaged<void*, Opaque64*, byte*, Opaque64*, int>)Export("secp256k1_ecdsa_verify");
        _parseRecoverable = (delegate* unmanaged<void*, Opaque65*, byte*, int, int>)Export("secp256k1_ecdsa_recoverable_signature_parse_compact");
        _serializeRecoverable = (delegate* unmanaged<void*, byte*, int*, Opaque65*, int>)Export("secp256k1_ecdsa_recoverable_signature_serialize_compact");
        _recover = (delegate* unmanaged<void*, Opaque64*, Opaque65*, byte*, int>)Export("secp256k1_ecdsa_recover");
        _signRecoverable = (delegate* unmanaged<void*, Opaque65*, byte*, byte*, void*, void*, int>)Export("secp256k1_ecdsa_sign_recoverable");
        _agree = (delegate* unmanaged<void*, byte*, Opaque64*, byte*, void*, void*, int>)Export("secp256k1_ecdh");

        var create = (delegate* unmanaged<uint, void*>)Export("secp256k1_context_create");
        var randomize = (delegate* unmanaged<void*, byte*, int>)Export("secp256k1_context_randomize");
        _context = create(ContextSignVerify);
        // Blinds the library's arithmetic on secrets against side channels.
        Span<byte> seed = stackalloc byte[32];
        RandomNumberGenerator.Fill(seed);
        fixed (byte* pointer = seed)
            if (randomize(_context, pointer) == 0) throw new EntryPointNotFoundException("secp256k1_context_randomize failed");
        CryptographicOperations.ZeroMemory(seed);

        void* Export(string symbol) => (void*)NativeLibrary.GetExport(library, symbol);
    }

    public string LibraryName { get; }

    /// <summary>The first library found that has every function and passes the self-test; null where there is none.</summary>
    public static NativeSecp256k1? TryLoad()
    {
        if (!NativeLibraries.AreWelcome || OperatingSystem.IsWindows() || OperatingSystem.IsBrowser()) return null;
        foreach (var name in Names)
        {
            if (!NativeLibrary.TryLoad(name, out var library)) continue;
            try
            {
                var native = new NativeSecp256k1(name, library);
                if (native.PassesSelfTest()) return native;
            }
            catch (EntryPointNotFoundException)
            {
                // Built without the recovery or the ECDH module: the next name, or the managed twin.
            }
        }
        return null;
    }

    public bool TryRecover(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, int recoveryId, Span<byte> publicKey64)
    {
        Opaque65 signature;
        Opaque64 key;
        fixed (byte* hash = hash32, compact = signature64)
        {
            if (_parseRecoverable(_context, &signature, compact, recoveryId) == 0) return false;
            if (_recover(_context, &key, &signature, hash) == 0) return false;
        }
        Serialize(&key, publicKey64);
        return true;
    }

    public bool Verify(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> signature64, ReadOnlySpan<byte> publicKey64)
    {
        Opaque64 key, signature;
        if (!TryParse(publicKey64, &key)) return false;
        fixed (byte* hash = hash32, compact = signature64)
        {
            if (_parseSignature(_context, &signature, compact) == 0) return false;
            // The library verifies low s only; the plain rule knows no such limit.
            _normalizeSignature(_context, &signature, &signature);
            return _verify(_context, &signature, hash, &key) == 1;
        }
    }

    public void Sign(ReadOnlySpan<byte> hash32, ReadOnlySpan<byte> secret32, Span<byte> signature64, out int recoveryId)
    {
        Opaque65 signature;
        int id;
        fixed (byte* hash = hash32, secret = secret32, compact = signature64)
        {
            // A null nonce function is the library's default, RFC 6979 with HMAC-SHA-256.
            if (_signRecoverable(_context, &signature, hash, secret, null, null) == 0)
                throw new CryptographicException("libsecp256k1 did not sign: the secret is out of range");
            _serializeRecoverable(_context, compact, &id, &signature);
        }
        recoveryId = id;
    }

    public void PublicKey(ReadOnlySpan<byte> secret32, Span<byte> publicKey64)
    {
        Opaque64 key;
        fixed (byte* secret = secret32)
            if (_createPublicKey(_context, &key, secret) == 0) throw new CryptographicException("libsecp256k1 found the secret out of range");
        Serialize(&key, publicKey64);
    }

    public bool TryAgree(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> sharedX32)
    {
        Opaque64 key;
        if (!TryParse(publicKey64, &key)) return false;
        fixed (byte* secret = secret32, shared = sharedX32)
            return _agree(_context, shared, &key, secret, (delegate* unmanaged<byte*, byte*, byte*, void*, int>)&KeepX, null) == 1;
    }

    public bool TryAgreePoint(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> publicKey64, Span<byte> shared33)
    {
        Opaque64 key;
        if (!TryParse(publicKey64, &key)) return false;
        fixed (byte* secret = secret32, shared = shared33)
            return _agree(_context, shared, &key, secret, (delegate* unmanaged<byte*, byte*, byte*, void*, int>)&KeepPoint, null) == 1;
    }

    public bool TryAddSecrets(ReadOnlySpan<byte> secret32, ReadOnlySpan<byte> tweak32, Span<byte> sum32)
    {
        secret32.CopyTo(sum32);
        fixed (byte* sum = sum32, tweak = tweak32)
            return _addSecrets(_context, sum, tweak) == 1;
    }

    // The library would hash the shared point; devp2p wants its plain x.
    [UnmanagedCallersOnly]
    static int KeepX(byte* output, byte* x32, byte* y32, void* data)
    {
        Unsafe.CopyBlockUnaligned(output, x32, 32);
        return 1;
    }

    [UnmanagedCallersOnly]
    static int KeepPoint(byte* output, byte* x32, byte* y32, void* data)
    {
        output[0] = (byte)(2 + (y32[31] & 1));
        Unsafe.CopyBlockUnaligned(output + 1, x32, 32);
        return 1;
    }

    bool TryParse(ReadOnlySpan<byte> publicKey64, Opaque64* key)
    {
        Span<byte> encoded = stackalloc byte[65];
        encoded[0] = 4;
        publicKey64.CopyTo(encoded[1..]);
        fixed (byte* pointer = encoded)
            return _parsePublicKey(_context, key, pointer, 65) == 1;
    }

    void Serialize(Opaque64* key, Span<byte> publicKey64)
    {
        Span<byte> encoded = stackalloc byte[65];
        nuint length = 65;
        fixed (byte* pointer = encoded)
            _serializePublicKey(_context, pointer, &length, key, SerializeUncompressed);
        encoded[1..].CopyTo(publicKey64);
    }

    /// <summary>Signs, recovers, verifies and agrees with secret 1, whose public key is the generator itself.</summary>
    bool PassesSelfTest()
    {
        Span<byte> secret = stackalloc byte[32], hash = stackalloc byte[32], signature = stackalloc byte[64];
        Span<byte> key = stackalloc byte[64], recovered = stackalloc byte[64], shared = stackalloc byte[32];
        secret.Clear();
        secret[31] = 1;
        hash.Fill(0x5A);
        PublicKey(secret, key);
        Sign(hash, secret, signature, out var recoveryId);
        return key.SequenceEqual(Generator)
            && TryRecover(hash, signature, recoveryId, recovered) && recovered.SequenceEqual(key)
            && Verify(hash, signature, key)
            && TryAgree(secret, key, shared) && shared.SequenceEqual(key[..32]);
    }

    static ReadOnlySpan<byte> Generator =>
    [
        0x79, 0xBE, 0x66, 0x7E, 0xF9, 0xDC, 0xBB, 0xAC, 0x55, 0xA0, 0x62, 0x95, 0xCE, 0x87, 0x0B, 0x07,
        0x02, 0x9B, 0xFC, 0xDB, 0x2D, 0xCE, 0x28, 0xD9, 0x59, 0xF2, 0x81, 0x5B, 0x16, 0xF8, 0x17, 0x98,
        0x48, 0x3A, 0xDA, 0x77, 0x26, 0xA3, 0xC4, 0x65, 0x5D, 0xA4, 0xFB, 0xFC, 0x0E, 0x11, 0x08, 0xA8,
        0xFD, 0x17, 0xB4, 0x48, 0xA6, 0x85, 0x54, 0x19, 0x9C, 0x47, 0xD0, 0x8F, 0xFB, 0x10, 0xD4, 0xB8,
    ];

    [InlineArray(64)]
    struct Opaque64
    {
        byte _first;
    }

    [InlineArray(65)]
    struct Opaque65
    {
        byte _first;
    }
}
