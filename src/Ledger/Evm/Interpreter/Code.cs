using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>
/// Code ready to run: pinned, followed by zeros (STOP) so that no instruction reads beyond it, its jump destinations found when first asked for.
/// Code of accounts never changes and is shared by all machines; init code lives in an object that its machine uses again.
/// </summary>
public sealed unsafe class Code
{
    // A PUSH32 in the last place reads 32 bytes on and leaves the program counter one after them; a short PUSH in the first place
    // reads the word that ends with its bytes.
    const int Padding = 64;
    const int PaddingBefore = 32;

    public static readonly Code Empty = new();

    byte[] _bytes;
    byte[]? _jumpDestinations;
    byte[] _spareJumpDestinations = [];

    internal Code()
    {
        _bytes = Allocate(0);
        Start = Address(_bytes) + PaddingBefore;
    }

    Code(ReadOnlySpan<byte> bytes)
    {
        _bytes = Allocate(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(PaddingBefore));
        Length = bytes.Length;
        Start = Address(_bytes) + PaddingBefore;
        IsDelegation = Delegation.TryRead(bytes, out var target);
        DelegationTarget = target;
    }

    /// <summary>The threaded form of the code for the fork it ran under last.</summary>
    internal Threaded.ThreadedCode? Threaded { get; set; }

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(PaddingBefore, Length);
    internal byte* Start { get; private set; }

    /// <summary>Whether the account runs the code of <see cref="DelegationTarget"/> (EIP-7702, where that is in force).</summary>
    public bool IsDelegation { get; }
    public Address DelegationTarget { get; }

    /// <summary>The code of that hash, from memory or else from the view.</summary>
    internal static Code Cached(in Hash256 hash, IStateView view) =>
        CodeCache.TryGet(hash, out var code) ? code : CodeCache.Keep(hash, new Code(view.GetCode(hash)));

    internal static Code Cached(in Hash256 hash, ReadOnlySpan<byte> bytes) =>
        CodeCache.TryGet(hash, out var code) ? code : CodeCache.Keep(hash, new Code(bytes));

    /// <summary>Makes this object hold other code: for init code only.</summary>
    internal void Replace(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length < PaddingBefore + bytes.Length + Padding)
        {
            _bytes = Allocate(Math.Max(bytes.Length, 2 * Length));
            Start = Address(_bytes) + PaddingBefore;
        }
        bytes.CopyTo(_bytes.AsSpan(PaddingBefore));
        _bytes.AsSpan(PaddingBefore + bytes.Length, Padding).Clear();
        Length = bytes.Length;
        if (_jumpDestinations is { } used) (_spareJumpDestinations, _jumpDestinations) = (used, null);
    }

    /// <summary>Lets go of what was made of init code that has run.</summary>
    internal void Forget()
    {
        Threaded?.Dispose();
        Threaded = null;
    }

    /// <summary>Whether a jump may go there: the position of a JUMPDEST that is not part of a PUSH.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool IsJumpDestination(in UInt256 target)
    {
        var bits = _jumpDestinations ?? FindJumpDestinations();
        var position = target.Low64;
        return target.FitsUInt64 && position < (ulong)Length && ((bits[position >> 3] >> (int)(position & 7)) & 1) != 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    byte[] FindJumpDestinations()
    {
        var size = Length / 8 + 1;
        var bits = _spareJumpDestinations;
        if (bits.Length < size) bits = new byte[size];
        else Array.Clear(bits, 0, size);
        for (var i = 0; i < Length; i++)
        {
            var op = Start[i];
            if (op == (byte)Opcode.JumpDest) bits[i >> 3] |= (byte)(1 << (i & 7));
            else if (op is >= (byte)Opcode.Push1 and <= (byte)Opcode.Push32) i += op - (byte)Opcode.Push0;
        }
        // Two threads may both find them; what they find is the same.
        return _jumpDestinations = bits;
    }

    static byte[] Allocate(int length) => GC.AllocateArray<byte>(PaddingBefore + length + Padding, pinned: true);

    static byte* Address(byte[] pinned) => (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned));
}
