using System.Numerics;
using Hufu.Evm;
using Hufu.Primitives;
using Jint;
using Jint.Native;
using Jint.Runtime;
using Jint.Runtime.Interop;

namespace Hufu.Rpc;

/// <summary>What a tracer script sees of the machine: functions over the step, the frame and the state that it is called for. The objects around them are made in prelude.js.</summary>
sealed class ScriptHost
{
    const int LongestCopy = 1 << 20;

    static readonly string Prelude = ReadPrelude();

    readonly Engine _engine;
    readonly JsObject _made;
    readonly HeldStep _step = new();
    readonly Stack<Entered> _frames = [];
    UInt256[] _stackCopy = [];
    byte[] _memoryCopy = [];
    int _stackLength;
    bool _isCopy;
    TracedTransaction _transaction = null!;
    IStateView _state = null!;

    // The frame that enter and exit are about.
    string _type = "";
    Address _from, _to;
    UInt256? _value;
    ulong _gas, _gasUsed;
    byte[] _input = [], _output = [];
    string? _error;

    readonly record struct Entered(Address Self, Address Caller, UInt256 Value, byte[] Input);

    public ScriptHost(Engine engine)
    {
        _engine = engine;
        _made = new JsObject(engine);
        engine.SetValue("host", _made);
        AddBytes();
        AddStep();
        AddState();
        AddFrame();
        engine.Execute(Prelude, "prelude");
        engine.Global.Delete("host");
    }

    public long StepCost { get; set; }
    public string? StepError { get; set; }

    /// <summary>How many frames run.</summary>
    public int Depth => _frames.Count;

    /// <summary>An object that the prelude made of the functions here.</summary>
    public JsValue Made(string name) => _made.Get(name);

    public void Begin(TracedTransaction transaction, IStateView live) => (_transaction, _state) = (transaction, live);

    public void End(IStateView after)
    {
        Release();
        _state = after;
    }

    /// <param name="copies">The step is asked about only after it ran: its stack, and where wanted its memory, must outlive it.</param>
    public void Hold(in StepView step, bool copies, bool withMemory)
    {
        _step.Hold(step);
        (StepCost, StepError, _isCopy) = (0, null, copies);
        if (!copies) return;
        if (_stackCopy.Length < step.Stack.Length) _stackCopy = new UInt256[1024];
        step.Stack.CopyTo(_stackCopy);
        _stackLength = step.Stack.Length;
        _memoryCopy = withMemory ? step.Memory.ToArray() : [];
        _step.Release();
    }

    public void Release()
    {
        _step.Release();
        _stackLength = 0;
        _memoryCopy = [];
    }

    public string ErrorOf(Halt halt) => Faults.Describe(halt, _step.Opcode, _isCopy ? _stackLength : _step.Stack.Length, _step.Gas, _transaction.Rules);

    public void Enter(in FrameView frame)
    {
        // Code that runs in the name of its caller has the caller's address.
        var self = frame.Kind is FrameKind.DelegateCall or FrameKind.CallCode ? frame.From : frame.To;
        var caller = frame.Kind == FrameKind.DelegateCall && _frames.TryPeek(out var outer) ? outer.Caller : frame.From;
        var input = frame.Input.ToArray();
        _frames.Push(new Entered(self, caller, frame.Value, frame.Kind >= FrameKind.Create ? [] : input));
        _type = frame.Kind switch
        {
            FrameKind.Call => "CALL",
            FrameKind.CallCode => "CALLCODE",
            FrameKind.DelegateCall => "DELEGATECALL",
            FrameKind.StaticCall => "STATICCALL",
            FrameKind.Create => "CREATE",
            _ => "CREATE2",
        };
        (_from, _to, _gas, _input) = (frame.From, frame.To, (ulong)frame.Gas, input);
        _value = frame.Kind == FrameKind.StaticCall ? null : frame.Value;
    }

    public void Leave(Halt halt, ReadOnlySpan<byte> output, long gasUsed)
    {
        _frames.Pop();
        (_gasUsed, _output) = ((ulong)gasUsed, output.ToArray());
        _error = halt.IsSuccess() ? null : halt.Describe();
    }

    public void EnterSelfDestruct(in Address address, in Address beneficiary, in UInt256 balance) =>
        (_type, _from, _to, _gas, _input, _value) = ("SELFDESTRUCT", address, beneficiary, 0, [], balance);

    public void LeaveSelfDestruct() => (_gasUsed, _output, _error) = (0, [], null);

