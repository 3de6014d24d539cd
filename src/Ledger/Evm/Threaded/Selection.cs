using unsafe Handler = delegate*<Hufu.Evm.Threaded.Instruction*, byte*, long, Hufu.Evm.Threaded.Context*, long>;

namespace Hufu.Evm.Threaded;

/// <summary>Which handler does an instruction, by where its operands stand.</summary>
static unsafe class Selection
{
    public static Handler Binary(Opcode opcode, bool isXConstant, bool isYConstant) => opcode switch
    {
        Opcode.Add => Binary<AddOperation>(isXConstant, isYConstant),
        Opcode.Mul => Binary<MulOperation>(isXConstant, isYConstant),
        Opcode.Sub => Binary<SubOperation>(isXConstant, isYConstant),
        Opcode.Div => Binary<DivOperation>(isXConstant, isYConstant),
        Opcode.SDiv => Binary<SDivOperation>(isXConstant, isYConstant),
        Opcode.Mod => Binary<ModOperation>(isXConstant, isYConstant),
        Opcode.SMod => Binary<SModOperation>(isXConstant, isYConstant),
        Opcode.SignExtend => Binary<SignExtendOperation>(isXConstant, isYConstant),
        Opcode.Lt => Binary<Truth<Less>>(isXConstant, isYConstant),
        Opcode.SLt => Binary<Truth<SignedLess>>(isXConstant, isYConstant),
        Opcode.Eq => Binary<Truth<Equal>>(isXConstant, isYConstant),
        Opcode.And => Binary<AndOperation>(isXConstant, isYConstant),
        Opcode.Or => Binary<OrOperation>(isXConstant, isYConstant),
        Opcode.Xor => Binary<XorOperation>(isXConstant, isYConstant),
        Opcode.Byte => Binary<ByteOperation>(isXConstant, isYConstant),
        Opcode.Shl => Binary<ShlOperation>(isXConstant, isYConstant),
        Opcode.Shr => Binary<ShrOperation>(isXConstant, isYConstant),
        Opcode.Sar => Binary<SarOperation>(isXConstant, isYConstant),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };

    public static Handler Unary(Opcode opcode, bool isConstant) => opcode switch
    {
        Opcode.IsZero => Unary<IsZeroOperation>(isConstant),
        Opcode.Not => Unary<NotOperation>(isConstant),
        Opcode.Clz => Unary<ClzOperation>(isConstant),
        Opcode.CallDataLoad => isConstant ? &Handlers.CallDataLoad<Constant> : &Handlers.CallDataLoad<Slot>,
        Opcode.SLoad => isConstant ? &Handlers.SLoad<Constant> : &Handlers.SLoad<Slot>,
        Opcode.BlockHash => isConstant ? &Handlers.BlockHash<Constant> : &Handlers.BlockHash<Slot>,
        Opcode.BlobHash => isConstant ? &Handlers.BlobHash<Constant> : &Handlers.BlobHash<Slot>,
        Opcode.TLoad => isConstant ? &Handlers.TLoad<Constant> : &Handlers.TLoad<Slot>,
        Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeHash => isConstant ? &Handlers.AskAccount<Constant> : &Handlers.AskAccount<Slot>,
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };

    public static Handler Reading(Opcode opcode) => opcode switch
    {
        Opcode.Address => &Handlers.ReadAddress<SelfReading>,
        Opcode.Origin => &Handlers.ReadAddress<OriginReading>,
        Opcode.Caller => &Handlers.ReadAddress<CallerReading>,
        Opcode.CallValue => &Handlers.Read<CallValueReading>,
        Opcode.CallDataSize => &Handlers.Read<CallDataSizeReading>,
        Opcode.CodeSize => &Handlers.Read<CodeSizeReading>,
        Opcode.GasPrice => &Handlers.Read<GasPriceReading>,
        Opcode.ReturnDataSize => &Handlers.Read<ReturnDataSizeReading>,
        Opcode.SelfBalance => &Handlers.Read<SelfBalanceReading>,
        Opcode.MSize => &Handlers.Read<MemorySizeReading>,
        Opcode.Coinbase => &Handlers.Read<CoinbaseReading>,
        Opcode.Timestamp => &Handlers.Read<TimestampReading>,
        Opcode.Number => &Handlers.Read<NumberReading>,
        Opcode.GasLimit => &Handlers.Read<GasLimitReading>,
        Opcode.ChainId => &Handlers.Read<ChainIdReading>,
        Opcode.BaseFee => &Handlers.Read<BaseFeeReading>,
        Opcode.BlobBaseFee => &Handlers.Read<BlobBaseFeeReading>,
        Opcode.PrevRandao => &Handlers.Read<PrevRandaoReading>,
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };

