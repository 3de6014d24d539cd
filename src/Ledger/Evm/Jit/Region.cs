using System.Reflection;
using System.Reflection.Emit;
using Hufu.Evm.Threaded;

namespace Hufu.Evm.Jit;

/// <summary>
/// Blocks that lead to one another by jumps the code itself names, compiled together: one method with the convention of a handler, entered where
/// its first block's handlers would begin. Whatever leads out of it, and every instruction it does not know, goes on in threaded code.
/// </summary>
/// <remarks>
/// Beyond 60,000 bytes of IL RyuJIT stops optimising and makes code slower than the interpreter's, so a region ends well before that.
/// </remarks>
sealed unsafe class Region
{
    const int MostBlocks = 32;
    const int MostIl = 30_000;

    // What an instruction comes to at most.
    const int IlPerInstruction = 60;

    static readonly Type[] Parameters = [typeof(nint), typeof(nint), typeof(long), typeof(nint)];

    readonly ThreadedCode _code;
    readonly List<nint> _blocks = [];
    readonly Dictionary<nint, Label> _labels = [];
    ILGenerator _il = null!;

    // Instructions in the order of their blocks, each with what it is; a block's end is the first that leads out.
    readonly Dictionary<nint, List<(nint At, Form Form)>> _instructions = [];

    Region(ThreadedCode code) => _code = code;

    /// <summary>The region that begins with the block; null where there is nothing to gain. The code's gate is held.</summary>
    public static Region? From(ThreadedCode code, Instruction* head)
    {
        var region = new Region(code);
        region.Collect(head);
        return region._instructions[(nint)head].Count > 1 ? region : null;
    }

    void Collect(Instruction* first)
    {
        var waiting = new Queue<nint>();
        waiting.Enqueue((nint)first);
        var size = 0;
        while (waiting.TryDequeue(out var at))
        {
            if (_instructions.ContainsKey(at) || (_blocks.Count > 0 && (_blocks.Count >= MostBlocks || size > MostIl))) continue;
            var instructions = new List<(nint, Form)>();
            for (var n = (Instruction*)at + 1; ; n++)
            {
                if (!_code.Forms.TryGetValue((nint)n, out var form)) break;
                instructions.Add(((nint)n, form));
                size += IlPerInstruction;
                if (form.Kind is FormKind.Jump or FormKind.JumpIf && n->Immediate != 0) waiting.Enqueue((nint)n->Immediate);
                if (form.Kind is FormKind.JumpIf or FormKind.Next) waiting.Enqueue((nint)(n + 1));
                if (form.Kind is FormKind.Jump or FormKind.JumpIf or FormKind.Next or FormKind.Handled || instructions.Count * IlPerInstruction > MostIl) break;
            }
            _blocks.Add(at);
            _instructions.Add(at, instructions);
        }
    }

    public DynamicMethod Emit()
    {
        var method = new DynamicMethod("region", typeof(long), Parameters, typeof(Region).Module, skipVisibility: true);
        _il = method.GetILGenerator(4096);
        foreach (var block in _blocks) _labels[block] = _il.DefineLabel();
        foreach (var block in _blocks)
        {
            _il.MarkLabel(_labels[block]);
            EmitBlock(_instructions[block]);
        }
        return method;
    }

