using Hufu.Primitives;
using unsafe Handler = delegate*<Hufu.Evm.Threaded.Instruction*, byte*, long, Hufu.Evm.Threaded.Context*, long>;

namespace Hufu.Evm.Threaded;

/// <summary>
/// Writes threaded code: block after block from one position on, as far as execution can fall through, decides where each word stands,
/// and picks the handler of each instruction.
/// </summary>
/// <remarks>
/// A result is computed right where it stands after the block, if what stood there is not needed any more; else into a word beyond the
/// stack, from where it is moved at the end. What only moves in code (DUP, SWAP, PUSH, POP) moves once, at the block's end, or never.
/// </remarks>
sealed unsafe partial class Translator
{
    const int Word = 32;
    const int MostBlocks = 48;
    const int MostInstructions = 4000;

    readonly Block _block = new();
    readonly List<UInt256> _constants = [];
    readonly Dictionary<UInt256, int> _constantIndices = [];

    // Where an instruction names a constant: the distance is known when all instructions are.
    readonly List<(int Instruction, Field Field, int Constant)> _mentions = [];
    readonly Stack<int> _freeScratch = new();

    // Taken for the instruction that is being written only.
    readonly Stack<int> _lent = new();
    readonly List<(int To, int From)> _moves = [];
    Instruction[] _instructions = new Instruction[1024];

    // What each instruction is, for the compiler.
    Form[] _forms = new Form[1024];
    ThreadedCode _code = null!;
    int _count, _scratch;

    // The copy last written, to be joined with the next.
    int _lastCopy;
    bool _isLastCopyConstant;

    enum Field : byte { B, C, D }

    /// <summary>Where each block begins: its position in the code and its first instruction's index.</summary>
    public List<(int Position, int Index)> Heads { get; } = [];

    public int Bytes => (_count + _constants.Count) * Word;

    /// <summary>What the instructions are, in their order.</summary>
    public ReadOnlySpan<Form> Forms => _forms.AsSpan(0, _count);

    public void Translate(ThreadedCode threaded, Code code, int begin)
    {
        Begin(threaded);
        for (var at = begin; ;)
        {
            _block.Read(code, at, threaded.Schedule, threaded.Schedule.ListsAccesses);
            WriteBlock();
            if (_block.End is BlockEnd.Jump or BlockEnd.Finish) return;
            at = _block.Next;
            if (Heads.Count < MostBlocks && _count < MostInstructions && !threaded.Has(at)) continue;
            WriteHead(at, 0, 0, GasSchedule.StackLimit);
            Write(&Handlers.Jump, new Form(FormKind.Jump)).D = code.IsJumpDestination((ulong)at) ? at : ~at;
            return;
        }
    }

    /// <summary>Makes a block that leaves all to the plain interpreter.</summary>
    public void Refuse(int begin)
    {
        Begin(null!);
        WriteHead(begin, 0, 1, 0);
        Write(&Handlers.Stop);
    }

    /// <summary>Puts instructions and constants there.</summary>
    public Instruction* CopyTo(byte* place)
    {
        var first = (Instruction*)place;
        foreach (var (index, field, constant) in _mentions)
        {
            ref var instruction = ref _instructions[index];
            var distance = (_count - index + constant) * Word;
            switch (field)
            {
                case Field.B: instruction.B = distance; break;
                case Field.C: instruction.C = distance; break;
                default: instruction.D = distance; break;
            }
        }
        for (var i = 0; i < _count; i++) first[i] = _instructions[i];
        for (var i = 0; i < _constants.Count; i++) ((UInt256*)(first + _count))[i] = _constants[i];
        return first;
    }

    void Begin(ThreadedCode threaded)
    {
        _code = threaded;
        _count = 0;
        _constants.Clear();
        _constantIndices.Clear();
        _mentions.Clear();
        Heads.Clear();
    }