    /// <summary>The type behind <see cref="Reading"/>, for the compiler.</summary>
    public static Type ReadingOf(Opcode opcode) => opcode switch
    {
        Opcode.Address => typeof(SelfReading),
        Opcode.Origin => typeof(OriginReading),
        Opcode.Caller => typeof(CallerReading),
        Opcode.CallValue => typeof(CallValueReading),
        Opcode.CallDataSize => typeof(CallDataSizeReading),
        Opcode.CodeSize => typeof(CodeSizeReading),
        Opcode.GasPrice => typeof(GasPriceReading),
        Opcode.ReturnDataSize => typeof(ReturnDataSizeReading),
        Opcode.SelfBalance => typeof(SelfBalanceReading),
        Opcode.MSize => typeof(MemorySizeReading),
        Opcode.Coinbase => typeof(CoinbaseReading),
        Opcode.Timestamp => typeof(TimestampReading),
        Opcode.Number => typeof(NumberReading),
        Opcode.GasLimit => typeof(GasLimitReading),
        Opcode.ChainId => typeof(ChainIdReading),
        Opcode.BaseFee => typeof(BaseFeeReading),
        Opcode.BlobBaseFee => typeof(BlobBaseFeeReading),
        Opcode.PrevRandao => typeof(PrevRandaoReading),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };

    public static Handler JumpIf(Opcode opcode, bool isNegated, bool isXConstant, bool isYConstant) => opcode switch
    {
        Opcode.IsZero => JumpIf<Zero>(isNegated, isXConstant, isYConstant),
        Opcode.Lt => JumpIf<Less>(isNegated, isXConstant, isYConstant),
        Opcode.SLt => JumpIf<SignedLess>(isNegated, isXConstant, isYConstant),
        Opcode.Eq => JumpIf<Equal>(isNegated, isXConstant, isYConstant),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };

    public static Handler Modular(Opcode opcode, bool isConstant) => opcode == Opcode.AddMod
        ? isConstant ? &Handlers.AddMod<Constant> : &Handlers.AddMod<Slot>
        : isConstant ? &Handlers.MulMod<Constant> : &Handlers.MulMod<Slot>;

    public static Handler Copy(bool isConstant) => Unary<CopyOperation>(isConstant);

    public static Handler CopyTwo(bool isXConstant, bool isYConstant) => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.CopyTwo<Slot, Slot>,
        (false, true) => &Handlers.CopyTwo<Slot, Constant>,
        (true, false) => &Handlers.CopyTwo<Constant, Slot>,
        (true, true) => &Handlers.CopyTwo<Constant, Constant>,
    };

    public static Handler Keccak(bool isXConstant, bool isYConstant) => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.Keccak<Slot, Slot>,
        (false, true) => &Handlers.Keccak<Slot, Constant>,
        (true, false) => &Handlers.Keccak<Constant, Slot>,
        (true, true) => &Handlers.Keccak<Constant, Constant>,
    };

    public static Handler Return(bool isXConstant, bool isYConstant) => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.Return<Slot, Slot>,
        (false, true) => &Handlers.Return<Slot, Constant>,
        (true, false) => &Handlers.Return<Constant, Slot>,
        (true, true) => &Handlers.Return<Constant, Constant>,
    };

    public static Handler SStore(bool isXConstant, bool isYConstant) => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.SStore<Slot, Slot>,
        (false, true) => &Handlers.SStore<Slot, Constant>,
        (true, false) => &Handlers.SStore<Constant, Slot>,
        (true, true) => &Handlers.SStore<Constant, Constant>,
    };

    public static Handler TStore(bool isXConstant, bool isYConstant) => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.TStore<Slot, Slot>,
        (false, true) => &Handlers.TStore<Slot, Constant>,
        (true, false) => &Handlers.TStore<Constant, Slot>,
        (true, true) => &Handlers.TStore<Constant, Constant>,
    };

    public static Handler MStore(bool isConstant) => isConstant ? &Handlers.MStore<Constant> : &Handlers.MStore<Slot>;

    public static Handler MStoreAt(bool isConstant) => isConstant ? &Handlers.MStoreAt<Constant> : &Handlers.MStoreAt<Slot>;

    public static Handler MStore8(bool isConstant) => isConstant ? &Handlers.MStore8<Constant> : &Handlers.MStore8<Slot>;

    static Handler Binary<TOperation>(bool isXConstant, bool isYConstant) where TOperation : struct, IBinary => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.Binary<TOperation, Slot, Slot>,
        (false, true) => &Handlers.Binary<TOperation, Slot, Constant>,
        (true, false) => &Handlers.Binary<TOperation, Constant, Slot>,
        (true, true) => &Handlers.Binary<TOperation, Constant, Constant>,
    };

    static Handler Unary<TOperation>(bool isConstant) where TOperation : struct, IUnary => isConstant ? &Handlers.Unary<TOperation, Constant> : &Handlers.Unary<TOperation, Slot>;

    static Handler JumpIf<TCondition>(bool isNegated, bool isXConstant, bool isYConstant) where TCondition : struct, ICondition =>
        isNegated ? JumpIf<Not<TCondition>>(isXConstant, isYConstant) : JumpIf<TCondition>(isXConstant, isYConstant);

    static Handler JumpIf<TCondition>(bool isXConstant, bool isYConstant) where TCondition : struct, ICondition => (isXConstant, isYConstant) switch
    {
        (false, false) => &Handlers.JumpIf<TCondition, Slot, Slot>,
        (false, true) => &Handlers.JumpIf<TCondition, Slot, Constant>,
        (true, false) => &Handlers.JumpIf<TCondition, Constant, Slot>,
        (true, true) => &Handlers.JumpIf<TCondition, Constant, Constant>,
    };
}
