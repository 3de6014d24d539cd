using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>What the interpreter checks before any instruction: its gas, and how many words the stack must and may hold.</summary>
[StructLayout(LayoutKind.Sequential)]
readonly struct OpcodeRule(long gas, int minHeight, int maxHeight)
{
    // No stack is this high: an instruction the fork lacks fails the same check that all others pass.
    const ushort Unreachable = 0x7FF;

    public readonly int Gas = (int)gas;
    public readonly ushort MinHeight = (ushort)minHeight;
    public readonly ushort HeightRange = (ushort)(maxHeight - minHeight);

    public static OpcodeRule Undefined => new(0, Unreachable, Unreachable);

    public bool IsDefined => MinHeight != Unreachable;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Allows(int height) => (uint)(height - MinHeight) <= HeightRange;
}

/// <summary>
/// What everything costs under one fork (yellow paper, appendix G, and the EIPs since): built once from the fork's rules,
/// so that no instruction asks which fork it runs in.
/// </summary>
public sealed unsafe class GasSchedule
{
    public const int StackLimit = 1024;
    public const long CallStipend = 2_300;
    public const long CallValue = 9_000;
    public const long WarmAccess = 100;
    public const long ColdAccountAccess = 2_600;
    public const long ColdSlotAccess = 2_100;
    public const long CopyWord = 3;
    public const long KeccakWord = 6;
    public const long LogByte = 8;

    static readonly GasSchedule?[] ByFork = new GasSchedule?[Enum.GetValues<Fork>().Length];

    readonly OpcodeRule[] _rules = GC.AllocateArray<OpcodeRule>(256, pinned: true);