    void WriteBlock()
    {
        Heads.Add((_block.Begin, _count));
        WriteHead(_block.Begin, _block.Gas, _block.Needs, _block.Allows);
        if (_code.Countdown >= 0 && _code.IsDestination(_block.Begin)) Write(&Handlers.Count, new Form(FormKind.Count)).D = _code.Countdown;
        _lastCopy = -1;
        _freeScratch.Clear();
        _scratch = Math.Max(_block.Highest, _block.Top) + 1;
        var jump = FindUses();
        for (var i = 0; i < _block.NodeCount; i++)
            if (!_block.Nodes[i].IsDropped) WriteNode(i);
        WriteEnd(jump);
    }

    void WriteHead(int position, long gas, int needs, int allows)
    {
        ref var head = ref Write(&Handlers.Enter, new Form(FormKind.Head));
        head.Immediate = gas;
        head.D = position;
        // A stack that cannot be right for all instructions is right for none.
        (head.B, head.C) = needs <= allows ? (needs, allows - needs) : (0x7FF, 0);
    }

    // ---- uses ----

    /// <summary>The question a jump asks.</summary>
    struct Question
    {
        public Opcode Opcode;
        public int First, Second;
        public bool IsNegated;
    }

    // Counts who needs each value and until when, and takes out what nobody needs.
    Question FindUses()
    {
        var last = _block.NodeCount;
        if (_block.End != BlockEnd.Finish)
        {
            for (var position = _block.Lowest; position <= _block.Top; position++)
            {
                ref var value = ref _block.Values[_block.At(position)];
                value.Uses++;
                value.LastUse = last;
                if (!value.IsKept || (value.Kind == ValueKind.Entry && value.Place == position)) value.Home = position;
                value.IsKept = true;
            }
        }
        var jump = new Question { Opcode = Opcode.IsZero, First = _block.Condition, IsNegated = true };
        if (_block.End is BlockEnd.Jump or BlockEnd.Finish or BlockEnd.JumpIf && _block.Target != 0) Use(_block.Target, last);
        if (_block.End is BlockEnd.JumpIf or BlockEnd.Finish && _block.Condition != 0) Use(_block.Condition, last);

        var isFusible = _block.End == BlockEnd.JumpIf && _block.Values[_block.Target].Kind == ValueKind.Constant;
        for (var i = _block.NodeCount - 1; i >= 0; i--)
        {
            ref var node = ref _block.Nodes[i];
            if (node.Result != 0 && _block.Values[node.Result].Uses == 0 && IsPure(node.Opcode))
            {
                node.IsDropped = true;
                continue;
            }
            // The jump asks the question itself where nobody else wants the answer.
            if (isFusible && node.Result != 0 && node.Result == jump.First && _block.Values[node.Result].Uses == 1 && jump.Opcode == Opcode.IsZero && TryFuse(ref jump, node))
            {
                node.IsDropped = true;
                Use(jump.First, last);
                if (jump.Second != 0) Use(jump.Second, last);
                continue;
            }
            for (var operand = 0; operand < node.Takes; operand++) Use(node.Operands[operand], i);
        }
        return jump;
    }

    static bool TryFuse(ref Question jump, in Node node)
    {
        switch (node.Opcode)
        {
            case Opcode.IsZero:
                jump.First = node.Operands[0];
                jump.IsNegated = !jump.IsNegated;
                return true;
            case Opcode.Lt or Opcode.SLt or Opcode.Eq:
                (jump.Opcode, jump.First, jump.Second) = (node.Opcode, node.Operands[0], node.Operands[1]);
                break;
            case Opcode.Gt or Opcode.SGt:
                (jump.Opcode, jump.First, jump.Second) = (node.Opcode == Opcode.Gt ? Opcode.Lt : Opcode.SLt, node.Operands[1], node.Operands[0]);
                break;
            // Their difference is not zero where they are not equal.
            case Opcode.Sub or Opcode.Xor:
                (jump.Opcode, jump.First, jump.Second) = (Opcode.Eq, node.Operands[0], node.Operands[1]);
                return true;
            default:
                return false;
        }
        // The question was whether the truth value is zero.
        jump.IsNegated = !jump.IsNegated;
        return true;
    }

