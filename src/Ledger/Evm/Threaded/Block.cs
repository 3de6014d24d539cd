using Hufu.Primitives;

namespace Hufu.Evm.Threaded;

/// <summary>How a block hands over to what comes after it.</summary>
enum BlockEnd
{
    /// <summary>Goes on to the instruction behind it, which begins another block.</summary>
    FallThrough,
    Jump,
    JumpIf,

    /// <summary>A call or creation: the stack is put in order, and the next block begins when it is over.</summary>
    Depart,

    /// <summary>The frame ends: nobody looks at the stack again.</summary>
    Finish,
}

/// <summary>
/// A stretch of code without a jump in or out, run once on names instead of numbers: what each instruction computes from what, what it costs
/// together, how much stack it needs, and what the stack holds after it.
/// </summary>
/// <remarks>Positions on the stack are counted from the top at the block's beginning: 0 is that top, 1 the first word pushed on it.</remarks>
sealed unsafe class Block
{
    // What a block may hold at most: the words it needs beside the stack must fit behind the stack's limit (StackArena).
    const int MostNodes = 250;
    const int MostInstructions = 600;

    // A block goes on through a JUMPDEST, which makes code that jumps there be translated twice: not more than a little of it.
    const int NodesBeforeDestination = 24;

    const int Origin = 1400;
    const int Positions = 2 * Origin;

    // The name on each position; 0 where it is what the block found there.
    readonly int[] _stack = new int[Positions];

    // The name of what the block found on each position; 0 where it did not look.
    readonly int[] _found = new int[Positions];
    int _lowest = 1, _highest = 1;

    public Value[] Values = new Value[512];
    public Node[] Nodes = new Node[256];
    public int ValueCount, NodeCount;

    /// <summary>The position of the top after the block.</summary>
    public int Top;

    /// <summary>Static gas of all its instructions.</summary>
    public long Gas;

    /// <summary>The stack must hold that many words, and may hold that many.</summary>
    public int Needs, Allows;

    public int Begin, Next;
    public BlockEnd End;

    /// <summary>Of a jump: the names of target and condition. Of a departure or a finish: the instruction.</summary>
    public int Target, Condition;
    public Opcode Last;
    public Halt Halt;

    /// <summary>Positions from here to <see cref="Top"/> may hold something else after the block.</summary>
    public int Lowest => _lowest;

    /// <summary>The highest position that ever held a word.</summary>
    public int Highest => _highest;

    /// <summary>The name of what the position holds after the block.</summary>
    public int At(int position)
    {
        ref var name = ref _stack[position + Origin];
        if (name != 0) return name;
        if (position < _lowest) _lowest = position;
        name = Name(new Value { Kind = ValueKind.Entry, Place = position });
        _found[position + Origin] = name;
        return name;
    }

    /// <summary>The name of what the block found on the position; 0 where it did not look.</summary>
    public int FoundAt(int position) => _found[position + Origin];

    /// <summary>Reads the block that begins there.</summary>
    /// <param name="endsAtState">Whether instructions that meet the state end a block, so that none is met which could not be paid for (EIP-7928 lists it).</param>
    public void Read(Code code, int begin, GasSchedule schedule, bool endsAtState)
    {
        Array.Clear(_stack, _lowest + Origin, _highest - _lowest + 1);
        Array.Clear(_found, _lowest + Origin, _highest - _lowest + 1);
        _lowest = 1;
        _highest = 1;
        ValueCount = 1;
        NodeCount = 0;
        Top = 0;
        Gas = 0;
        Needs = 0;
        Allows = GasSchedule.StackLimit;
        Begin = begin;
        Halt = Halt.None;

        var at = begin;
        for (var count = 0; ; count++)
        {
            Next = at;
            var opcode = at < code.Length ? (Opcode)code.Start[at] : Opcode.Stop;
            var isFull = count >= MostInstructions || NodeCount >= MostNodes || Math.Abs(Top) > GasSchedule.StackLimit;
            if (isFull || (opcode == Opcode.JumpDest && NodeCount > NodesBeforeDestination))
            {
                End = BlockEnd.FallThrough;
                return;
            }
            var rule = schedule.Rules[(int)opcode];
            if (!rule.IsDefined || !Reserve(rule, opcode, code, at))
            {
                Finish(opcode, Halt.InvalidOpcode);
                return;
            }
            Gas += rule.Gas;
            at++;
            if (opcode is >= Opcode.Push1 and <= Opcode.Push32)
            {
                var size = opcode - Opcode.Push0;
                Push(ReadPushed(code, at, size));
                at += size;
                continue;
            }
            Next = at;
            if (!Take(opcode, code, ref at)) return;
            if (!endsAtState || opcode is not (Opcode.SLoad or Opcode.SStore or Opcode.Balance or Opcode.ExtCodeSize or Opcode.ExtCodeCopy or Opcode.ExtCodeHash)) continue;
            Next = at;
            End = BlockEnd.FallThrough;
            return;
        }
    }