    /// <summary>The first parameter of the script's result function.</summary>
    public JsValue ContextOf(ExecutionResult result)
    {
        var context = new JsObject(_engine);
        context.Set("type", _transaction.To is null ? "CREATE" : "CALL");
        context.Set("from", Bytes(_transaction.From.Bytes));
        context.Set("to", Bytes(_transaction.Callee.Bytes));
        context.Set("input", Bytes(_transaction.Input.Span));
        context.Set("gas", Number(_transaction.Gas));
        context.Set("gasUsed", Number(result.GasUsed));
        context.Set("gasPrice", Big(_transaction.GasPrice));
        context.Set("intrinsicGas", Number(_transaction.IntrinsicGas.Gas));
        context.Set("value", Big(_transaction.Value));
        context.Set("block", Number(_transaction.Block.Number));
        context.Set("coinbase", Bytes(_transaction.Block.Beneficiary.Bytes));
        context.Set("output", Bytes(result.Output));
        if (!result.Succeeded) context.Set("error", result.Halt.Describe());
        if (_transaction.BlockHash is { } block) context.Set("blockHash", Bytes(block.Bytes));
        if (_transaction.Hash is { } hash)
        {
            context.Set("txHash", Bytes(hash.Bytes));
            context.Set("txIndex", JsNumber.Create(_transaction.Index ?? 0));
        }
        return _engine.Call(Made("contextOf"), context);
    }

    ReadOnlySpan<UInt256> Stack => _isCopy ? _stackCopy.AsSpan(0, _stackLength) : _step.Stack;
    ReadOnlySpan<byte> Memory => _isCopy ? _memoryCopy : _step.Memory;

    void AddStep()
    {
        Add("op", _ => JsNumber.Create((int)_step.Opcode));
        Add("opName", _ => new JsString(_step.Opcode.Mnemonic()));
        Add("isPush", _ => _step.Opcode is >= Opcode.Push0 and <= Opcode.Push32 ? JsBoolean.True : JsBoolean.False);
        Add("pc", _ => JsNumber.Create(_step.ProgramCounter));
        Add("gas", _ => JsNumber.Create(_step.Gas));
        Add("cost", _ => JsNumber.Create(StepCost));
        Add("depth", _ => JsNumber.Create(_step.Depth));
        Add("refund", _ => JsNumber.Create(_step.Refund));
        Add("error", _ => StepError is null ? JsValue.Undefined : new JsString(StepError));
        Add("stackLength", _ => JsNumber.Create(Stack.Length));
        Add("peek", arguments =>
        {
            var index = Integer(arguments, 0);
            if (index < 0 || index >= Stack.Length) throw Fault($"tracer accessed out of bound stack: size {Stack.Length}, index {index}");
            return Big(Stack[^(int)(index + 1)]);
        });
        Add("memoryLength", _ => JsNumber.Create(Memory.Length));
        Add("memory", arguments =>
        {
            var (start, end) = (Integer(arguments, 0), Integer(arguments, 1));
            if (start < 0 || end < start || end - start > LongestCopy) throw Fault($"tracer accessed out of bound memory: offset {start}, end {end}");
            return Bytes(Padded(start, (int)(end - start)));
        });
        Add("memoryWord", arguments =>
        {
            var offset = Integer(arguments, 0);
            if (offset < 0 || offset + 32 > Memory.Length) throw Fault($"tracer accessed out of bound memory: available {Memory.Length}, offset {offset}, size 32");
            return Big(UInt256.FromBigEndian(Memory.Slice((int)offset, 32)));
        });
        Add("self", _ => Bytes(_step.Self.Bytes));
        Add("caller", _ => Bytes(Running.Caller.Bytes));
        Add("value", _ => Big(Running.Value));
        Add("input", _ => Bytes(Running.Input));
    }

    void AddState()
    {
        Add("balance", arguments => Big(AccountOf(arguments).Balance));
        Add("nonce", arguments => Number(AccountOf(arguments).Nonce));
        Add("code", arguments => Bytes(AccountOf(arguments) is { HasCode: true } account ? _state.GetCode(account.CodeHash) : []));
        Add("state", arguments =>
        {
            var value = _state.GetStorage(Address.FromBytes(BytesOf(arguments, 0)), UInt256.FromBigEndian(BytesOf(arguments, 1)));
            return Bytes(Hash256.FromUInt256(value).Bytes);
        });
        Add("exists", arguments => _state.TryGetAccount(Address.FromBytes(BytesOf(arguments, 0)), out _) ? JsBoolean.True : JsBoolean.False);
        Add("isPrecompiled", arguments => PrecompileSet.For(_transaction.Rules).Contains(Address.FromBytes(BytesOf(arguments, 0))) ? JsBoolean.True : JsBoolean.False);
    }