    void Use(int name, int user)
    {
        ref var value = ref _block.Values[name];
        value.Uses++;
        value.LastUse = Math.Max(value.LastUse, user);
    }

    static bool IsPure(Opcode opcode) => opcode is not (Opcode.Exp or Opcode.Keccak256 or Opcode.MLoad or Opcode.SLoad or Opcode.Balance or Opcode.ExtCodeSize
        or Opcode.ExtCodeHash or Opcode.TLoad or Opcode.BlockHash or Opcode.BlobHash);

    // ---- places ----

    int PlaceFor(int name, int node)
    {
        ref var value = ref _block.Values[name];
        return value.Place = value.IsKept && IsFree(value.Home, node) ? value.Home : TakeScratch();
    }

    // Whether what the block found on the position is needed by no later instruction and is not to be moved elsewhere.
    bool IsFree(int position, int node)
    {
        var found = position > 0 ? 0 : _block.FoundAt(position);
        if (found == 0) return true;
        ref readonly var value = ref _block.Values[found];
        return value.LastUse <= node && !value.IsKept;
    }

    int TakeScratch() => _freeScratch.TryPop(out var place) ? place : _scratch++;

    void Release(int name, int node)
    {
        ref readonly var value = ref _block.Values[name];
        if (value.Kind == ValueKind.Result && value.LastUse == node && value.Place > Math.Max(_block.Highest, _block.Top) && !_freeScratch.Contains(value.Place)) _freeScratch.Push(value.Place);
    }

    // ---- instructions ----

    ref Instruction Write(Handler handler, Form form = default)
    {
        if (_count == _instructions.Length)
        {
            Array.Resize(ref _instructions, 2 * _instructions.Length);
            Array.Resize(ref _forms, 2 * _forms.Length);
        }
        _forms[_count] = form;
        ref var instruction = ref _instructions[_count++];
        instruction = default;
        instruction.Run = handler;
        return ref instruction;
    }

    bool IsConstant(int name) => _block.Values[name].Kind == ValueKind.Constant;

    // Says in the instruction last written where the operand stands.
    void Mention(Field field, int name)
    {
        ref readonly var value = ref _block.Values[name];
        ref var instruction = ref _instructions[_count - 1];
        if (value.Kind == ValueKind.Constant)
        {
            if (!_constantIndices.TryGetValue(value.Constant, out var index))
            {
                index = _constants.Count;
                _constants.Add(value.Constant);
                _constantIndices.Add(value.Constant, index);
            }
            _mentions.Add((_count - 1, field, index));
            return;
        }
        var place = value.Place * Word;
        switch (field)
        {
            case Field.B: instruction.B = place; break;
            case Field.C: instruction.C = place; break;
            default: instruction.D = place; break;
        }
    }

    // Copies a value to a position; two copies in a row become one instruction.
    void WriteCopy(int position, int name)
    {
        var isConstant = IsConstant(name);
        if (_lastCopy == _count - 1 && _lastCopy >= 0)
        {
            ref var previous = ref _instructions[_lastCopy];
            previous.Run = Selection.CopyTwo(_isLastCopyConstant, isConstant);
            _forms[_lastCopy] = new Form(FormKind.CopyTwo, default, _isLastCopyConstant, isConstant);
            previous.C = position * Word;
            Mention(Field.D, name);
            _lastCopy = -1;
            return;
        }
        Write(Selection.Copy(isConstant), new Form(FormKind.Copy, default, isConstant)).A = position * Word;
        Mention(Field.B, name);
        _lastCopy = _count - 1;
        _isLastCopyConstant = isConstant;
    }

