using System.Buffers.Binary;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What the frame was called with, and what other accounts hold.</summary>
static unsafe class Environment
{
    public static Halt Push(Frame frame, in UInt256 word)
    {
        *++frame.Top = word;
        return Halt.None;
    }

    public static Halt Push(Frame frame, ulong number)
    {
        *++frame.Top = number;
        return Halt.None;
    }

    public static Halt Push(Frame frame, in Address address)
    {
        *++frame.Top = address.ToUInt256();
        return Halt.None;
    }

    /// <summary>Replaces the offset at the top by the word of call data that begins there.</summary>
    public static void CallDataLoad(Frame frame, UInt256* top) => CallDataLoad(frame, *top, top);

    public static void CallDataLoad(Frame frame, in UInt256 from, UInt256* result)
    {
        var size = frame.InputSize;
        var offset = from.Low64;
        if (!from.FitsUInt64 || offset >= size) *result = UInt256.Zero;
        else if (size - offset >= 32) UInt256.FromBigEndian(ref frame.Input[offset], out *result);
        else LoadLast(frame.InputBytes[(int)offset..], result);
    }

    public static Halt Balance(Machine machine, Frame frame)
    {
        if (!TryMeet(machine, frame, *frame.Top, out var account)) return Halt.OutOfGas;
        *frame.Top = account.Balance;
        return Halt.None;
    }

    public static Halt ExtCodeSize(Machine machine, Frame frame)
    {
        if (!TryMeet(machine, frame, *frame.Top, out var account)) return Halt.OutOfGas;
        *frame.Top = (ulong)machine.Journal.CodeOf(account).Length;
        return Halt.None;
    }

    public static Halt ExtCodeHash(Machine machine, Frame frame)
    {
        if (!TryMeet(machine, frame, *frame.Top, out var account)) return Halt.OutOfGas;
        *frame.Top = CodeHash(account);
        return Halt.None;
    }

    /// <summary>Zero for a dead account (EIP-1052).</summary>
    public static UInt256 CodeHash(JournalAccount account) => account.IsEmpty ? UInt256.Zero : account.CodeHash.ToUInt256();

    public static Halt ExtCodeCopy(Machine machine, Frame frame)
    {
        var top = frame.Top;
        if (!frame.TryRange(top[-1], top[-3], out var offset, out var size)) return Halt.OutOfGas;
        if (!frame.TryCharge(CopyGas(size))) return Halt.OutOfGas;
        if (!TryMeet(machine, frame, top[0], out var account)) return Halt.OutOfGas;
        if (size > 0) Copy(machine.Journal.CodeOf(account).Bytes, top[-2], new Span<byte>(frame.Memory + offset, (int)size));
        frame.Top = top - 4;
        return Halt.None;
    }

    public static Halt CallDataCopy(Frame frame)
    {
        var top = frame.Top;
        if (!TryMakeRoom(frame, top[0], top[-2], out var into)) return Halt.OutOfGas;
        Copy(frame.InputBytes, top[-1], into);
        frame.Top = top - 3;
        return Halt.None;
    }

    public static Halt CodeCopy(Frame frame)
    {
        var top = frame.Top;
        if (!TryMakeRoom(frame, top[0], top[-2], out var into)) return Halt.OutOfGas;
        Copy(frame.Code.Bytes, top[-1], into);
        frame.Top = top - 3;
        return Halt.None;
    }

    /// <summary>Reading beyond the end is no padding but a failure (EIP-211).</summary>
    public static Halt ReturnDataCopy(Machine machine, Frame frame)
    {
        var top = frame.Top;
        var data = machine.ReturnData;
        if (!UInt256.TryAdd(top[-1], top[-2], out var end) || end > (ulong)data.Length) return Halt.ReturnDataOutOfBounds;
        if (!TryMakeRoom(frame, top[0], top[-2], out var into)) return Halt.OutOfGas;
        data.Bytes.Slice((int)top[-1].Low64, into.Length).CopyTo(into);
        frame.Top = top - 3;
        return Halt.None;
    }

    /// <summary>Accesses an account and pays the surcharge where it was cold (EIP-2929). Only what was paid for is looked at: the block access list names it (EIP-7928).</summary>
    internal static bool TryMeet(Machine machine, Frame frame, in UInt256 word, out JournalAccount account)
    {
        var journal = machine.Journal;
        account = journal.Entry(Address.FromUInt256(word));
        if (journal.TryWarm(account) && !frame.TryCharge(machine.Gas.ColdAccountSurcharge)) return false;
        journal.Load(account);
        return true;
    }

    internal static long CopyGas(ulong size) => GasSchedule.CopyWord * (long)((size + 31) / 32);

    static bool TryMakeRoom(Frame frame, in UInt256 offset, in UInt256 size, out Span<byte> room)
    {
        room = default;
        if (!frame.TryRange(offset, size, out var start, out var length) || !frame.TryCharge(CopyGas(length))) return false;
        room = new Span<byte>(frame.Memory + start, (int)length);
        return true;
    }

    static void LoadLast(ReadOnlySpan<byte> bytes, UInt256* top)
    {
        // By limbs: bytes stored singly and read as a word would stall.
        if (bytes.Length < 8)
        {
            *top = new UInt256(0, 0, 0, Take(ref bytes));
            return;
        }
        ulong third = Take(ref bytes), second = Take(ref bytes), first = Take(ref bytes);
        *top = new UInt256(Take(ref bytes), first, second, third);

        static ulong Take(ref ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length >= 8)
            {
                var whole = BinaryPrimitives.ReadUInt64BigEndian(bytes);
                bytes = bytes[8..];
                return whole;
            }
            ulong limb = 0;
            for (var i = 0; i < bytes.Length; i++) limb |= (ulong)bytes[i] << (56 - 8 * i);
            bytes = default;
            return limb;
        }
    }

    // What lies beyond the source's end reads as zeros.
    internal static void Copy(ReadOnlySpan<byte> source, in UInt256 offset, Span<byte> into)
    {
        var rest = offset.FitsUInt64 && offset.Low64 < (ulong)source.Length ? source[(int)offset.Low64..] : default;
        if (rest.Length > into.Length) rest = rest[..into.Length];
        rest.CopyTo(into);
        into[rest.Length..].Clear();
    }
}