    void AddFrame()
    {
        Add("frameType", _ => new JsString(_type));
        Add("frameFrom", _ => Bytes(_from.Bytes));
        Add("frameTo", _ => Bytes(_to.Bytes));
        Add("frameInput", _ => Bytes(_input));
        Add("frameGas", _ => Number(_gas));
        Add("frameValue", _ => _value is { } value ? Big(value) : JsValue.Undefined);
        Add("frameGasUsed", _ => Number(_gasUsed));
        Add("frameOutput", _ => Bytes(_output));
        Add("frameError", _ => _error is null ? JsValue.Undefined : new JsString(_error));
    }

    void AddBytes()
    {
        Add("toHex", arguments => new JsString(Hex.Encode(BytesOf(arguments, 0))));
        Add("bytes", arguments => Bytes(BytesOf(arguments, 0)));
        Add("toFixed", arguments =>
        {
            var (bytes, fixedBytes) = (BytesOf(arguments, 0), new byte[Integer(arguments, 1)]);
            // The last bytes count, as in a number.
            if (bytes.Length > fixedBytes.Length) bytes = bytes[^fixedBytes.Length..];
            bytes.CopyTo(fixedBytes.AsSpan(fixedBytes.Length - bytes.Length));
            return Bytes(fixedBytes);
        });
        Add("toContract", arguments => Bytes(Address.ForCreate(Address.FromBytes(BytesOf(arguments, 0)), (ulong)Math.Max(0, Integer(arguments, 1))).Bytes));
        Add("toContract2", arguments => Bytes(Address.ForCreate2(Address.FromBytes(BytesOf(arguments, 0)), Hash256.FromBytes(BytesOf(arguments, 1)), Keccak256.Hash(BytesOf(arguments, 2))).Bytes));
        Add("slice", arguments =>
        {
            var (bytes, start, end) = (BytesOf(arguments, 0), Integer(arguments, 1), Integer(arguments, 2));
            if (start < 0 || end < start || end > bytes.Length) throw Fault($"tracer accessed out of bound memory: available {bytes.Length}, offset {start}, size {end - start}");
            return Bytes(bytes.AsSpan((int)start, (int)(end - start)));
        });
    }

    void Add(string name, Func<JsValue[], JsValue> function) => _made.Set(name, new ClrFunction(_engine, name, (_, arguments) => function(arguments)));

    Entered Running => _frames.TryPeek(out var frame) ? frame : default;

    Account AccountOf(JsValue[] arguments) => _state.TryGetAccount(Address.FromBytes(BytesOf(arguments, 0)), out var account) ? account : Account.Empty;

    byte[] Padded(long start, int size)
    {
        var bytes = new byte[size];
        if (start < Memory.Length) Memory.Slice((int)start, Math.Min(size, Memory.Length - (int)start)).CopyTo(bytes);
        return bytes;
    }

    JsValue Bytes(ReadOnlySpan<byte> bytes) => _engine.Intrinsics.Uint8Array.Construct(bytes);

    static JsNumber Number(ulong value) => JsNumber.Create((double)value);

    static JsValue Big(in UInt256 value) => new JsBigInt((BigInteger)value);

    static long Integer(JsValue[] arguments, int index) => index < arguments.Length ? (long)Math.Clamp(TypeConverter.ToInteger(arguments[index]), -1e15, 1e15) : 0;

    /// <summary>Bytes as scripts give them: an array of bytes, a list of numbers, or hexadecimal text.</summary>
    byte[] BytesOf(JsValue[] arguments, int index)
    {
        var value = index < arguments.Length ? arguments[index] : JsValue.Undefined;
        if (value.IsUint8Array()) return value.AsUint8Array();
        if (value.IsString())
        {
            var text = value.AsString();
            var digits = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text;
            if (digits.Length <= 2 * LongestCopy && TryDecode(digits.Length % 2 == 0 ? digits : "0" + digits, out var bytes)) return bytes;
        }
        else if (value is JsArray array && array.Length <= LongestCopy) return [.. array.Select(item => (byte)TypeConverter.ToInteger(item))];
        throw Fault("invalid buffer type: give bytes, a list of numbers or hexadecimal text");
    }

    static bool TryDecode(string digits, out byte[] bytes)
    {
        bytes = new byte[digits.Length / 2];
        return Convert.FromHexString(digits, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    JavaScriptException Fault(string why) => new(_engine.Intrinsics.Error, why);

    static string ReadPrelude()
    {
        using var stream = typeof(ScriptHost).Assembly.GetManifestResourceStream("Hufu.Rpc.Tracing.Scripts.prelude.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