    // The value where an instruction that takes no constants can read it.
    int OnStack(int name)
    {
        if (!IsConstant(name)) return _block.Values[name].Place;
        var place = TakeScratch();
        WriteCopy(place, name);
        _lent.Push(place);
        return place;
    }

    void WriteNode(int index)
    {
        var node = _block.Nodes[index];
        var (x, y) = (node.Operands[0], node.Operands[1]);
        switch (node.Opcode)
        {
            case Opcode.Gt or Opcode.SGt:
                WriteBinary(index, node.Opcode == Opcode.Gt ? Opcode.Lt : Opcode.SLt, y, x);
                break;
            case Opcode.Add or Opcode.Mul or Opcode.And or Opcode.Or or Opcode.Xor or Opcode.Eq when IsConstant(x):
                WriteBinary(index, node.Opcode, y, x);
                break;
            case Opcode.Add or Opcode.Mul or Opcode.Sub or Opcode.Div or Opcode.SDiv or Opcode.Mod or Opcode.SMod or Opcode.SignExtend or Opcode.Lt or Opcode.SLt or Opcode.Eq
                or Opcode.And or Opcode.Or or Opcode.Xor or Opcode.Byte or Opcode.Shl or Opcode.Shr or Opcode.Sar:
                WriteBinary(index, node.Opcode, x, y);
                break;
            case Opcode.IsZero or Opcode.Not or Opcode.Clz or Opcode.CallDataLoad or Opcode.BlockHash or Opcode.BlobHash or Opcode.SLoad or Opcode.TLoad or Opcode.Balance or Opcode.ExtCodeSize
                or Opcode.ExtCodeHash:
                WriteUnary(index, node, x);
                break;
            case Opcode.AddMod or Opcode.MulMod:
                WriteModular(index, node);
                break;
            case Opcode.Exp:
                {
                    var (b, e) = (OnStack(x), OnStack(y));
                    Write(&Handlers.Exp);
                    (Last.B, Last.C, Last.A) = (b * Word, e * Word, ResultOf(index));
                    break;
                }
            case Opcode.Keccak256:
                Write(Selection.Keccak(IsConstant(x), IsConstant(y)), new Form(FormKind.Keccak, node.Opcode, IsConstant(x), IsConstant(y)));
                Mention(Field.B, x);
                Mention(Field.C, y);
                Last.A = ResultOf(index);
                break;
            case Opcode.MLoad:
                WriteMemory(x, &Handlers.MLoadAt, &Handlers.MLoad, new Form(FormKind.MLoad));
                Last.A = ResultOf(index);
                break;
            case Opcode.MStore:
                WriteMemory(x, Selection.MStoreAt(IsConstant(y)), Selection.MStore(IsConstant(y)), new Form(FormKind.MStore, default, false, IsConstant(y)));
                Mention(Field.C, y);
                break;
            case Opcode.MStore8:
                {
                    var offset = OnStack(x);
                    Write(Selection.MStore8(IsConstant(y))).B = offset * Word;
                    Mention(Field.C, y);
                    break;
                }
            case Opcode.SStore:
                Write(Selection.SStore(IsConstant(x), IsConstant(y)), new Form(FormKind.SStore, node.Opcode, IsConstant(x), IsConstant(y)));
                Mention(Field.B, x);
                Mention(Field.C, y);
                // Two words beyond all that are taken: one above the other.
                Last.A = (_scratch + 1) * Word;
                Last.Immediate = _block.Gas - node.GasUntilHere;
                break;
            case Opcode.TStore:
                Write(Selection.TStore(IsConstant(x), IsConstant(y)), new Form(FormKind.TStore, node.Opcode, IsConstant(x), IsConstant(y)));
                Mention(Field.B, x);
                Mention(Field.C, y);
                break;
            case Opcode.Gas:
                Write(&Handlers.Gas).Immediate = _block.Gas - node.GasUntilHere;
                Last.A = ResultOf(index);
                break;
            case Opcode.Address or Opcode.Origin or Opcode.Caller or Opcode.CallValue or Opcode.CallDataSize or Opcode.CodeSize or Opcode.GasPrice or Opcode.ReturnDataSize
                or Opcode.SelfBalance or Opcode.MSize or Opcode.Coinbase or Opcode.Timestamp or Opcode.Number or Opcode.GasLimit or Opcode.ChainId or Opcode.BaseFee
                or Opcode.BlobBaseFee or Opcode.PrevRandao:
                Write(Selection.Reading(node.Opcode), new Form(FormKind.Reading, node.Opcode));
                Last.A = ResultOf(index);
                break;
            default:
                WriteOutside(index, node);
                break;
        }
        for (var i = 0; i < node.Takes; i++) Release(node.Operands[i], index);
        while (_lent.TryPop(out var place)) _freeScratch.Push(place);
    }