    void EmitBlock(List<(nint At, Form Form)> instructions)
    {
        for (var i = 0; i < instructions.Count; i++)
        {
            var (at, form) = instructions[i];
            var n = (Instruction*)at;
            switch (form.Kind)
            {
                case FormKind.Count: break;
                case FormKind.Binary: EmitBinary(n, form); break;
                case FormKind.Unary: EmitUnary(n, form); break;
                case FormKind.Modular: EmitModular(n, form); break;
                case FormKind.Copy: EmitCopy(n, n->A, n->B, form.IsXConstant); break;
                case FormKind.CopyTwo:
                    EmitCopy(n, n->A, n->B, form.IsXConstant);
                    EmitCopy(n, n->C, n->D, form.IsYConstant);
                    break;
                case FormKind.Swap: Place(n->A); Place(n->B); Call(nameof(Steps.Swap)); break;
                case FormKind.MLoad or FormKind.MStore: EmitMemory(n, form); break;
                case FormKind.Keccak:
                    Operand(n, n->B, form.IsXConstant); Operand(n, n->C, form.IsYConstant); Place(n->A);
                    CallWithGas(typeof(Handlers), nameof(Handlers.Hash));
                    break;
                case FormKind.SStore:
                    Operand(n, n->B, form.IsXConstant); Operand(n, n->C, form.IsYConstant); Place(n->A); _il.Emit(OpCodes.Ldc_I8, n->Immediate);
                    CallWithGas(typeof(Handlers), nameof(Handlers.StoreSlot), hasHalt: true);
                    break;
                case FormKind.TStore:
                    Operand(n, n->B, form.IsXConstant); Operand(n, n->C, form.IsYConstant);
                    CallWithGas(typeof(Handlers), nameof(Handlers.StoreTransient), hasHalt: true);
                    break;
                case FormKind.Reading:
                    _il.Emit(OpCodes.Ldarg_3); Place(n->A);
                    _il.Emit(OpCodes.Call, Selection.ReadingOf(form.Opcode).GetMethod(nameof(IReading.Read))!);
                    break;
                case FormKind.CopyMemory:
                    Pointer((nint)n); _il.Emit(OpCodes.Ldarg_1);
                    CallWithGas(typeof(Handlers), nameof(Handlers.RunCopy), hasHalt: true);
                    break;
                case FormKind.Outside:
                    Pointer((nint)n); _il.Emit(OpCodes.Ldarg_1);
                    CallWithGas(typeof(Handlers), nameof(Handlers.RunOutside), hasHalt: true);
                    break;
                case FormKind.Next: EmitEdge(n + 1, n->A); return;
                case FormKind.Jump when n->Immediate != 0: EmitEdge((Instruction*)n->Immediate, n->A); return;
                case FormKind.JumpIf when n->Immediate != 0: EmitJumpIf(n, form); return;
                default: EmitLeave(n); return;
            }
        }
        // Cut short: the rest of the block runs as threaded code.
        EmitLeave((Instruction*)instructions[^1].At + 1);
    }

    void EmitBinary(Instruction* n, Form form)
    {
        var operation = OperationOf(form.Opcode);
        var done = _il.DefineLabel();
        Operands(n, form);
        Place(n->A);
        _il.Emit(OpCodes.Call, operation.GetMethod(nameof(AddOperation.Try))!);
        _il.Emit(OpCodes.Brtrue, done);
        Operands(n, form);
        Place(n->A);
        _il.Emit(OpCodes.Call, operation.GetMethod(nameof(AddOperation.Full))!);
        _il.MarkLabel(done);
    }

    void EmitUnary(Instruction* n, Form form)
    {
        Operand(n, n->B, form.IsXConstant);
        Place(n->A);
        switch (form.Opcode)
        {
            case Opcode.CallDataLoad or Opcode.BlockHash or Opcode.BlobHash or Opcode.TLoad:
                _il.Emit(OpCodes.Ldarg_3);
                _il.Emit(OpCodes.Call, typeof(Handlers).GetMethod(form.Opcode switch
                {
                    Opcode.CallDataLoad => nameof(Handlers.LoadCallData),
                    Opcode.BlockHash => nameof(Handlers.LoadBlockHash),
                    Opcode.BlobHash => nameof(Handlers.LoadBlobHash),
                    _ => nameof(Handlers.LoadTransient),
                })!);
                break;
            case Opcode.SLoad:
                _il.Emit(OpCodes.Ldc_I8, n->Immediate);
                CallWithGas(typeof(Handlers), nameof(Handlers.LoadSlot));
                break;
            case Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeHash:
                _il.Emit(OpCodes.Ldc_I4, (int)form.Opcode);
                _il.Emit(OpCodes.Ldc_I8, n->Immediate);
                CallWithGas(typeof(Handlers), nameof(Handlers.AskAccountFor));
                break;
            default:
                var operation = form.Opcode == Opcode.IsZero ? typeof(IsZeroOperation) : form.Opcode == Opcode.Not ? typeof(NotOperation) : typeof(ClzOperation);
                _il.Emit(OpCodes.Call, operation.GetMethod(nameof(NotOperation.Apply))!);
                break;
        }
    }