    GasSchedule(ForkRules rules)
    {
        Rules = (OpcodeRule*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_rules));
        Storage = StorageGas.Of(rules);
        ListsAccesses = rules.Has(Eip.BlockAccessLists);
        var pricesState = rules.Has(Eip.StateGas);
        NewAccount = pricesState ? 0 : 25_000;
        CodeDepositByte = pricesState ? 0 : 200;
        CodeDepositWord = pricesState ? KeccakWord : 0;
        ExpByte = rules.Has(Eip.ExpByteCost) ? 50 : 10;
        KeepsOne64th = rules.Has(Eip.GasForIo);
        SelfDestructChargesNewAccount = rules.Has(Eip.GasForIo);
        SelfDestructRefund = rules.Has(Eip.RefundReduction) ? 0 : 24_000;
        InitCodeWord = rules.Has(Eip.InitCodeLimit) ? 2 : 0;
        if (rules.Has(Eip.AccessGas))
        {
            ColdAccountSurcharge = ColdAccountAccess - WarmAccess;
            ColdBeneficiary = ColdAccountAccess;
        }
        Fill(rules);
    }

    internal OpcodeRule* Rules { get; }
    public StorageGas Storage { get; }

    /// <summary>For a call or SELFDESTRUCT that makes an account; state gas comes on top (EIP-8037).</summary>
    public long NewAccount { get; }
    public long CodeDepositByte { get; }
    public long CodeDepositWord { get; }

    /// <summary>On top of an instruction's own cost where the account is met for the first time (EIP-2929).</summary>
    public long ColdAccountSurcharge { get; }
    public long ColdBeneficiary { get; }
    public long ExpByte { get; }
    public long InitCodeWord { get; }
    public long SelfDestructRefund { get; }
    public bool SelfDestructChargesNewAccount { get; }

    /// <summary>Whether what a frame met of the state is seen even if the frame fails (EIP-7928).</summary>
    public bool ListsAccesses { get; }

    /// <summary>A call gets at most all but one 64th of the gas (EIP-150).</summary>
    public bool KeepsOne64th { get; }

    public static GasSchedule For(ForkRules rules) => ByFork[(int)rules.Fork] ??= new GasSchedule(rules);

    public bool Has(Opcode opcode) => _rules[(int)opcode].IsDefined;

    void Fill(ForkRules rules)
    {
        Array.Fill(_rules, OpcodeRule.Undefined);
        var berlin = rules.Has(Eip.AccessGas);
        var istanbul = rules.Has(Eip.TrieSizeGas);
        var io = rules.Has(Eip.GasForIo);
        long Account(long frontier, long tangerine, long trieSize) => berlin ? WarmAccess : istanbul ? trieSize : io ? tangerine : frontier;

        Set(Opcode.Stop, 0, 0, 0);
        Set(3, 2, 1, Opcode.Add, Opcode.Sub, Opcode.Lt, Opcode.Gt, Opcode.SLt, Opcode.SGt, Opcode.Eq, Opcode.And, Opcode.Or, Opcode.Xor, Opcode.Byte);
        Set(5, 2, 1, Opcode.Mul, Opcode.Div, Opcode.SDiv, Opcode.Mod, Opcode.SMod, Opcode.SignExtend);
        Set(3, 1, 1, Opcode.IsZero, Opcode.Not, Opcode.CallDataLoad, Opcode.MLoad);
        Set(8, 3, 1, Opcode.AddMod, Opcode.MulMod);
        Set(Opcode.Exp, 10, 2, 1);
        Set(Opcode.Keccak256, 30, 2, 1);

        Set(2, 0, 1, Opcode.Address, Opcode.Origin, Opcode.Caller, Opcode.CallValue, Opcode.CallDataSize, Opcode.CodeSize, Opcode.GasPrice, Opcode.Coinbase,
            Opcode.Timestamp, Opcode.Number, Opcode.PrevRandao, Opcode.GasLimit, Opcode.Pc, Opcode.MSize, Opcode.Gas);
        Set(3, 3, 0, Opcode.CallDataCopy, Opcode.CodeCopy);
        Set(Opcode.Balance, Account(20, 400, 700), 1, 1);
        Set(Opcode.ExtCodeSize, Account(20, 700, 700), 1, 1);
        Set(Opcode.ExtCodeCopy, Account(20, 700, 700), 4, 0);
        Set(Opcode.BlockHash, 20, 1, 1);

        Set(Opcode.Pop, 2, 1, 0);
        Set(3, 2, 0, Opcode.MStore, Opcode.MStore8);
        Set(Opcode.SLoad, berlin ? WarmAccess : istanbul ? 800 : io ? 200 : 50, 1, 1);
        Set(Opcode.SStore, 0, 2, 0);
        Set(Opcode.Jump, 8, 1, 0);
        Set(Opcode.JumpI, 10, 2, 0);
        Set(Opcode.JumpDest, 1, 0, 0);
        for (var i = 0; i < 32; i++) Set((Opcode)((int)Opcode.Push1 + i), 3, 0, 1);
        for (var i = 0; i < 16; i++) Set((Opcode)((int)Opcode.Dup1 + i), 3, i + 1, i + 2);
        for (var i = 0; i < 16; i++) Set((Opcode)((int)Opcode.Swap1 + i), 3, i + 2, i + 2);
        for (var i = 0; i < 5; i++) Set((Opcode)((int)Opcode.Log0 + i), 375 * (i + 1), i + 2, 0);

        Set(Opcode.Create, CreateGas(rules), 3, 1);
        Set(Opcode.Call, Account(40, 700, 700), 7, 1);
        Set(Opcode.CallCode, Account(40, 700, 700), 7, 1);
        Set(0, 2, 0, Opcode.Return);
        Set(Opcode.Invalid, 0, 0, 0);
        Set(Opcode.SelfDestruct, io ? 5_000 : 0, 1, 0);

        if (rules.Has(Eip.DelegateCall)) Set(Opcode.DelegateCall, Account(40, 700, 700), 6, 1);
        if (rules.Has(Eip.Revert)) Set(Opcode.Revert, 0, 2, 0);
        if (rules.Has(Eip.ReturnData))
        {
            Set(Opcode.ReturnDataSize, 2, 0, 1);
            Set(Opcode.ReturnDataCopy, 3, 3, 0);
        }
        if (rules.Has(Eip.StaticCall)) Set(Opcode.StaticCall, Account(40, 700, 700), 6, 1);
        if (rules.Has(Eip.BitwiseShift)) Set(3, 2, 1, Opcode.Shl, Opcode.Shr, Opcode.Sar);
        if (rules.Has(Eip.Create2)) Set(Opcode.Create2, CreateGas(rules), 4, 1);
        if (rules.Has(Eip.ExtCodeHash)) Set(Opcode.ExtCodeHash, Account(400, 400, 700), 1, 1);
        if (rules.Has(Eip.ChainIdOpcode)) Set(Opcode.ChainId, 2, 0, 1);
        if (istanbul) Set(Opcode.SelfBalance, 5, 0, 1);
        if (rules.Has(Eip.BaseFeeOpcode)) Set(Opcode.BaseFee, 2, 0, 1);
        if (rules.Has(Eip.Push0)) Set(Opcode.Push0, 2, 0, 1);
        if (rules.Has(Eip.TransientStorage))
        {
            Set(Opcode.TLoad, WarmAccess, 1, 1);
            Set(Opcode.TStore, WarmAccess, 2, 0);
        }
        if (rules.Has(Eip.BlobTransactions)) Set(Opcode.BlobHash, 3, 1, 1);
        if (rules.Has(Eip.BlobBaseFeeOpcode)) Set(Opcode.BlobBaseFee, 2, 0, 1);
        if (rules.Has(Eip.MemoryCopy)) Set(Opcode.MCopy, 3, 3, 0);
        if (rules.Has(Eip.CountLeadingZeros)) Set(Opcode.Clz, 5, 1, 1);
        if (rules.Has(Eip.SlotNumber)) Set(Opcode.SlotNum, 2, 0, 1);
        if (rules.Has(Eip.DeepStackInstructions))
        {
            // How deep they reach is in the code: the instruction looks for itself.
            Set(Opcode.DupN, 3, 0, 1);
            Set(3, 0, 0, Opcode.SwapN, Opcode.Exchange);
        }
    }

    /// <summary>What CREATE, CREATE2 and a transaction that creates cost before their init code.</summary>
    public static long CreateGas(ForkRules rules) => rules.Has(Eip.StateGas) ? 9_000 : 32_000;

    void Set(long gas, int takes, int leaves, params ReadOnlySpan<Opcode> opcodes)
    {
        foreach (var opcode in opcodes) Set(opcode, gas, takes, leaves);
    }

    void Set(Opcode opcode, long gas, int takes, int leaves) =>
        _rules[(int)opcode] = new OpcodeRule(gas, takes, StackLimit - Math.Max(0, leaves - takes));
}