    ref Instruction Last => ref _instructions[_count - 1];

    int ResultOf(int node) => PlaceFor(_block.Nodes[node].Result, node) * Word;

    void WriteBinary(int index, Opcode opcode, int x, int y)
    {
        Write(Selection.Binary(opcode, IsConstant(x), IsConstant(y)), new Form(FormKind.Binary, opcode, IsConstant(x), IsConstant(y)));
        Mention(Field.B, x);
        Mention(Field.C, y);
        Last.A = ResultOf(index);
    }

    void WriteUnary(int index, in Node node, int x)
    {
        Write(Selection.Unary(node.Opcode, IsConstant(x)), new Form(FormKind.Unary, node.Opcode, IsConstant(x))).Immediate = _block.Gas - node.GasUntilHere;
        Mention(Field.B, x);
        Last.A = ResultOf(index);
        Last.D = (int)node.Opcode;
    }

    void WriteModular(int index, in Node node)
    {
        var (x, y, modulus) = (OnStack(node.Operands[0]), OnStack(node.Operands[1]), node.Operands[2]);
        Write(Selection.Modular(node.Opcode, IsConstant(modulus)), new Form(FormKind.Modular, node.Opcode, false, false, IsConstant(modulus)));
        (Last.B, Last.C) = (x * Word, y * Word);
        Mention(Field.D, modulus);
        Last.A = ResultOf(index);
    }

    // An offset that the code names, and that any memory could reach, stands in the instruction itself.
    void WriteMemory(int offset, Handler at, Handler anywhere, Form form)
    {
        ref readonly var value = ref _block.Values[offset];
        if (value.Kind == ValueKind.Constant && value.Constant.FitsUInt64 && value.Constant.Low64 <= int.MaxValue)
        {
            Write(at, form with { IsXConstant = true }).Immediate = (long)value.Constant.Low64;
            return;
        }
        var place = OnStack(offset);
        Write(anywhere, form).B = place * Word;
    }

    // The plain interpreter's instruction: its operands side by side, the first one on top.
    void WriteOutside(int index, in Node node)
    {
        var takes = node.Takes;
        int top;
        if (takes <= 1 && node.Result != 0)
        {
            // Its result replaces its only operand, or is pushed.
            var place = ResultOf(index) / Word;
            if (takes == 1) WriteCopy(place, node.Operands[0]);
            top = takes == 1 ? place : place - 1;
        }
        else
        {
            top = _scratch + takes - 1;
            for (var i = 0; i < takes; i++) WriteCopy(top - i, node.Operands[i]);
        }
        var isCopy = node.Opcode is Opcode.CallDataCopy or Opcode.CodeCopy or Opcode.ReturnDataCopy or Opcode.MCopy;
        ref var instruction = ref Write(isCopy ? &Handlers.Copy : &Handlers.Outside, new Form(isCopy ? FormKind.CopyMemory : FormKind.Outside, node.Opcode));
        instruction.A = top * Word;
        instruction.D = (int)node.Opcode;
        instruction.Immediate = _block.Gas - node.GasUntilHere;
    }
}