    void EmitModular(Instruction* n, Form form)
    {
        Place(n->B);
        Place(n->C);
        Operand(n, n->D, form.Flag);
        Place(n->A);
        _il.Emit(OpCodes.Call, typeof(Handlers).GetMethod(form.Opcode == Opcode.AddMod ? nameof(Handlers.AddModulo) : nameof(Handlers.MultiplyModulo))!);
    }

    void EmitCopy(Instruction* n, int to, int from, bool isConstant)
    {
        Operand(n, from, isConstant);
        Place(to);
        _il.Emit(OpCodes.Call, typeof(CopyOperation).GetMethod(nameof(CopyOperation.Apply))!);
    }

    // Where the memory does not reach, it grows, and the access is tried again.
    void EmitMemory(Instruction* n, Form form)
    {
        var again = _il.DefineLabel();
        var done = _il.DefineLabel();
        _il.MarkLabel(again);
        Offset();
        if (form.Kind == FormKind.MStore) Operand(n, n->C, form.IsYConstant);
        else Place(n->A);
        _il.Emit(OpCodes.Ldarg_3);
        Call((form.Kind, form.IsXConstant) switch
        {
            (FormKind.MLoad, true) => nameof(Steps.TryLoadAt),
            (FormKind.MLoad, false) => nameof(Steps.TryLoad),
            (_, true) => nameof(Steps.TryStoreAt),
            _ => nameof(Steps.TryStore),
        });
        _il.Emit(OpCodes.Brtrue, done);
        if (form.IsXConstant) Pointer((nint)n);
        else Place(n->B);
        CallWithGas(typeof(Handlers), form.IsXConstant ? nameof(Handlers.ReachImmediate) : nameof(Handlers.ReachWord));
        _il.Emit(OpCodes.Br, again);
        _il.MarkLabel(done);

        void Offset()
        {
            if (form.IsXConstant) _il.Emit(OpCodes.Ldc_I8, n->Immediate);
            else Place(n->B);
        }
    }

    void EmitJumpIf(Instruction* n, Form form)
    {
        var taken = _il.DefineLabel();
        Operand(n, n->B, form.IsXConstant);
        Operand(n, n->C, form.IsYConstant);
        var condition = form.Opcode switch
        {
            Opcode.Lt => typeof(Less),
            Opcode.SLt => typeof(SignedLess),
            Opcode.Eq => typeof(Equal),
            _ => typeof(Zero),
        };
        _il.Emit(OpCodes.Call, condition.GetMethod(nameof(Less.Holds))!);
        _il.Emit(form.Flag ? OpCodes.Brfalse : OpCodes.Brtrue, taken);
        EmitEdge(n + 1, n->A);
        _il.MarkLabel(taken);
        EmitEdge((Instruction*)n->Immediate, n->A);
    }

