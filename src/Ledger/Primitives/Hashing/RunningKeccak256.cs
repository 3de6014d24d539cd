using System.Runtime.CompilerServices;

namespace Hufu.Primitives;

/// <summary>Keccak-256 of a message that goes on: what was absorbed so far has a digest at any moment, and more may follow. For one thread.</summary>
public sealed unsafe class RunningKeccak256
{
    const int Rate = Keccak256.Rate;

    readonly ulong[] _state = new ulong[KeccakPermutation.Lanes];
    readonly byte[] _block = new byte[Rate];
    int _waiting;

    public void Update(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            var taken = Math.Min(Rate - _waiting, data.Length);
            data[..taken].CopyTo(_block.AsSpan(_waiting));
            _waiting += taken;
            data = data[taken..];
            if (_waiting < Rate) return;
            fixed (ulong* state = _state)
            fixed (byte* block = _block) Absorb(state, block);
            _waiting = 0;
        }
    }

    /// <summary>The digest of all that was given so far; the message may go on after it.</summary>
    /// <param name="digest32">Receives 32 bytes.</param>
    [SkipLocalsInit]
    public void Digest(Span<byte> digest32)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(digest32.Length, Keccak256.DigestSize);
        var state = stackalloc ulong[KeccakPermutation.Lanes];
        var block = stackalloc byte[Rate];
        _state.CopyTo(new Span<ulong>(state, KeccakPermutation.Lanes));
        fixed (byte* waiting = _block) KeccakSponge.Pad(waiting, _waiting, Rate, block);
        Absorb(state, block);
        new ReadOnlySpan<byte>(state, Keccak256.DigestSize).CopyTo(digest32);
    }

    static void Absorb(ulong* state, byte* block)
    {
        for (var i = 0; i < Rate / 8; i++) state[i] ^= ((ulong*)block)[i];
        KeccakPermutation.Permute(state);
    }
}
