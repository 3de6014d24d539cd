namespace Hufu.Evm.Threaded;

/// <content>The end of a block: all words go to where they belong, and execution to where it goes on.</content>
sealed unsafe partial class Translator
{
    void WriteEnd(Question jump)
    {
        var top = _block.Top * Word;
        switch (_block.End)
        {
            case BlockEnd.FallThrough:
                WriteMoves();
                Write(&Handlers.Next, new Form(FormKind.Next)).A = top;
                return;

            case BlockEnd.Depart:
                WriteMoves();
                Write(&Handlers.Depart);
                (Last.A, Last.D, Last.Immediate) = (top, (int)_block.Last, _block.Next);
                return;

            case BlockEnd.Finish:
                WriteFinish();
                return;

            case BlockEnd.Jump when IsConstant(_block.Target):
                WriteMoves();
                WriteJump(_block.Target, top);
                return;

            case BlockEnd.Jump:
                {
                    var target = Kept(_block.Target);
                    WriteMoves();
                    Write(&Handlers.JumpTo);
                    (Last.A, Last.B) = (top, target * Word);
                    return;
                }

            case BlockEnd.JumpIf when IsConstant(_block.Target):
                WriteConditionalJump(jump, top);
                return;

            default:
                {
                    var (target, condition) = (Kept(_block.Target), KeptOnStack(_block.Condition));
                    WriteMoves();
                    Write(&Handlers.JumpIfTo);
                    (Last.A, Last.B, Last.C) = (top, target * Word, condition * Word);
                    return;
                }
        }
    }

    void WriteFinish()
    {
        switch (_block.Last)
        {
            case Opcode.Return or Opcode.Revert when _block.Halt != Halt.InvalidOpcode:
                Write(Selection.Return(IsConstant(_block.Target), IsConstant(_block.Condition))).A = (int)_block.Halt;
                Mention(Field.B, _block.Target);
                Mention(Field.C, _block.Condition);
                return;
            case Opcode.SelfDestruct when _block.Halt != Halt.InvalidOpcode:
                {
                    var place = TakeScratch();
                    WriteCopy(place, _block.Target);
                    Write(&Handlers.Depart);
                    (Last.A, Last.D, Last.Immediate) = (place * Word, (int)_block.Last, _block.Next);
                    return;
                }
            default:
                Write(&Handlers.Stop).A = (int)_block.Halt;
                return;
        }
    }

    void WriteJump(int target, int top)
    {
        if (!TryPosition(target, out var position))
        {
            Write(&Handlers.Stop).A = (int)Halt.InvalidJump;
            return;
        }
        Write(&Handlers.Jump, new Form(FormKind.Jump));
        (Last.A, Last.D) = (top, position);
    }

    void WriteConditionalJump(Question jump, int top)
    {
        if (jump.Opcode == Opcode.IsZero && IsConstant(jump.First))
        {
            WriteMoves();
            if (_block.Values[jump.First].Constant.IsZero != jump.IsNegated) WriteJump(_block.Target, top);
            else Write(&Handlers.Next, new Form(FormKind.Next)).A = top;
            return;
        }
        // A jump that takes its operands from where words are moved to takes them from copies.
        Protect(ref jump.First);
        if (jump.Second != 0) Protect(ref jump.Second);
        WriteMoves();
        // An equality asks the same either way round.
        if (jump.Opcode == Opcode.Eq && IsConstant(jump.First)) (jump.First, jump.Second) = (jump.Second, jump.First);
        var isSecondConstant = jump.Second != 0 && IsConstant(jump.Second);
        Write(Selection.JumpIf(jump.Opcode, jump.IsNegated, IsConstant(jump.First), isSecondConstant), new Form(FormKind.JumpIf, jump.Opcode, IsConstant(jump.First), isSecondConstant, jump.IsNegated));
        Last.A = top;
        Mention(Field.B, jump.First);
        if (jump.Second != 0) Mention(Field.C, jump.Second);
        Last.D = TryPosition(_block.Target, out var position) ? position : int.MaxValue;
    }

    bool TryPosition(int name, out int position)
    {
        ref readonly var target = ref _block.Values[name].Constant;
        position = target.FitsUInt64 && target.Low64 < int.MaxValue ? (int)target.Low64 : int.MaxValue;
        return _code.IsDestination(position);
    }

    // Whether a move at the block's end writes over the value.
    bool IsOverwritten(int name)
    {
        ref readonly var value = ref _block.Values[name];
        return value.Kind != ValueKind.Constant && value.Place >= _block.Lowest && value.Place <= _block.Top && _block.At(value.Place) != name;
    }

    void Protect(ref int name)
    {
        if (!IsOverwritten(name)) return;
        var place = _scratch++;
        WriteCopy(place, name);
        name = _block.NameOfCopy(place);
    }

    int Kept(int name)
    {
        Protect(ref name);
        return _block.Values[name].Place;
    }

    int KeptOnStack(int name)
    {
        if (!IsConstant(name)) return Kept(name);
        var place = _scratch++;
        WriteCopy(place, name);
        return place;
    }

    // All words to their positions at once: a word is written when nobody waits for what it covers; a circle is opened by an exchange.
    void WriteMoves()
    {
        _moves.Clear();
        for (var position = _block.Lowest; position <= _block.Top; position++)
        {
            var name = _block.At(position);
            if (!IsConstant(name) && _block.Values[name].Place != position) _moves.Add((position, _block.Values[name].Place));
        }
        while (_moves.Count > 0)
        {
            var free = _moves.FindIndex(move => !_moves.Exists(other => other.From == move.To));
            if (free >= 0)
            {
                WriteMove(_moves[free].To, _moves[free].From);
                _moves.RemoveAt(free);
                continue;
            }
            var (to, from) = _moves[0];
            Write(&Handlers.Swap, new Form(FormKind.Swap));
            (Last.A, Last.B) = (to * Word, from * Word);
            _lastCopy = -1;
            for (var i = 0; i < _moves.Count; i++)
            {
                if (_moves[i].From == to) _moves[i] = (_moves[i].To, from);
                else if (_moves[i].From == from) _moves[i] = (_moves[i].To, to);
            }
            _moves.RemoveAll(move => move.To == move.From);
        }
        for (var position = _block.Lowest; position <= _block.Top; position++)
        {
            var name = _block.At(position);
            if (IsConstant(name)) WriteCopy(position, name);
        }
    }

    void WriteMove(int to, int from)
    {
        if (_lastCopy == _count - 1 && _lastCopy >= 0)
        {
            ref var previous = ref _instructions[_lastCopy];
            previous.Run = Selection.CopyTwo(_isLastCopyConstant, false);
            _forms[_lastCopy] = new Form(FormKind.CopyTwo, default, _isLastCopyConstant);
            (previous.C, previous.D) = (to * Word, from * Word);
            _lastCopy = -1;
            return;
        }
        Write(Selection.Copy(false), new Form(FormKind.Copy));
        (Last.A, Last.B) = (to * Word, from * Word);
        _lastCopy = _count - 1;
        _isLastCopyConstant = false;
    }
}