    // To another block: it is paid for, the stack is looked at, and execution goes on here if the block is of this region.
    void EmitEdge(Instruction* head, int grows)
    {
        var refused = _il.DefineLabel();
        if (grows != 0)
        {
            Place(grows);
            _il.Emit(OpCodes.Starg_S, (byte)1);
        }
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldc_I8, head->Immediate);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Starg_S, (byte)2);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Blt, refused);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Conv_I4);
        _il.Emit(OpCodes.Ldc_I4_5);
        _il.Emit(OpCodes.Shr);
        _il.Emit(OpCodes.Ldc_I4, 0x7FF);
        _il.Emit(OpCodes.And);
        _il.Emit(OpCodes.Ldc_I4, head->B);
        _il.Emit(OpCodes.Sub);
        _il.Emit(OpCodes.Ldc_I4, head->C);
        _il.Emit(OpCodes.Bgt_Un, refused);
        if (_labels.TryGetValue((nint)head, out var label)) _il.Emit(OpCodes.Br, label);
        else EmitLeave(head + 1);

        _il.MarkLabel(refused);
        Pointer((nint)head);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldc_I8, head->Immediate);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldarg_3);
        _il.Emit(OpCodes.Call, typeof(Handlers).GetMethod(nameof(Handlers.Refuse))!);
        _il.Emit(OpCodes.Ret);
    }

    // On to the instruction's handler, by a jump.
    void EmitLeave(Instruction* n)
    {
        Pointer((nint)n);
        _il.Emit(OpCodes.Ldarg_1);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldarg_3);
        Pointer((nint)n);
        _il.Emit(OpCodes.Ldind_I);
        _il.Emit(OpCodes.Tailcall);
        _il.EmitCalli(OpCodes.Calli, CallingConventions.Standard, typeof(long), Parameters, null);
        _il.Emit(OpCodes.Ret);
    }

    void Operands(Instruction* n, Form form)
    {
        Operand(n, n->B, form.IsXConstant);
        Operand(n, n->C, form.IsYConstant);
    }

    void Operand(Instruction* n, int place, bool isConstant)
    {
        if (isConstant) Pointer((nint)((byte*)n + place));
        else Place(place);
    }

    void Place(int place)
    {
        _il.Emit(OpCodes.Ldarg_1);
        if (place == 0) return;
        _il.Emit(OpCodes.Ldc_I4, place);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    void Pointer(nint address)
    {
        _il.Emit(OpCodes.Ldc_I8, (long)address);
        _il.Emit(OpCodes.Conv_I);
    }

    void Call(string step) => _il.Emit(OpCodes.Call, typeof(Steps).GetMethod(step)!);

    // A function that takes gas and context last and answers with the gas left; less than none ends the frame.
    void CallWithGas(Type type, string name, bool hasHalt = false)
    {
        var goesOn = _il.DefineLabel();
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldarg_3);
        _il.Emit(OpCodes.Call, type.GetMethod(name)!);
        _il.Emit(OpCodes.Starg_S, (byte)2);
        _il.Emit(OpCodes.Ldarg_2);
        _il.Emit(OpCodes.Ldc_I4_0);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Bge, goesOn);
        if (hasHalt)
        {
            _il.Emit(OpCodes.Ldarg_3);
            Call(nameof(Steps.HaltOf));
        }
        else _il.Emit(OpCodes.Ldc_I8, (long)Halt.OutOfGas);
        _il.Emit(OpCodes.Ret);
        _il.MarkLabel(goesOn);
    }

    static Type OperationOf(Opcode opcode) => opcode switch
    {
        Opcode.Add => typeof(AddOperation),
        Opcode.Mul => typeof(MulOperation),
        Opcode.Sub => typeof(SubOperation),
        Opcode.Div => typeof(DivOperation),
        Opcode.SDiv => typeof(SDivOperation),
        Opcode.Mod => typeof(ModOperation),
        Opcode.SMod => typeof(SModOperation),
        Opcode.SignExtend => typeof(SignExtendOperation),
        Opcode.Lt => typeof(Truth<Less>),
        Opcode.SLt => typeof(Truth<SignedLess>),
        Opcode.Eq => typeof(Truth<Equal>),
        Opcode.And => typeof(AndOperation),
        Opcode.Or => typeof(OrOperation),
        Opcode.Xor => typeof(XorOperation),
        Opcode.Byte => typeof(ByteOperation),
        Opcode.Shl => typeof(ShlOperation),
        Opcode.Shr => typeof(ShrOperation),
        Opcode.Sar => typeof(SarOperation),
        _ => throw new ArgumentOutOfRangeException(nameof(opcode), opcode, null),
    };
}