    // False where the block ends with it.
    bool Take(Opcode opcode, Code code, ref int at)
    {
        switch (opcode)
        {
            case Opcode.JumpDest: return true;
            case Opcode.Pop: Pop(); return true;
            case Opcode.Push0: Push(UInt256.Zero); return true;
            case Opcode.Pc: Push((ulong)(at - 1)); return true;
            case Opcode.CodeSize: Push((ulong)code.Length); return true;
            case >= Opcode.Dup1 and <= Opcode.Dup16: PushName(At(Top - (opcode - Opcode.Dup1))); return true;
            case >= Opcode.Swap1 and <= Opcode.Swap16: Swap(Top, Top - (opcode - Opcode.Swap1) - 1); return true;
            case Opcode.DupN:
                DeepStack.TryDepth(code.Start[at++], out var depth);
                PushName(At(Top - depth + 1));
                return true;
            case Opcode.SwapN:
                DeepStack.TryDepth(code.Start[at++], out depth);
                Swap(Top, Top - depth);
                return true;
            case Opcode.Exchange:
                DeepStack.TryPair(code.Start[at++], out var first, out var second);
                Swap(Top - first, Top - second);
                return true;

            case Opcode.Jump:
                Target = Pop();
                End = BlockEnd.Jump;
                return false;
            case Opcode.JumpI:
                Target = Pop();
                Condition = Pop();
                End = BlockEnd.JumpIf;
                return false;

            case Opcode.Stop: return Finish(opcode, Halt.Stop);
            case Opcode.Invalid: return Finish(opcode, Halt.InvalidOpcode);
            case Opcode.Return: return Finish(opcode, Halt.Return, takes: 2);
            case Opcode.Revert: return Finish(opcode, Halt.Revert, takes: 2);
            case Opcode.SelfDestruct: return Finish(opcode, Halt.None, takes: 1);

            case Opcode.Create or Opcode.Create2 or Opcode.Call or Opcode.CallCode or Opcode.DelegateCall or Opcode.StaticCall:
                Last = opcode;
                End = BlockEnd.Depart;
                return false;

            default:
                Compute(opcode);
                return true;
        }
    }

    bool Finish(Opcode opcode, Halt halt, int takes = 0)
    {
        End = BlockEnd.Finish;
        Last = opcode;
        Halt = halt;
        Target = takes > 0 ? Pop() : 0;
        Condition = takes > 1 ? Pop() : 0;
        return false;
    }

    // An instruction that takes words and leaves none or one.
    void Compute(Opcode opcode)
    {
        var (takes, leaves) = Shape(opcode);
        var node = new Node { Opcode = opcode, Takes = takes, GasUntilHere = Gas };
        for (var i = 0; i < takes; i++) node.Operands[i] = Pop();
        if (leaves == 1 && Folding.TryFold(this, node, out var constant))
        {
            Push(constant);
            return;
        }
        if (leaves == 1)
        {
            node.Result = Name(new Value { Kind = ValueKind.Result, Node = NodeCount });
            PushName(node.Result);
        }
        if (NodeCount == Nodes.Length) Array.Resize(ref Nodes, 2 * Nodes.Length);
        Nodes[NodeCount++] = node;
    }