/// <summary>What writing storage costs and gives back. One formula with other numbers serves EIP-1283, 2200, 2929 and 3529; before and between them another.</summary>
/// <param name="IsNet">Costs compare the new value with the one before the transaction, not only with the present one.</param>
/// <param name="Reset">From something to something else, or to nothing.</param>
/// <param name="Unchanged">A write that changes nothing, or a slot already changed in this transaction.</param>
/// <param name="ClearRefund">For making something nothing.</param>
/// <param name="ColdSurcharge">Where the slot is met for the first time (EIP-2929).</param>
/// <param name="NeedsMoreThanStipend">A write fails where no more gas is left than a call's stipend (EIP-2200).</param>
public sealed record StorageGas(bool IsNet, long Set, long Reset, long Unchanged, long ClearRefund, long ColdSurcharge, bool NeedsMoreThanStipend)
{
    const long Create = 20_000;
    const long Change = 5_000;

    /// <summary>SLOAD's surcharge over its warm cost (EIP-2929).</summary>
    public long ColdLoadSurcharge => ColdSurcharge == 0 ? 0 : ColdSurcharge - GasSchedule.WarmAccess;

    public static StorageGas Of(ForkRules rules)
    {
        if (rules.Has(Eip.AccessGas))
        {
            const long Warm = Change - GasSchedule.ColdSlotAccess;
            // EIP-3529: what clearing gives back covers the reset and the slot's mention in an access list.
            var clear = rules.Has(Eip.RefundReduction) ? Warm + 1_900 : 15_000;
            // EIP-8037: what a new slot costs beyond a change is state gas.
            return new StorageGas(true, rules.Has(Eip.StateGas) ? Warm : Create, Warm, GasSchedule.WarmAccess, clear, GasSchedule.ColdSlotAccess, true);
        }
        if (rules.Has(Eip.NetGasSstore)) return new StorageGas(true, Create, Change, 800, 15_000, 0, true);
        if (rules.Has(Eip.NetGasSstoreConstantinople)) return new StorageGas(true, Create, Change, 200, 15_000, 0, false);
        return new StorageGas(false, Create, Change, Change, 15_000, 0, false);
    }

    /// <param name="refund">What the write adds to the refund counter; may be negative.</param>
    public long Cost(in UInt256 original, in UInt256 current, in UInt256 value, out long refund)
    {
        refund = 0;
        if (!IsNet)
        {
            if (!current.IsZero && value.IsZero) refund = ClearRefund;
            return current.IsZero && !value.IsZero ? Set : Reset;
        }
        if (current == value) return Unchanged;
        if (original == current)
        {
            if (original.IsZero) return Set;
            if (value.IsZero) refund = ClearRefund;
            return Reset;
        }
        if (!original.IsZero)
        {
            if (current.IsZero) refund -= ClearRefund;
            if (value.IsZero) refund += ClearRefund;
        }
        if (original == value) refund += (original.IsZero ? Set : Reset) - Unchanged;
        return Unchanged;
    }
}