    /// <summary>How many words an instruction that computes takes, and how many it leaves.</summary>
    static (int Takes, int Leaves) Shape(Opcode opcode) => opcode switch
    {
        Opcode.AddMod or Opcode.MulMod => (3, 1),
        <= Opcode.SignExtend or (>= Opcode.Lt and <= Opcode.Eq) or (>= Opcode.And and <= Opcode.Xor) or (>= Opcode.Byte and <= Opcode.Sar) or Opcode.Keccak256 => (2, 1),
        Opcode.IsZero or Opcode.Not or Opcode.Clz or Opcode.Balance or Opcode.CallDataLoad or Opcode.ExtCodeSize or Opcode.ExtCodeHash
            or Opcode.BlockHash or Opcode.BlobHash or Opcode.MLoad or Opcode.SLoad or Opcode.TLoad => (1, 1),
        Opcode.CallDataCopy or Opcode.CodeCopy or Opcode.ReturnDataCopy or Opcode.MCopy => (3, 0),
        Opcode.ExtCodeCopy => (4, 0),
        Opcode.MStore or Opcode.MStore8 or Opcode.SStore or Opcode.TStore => (2, 0),
        >= Opcode.Log0 and <= Opcode.Log4 => (opcode - Opcode.Log0 + 2, 0),
        _ => (0, 1),
    };

    // What the instruction asks of the stack, in terms of the block's beginning. False: it cannot be what it seems (EIP-8024).
    bool Reserve(OpcodeRule rule, Opcode opcode, Code code, int at)
    {
        var least = (int)rule.MinHeight;
        switch (opcode)
        {
            case Opcode.DupN:
                if (!DeepStack.TryDepth(code.Start[at + 1], out least)) return false;
                break;
            case Opcode.SwapN:
                if (!DeepStack.TryDepth(code.Start[at + 1], out least)) return false;
                least++;
                break;
            case Opcode.Exchange:
                if (!DeepStack.TryPair(code.Start[at + 1], out _, out least)) return false;
                least++;
                break;
        }
        Needs = Math.Max(Needs, least - Top);
        Allows = Math.Min(Allows, rule.MinHeight + rule.HeightRange - Top);
        return true;
    }

    static UInt256 ReadPushed(Code code, int at, int size)
    {
        // Code is followed by zeros, as an argument cut short is.
        return UInt256.FromBigEndian(new ReadOnlySpan<byte>(code.Start + at, size));
    }

    void Push(in UInt256 constant) => PushName(Name(new Value { Kind = ValueKind.Constant, Constant = constant }));

    void PushName(int name)
    {
        Top++;
        _stack[Top + Origin] = name;
        if (Top > _highest) _highest = Top;
    }

    int Pop()
    {
        var name = At(Top);
        Top--;
        return name;
    }

    void Swap(int first, int second)
    {
        var (a, b) = (At(first), At(second));
        (_stack[first + Origin], _stack[second + Origin]) = (b, a);
    }

    /// <summary>A name for a copy that the translator made.</summary>
    public int NameOfCopy(int place) => Name(new Value { Kind = ValueKind.Result, Place = place });

    int Name(in Value value)
    {
        if (ValueCount == Values.Length) Array.Resize(ref Values, 2 * Values.Length);
        Values[ValueCount] = value;
        return ValueCount++;
    }
}

enum ValueKind : byte { Entry, Constant, Result }

/// <summary>A word that has a name in a block: found on the stack, written in the code, or computed.</summary>
struct Value
{
    public ValueKind Kind;
    public UInt256 Constant;

    /// <summary>Where it stands: for what was found its position, for what is computed what the translator decides.</summary>
    public int Place;

    /// <summary>What computes it.</summary>
    public int Node;

    /// <summary>How often it is an operand or on the stack after the block, and the last node that reads it.</summary>
    public int Uses, LastUse;

    /// <summary>A position where it stands after the block, if <see cref="IsKept"/>.</summary>
    public int Home;
    public bool IsKept;
}

/// <summary>An instruction that computes.</summary>
struct Node
{
    public Opcode Opcode;
    public int Takes;
    public OperandNames Operands;

    /// <summary>The name of what it leaves; 0 for nothing.</summary>
    public int Result;

    /// <summary>What the block's instructions cost up to and with this one.</summary>
    public long GasUntilHere;

    /// <summary>Whether nobody misses it: it only computes, and its result is not used; or the jump at the block's end does its work.</summary>
    public bool IsDropped;
}

[System.Runtime.CompilerServices.InlineArray(6)]
struct OperandNames
{
    int _first;
}
