namespace Hufu.Tests.Evm;

/// <summary>
/// Programs made by chance that get somewhere: their jumps mostly land, their stack mostly suffices, they loop until the gas is gone or a branch
/// leads out. One number makes one program.
/// </summary>
sealed class GeneratedProgram
{
    static readonly byte[] Binary = [0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1b, 0x1c, 0x1d];
    static readonly byte[] Unary = [0x15, 0x19, 0x1e, 0x35, 0x54, 0x5c, 0x31, 0x3b, 0x3f, 0x40, 0x49];
    static readonly byte[] Nullary = [0x30, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3a, 0x3d, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x4a, 0x4b, 0x58, 0x59, 0x5a, 0x5f];

    readonly Random _random;
    readonly List<byte> _code = [];
    readonly List<(int At, int Label)> _mentions = [];
    readonly int[] _labels;
    readonly byte[][] _callees;
    int _depth;

    GeneratedProgram(int seed, byte[][] callees)
    {
        _random = new Random(seed);
        _callees = callees;
        _labels = new int[_random.Next(1, 9)];
    }

    /// <param name="callees">Addresses that it calls, 20 bytes each.</param>
    public static byte[] Of(int seed, params byte[][] callees) => new GeneratedProgram(seed, callees).Write();

    byte[] Write()
    {
        for (var label = 0; label < _labels.Length; label++)
        {
            _labels[label] = _code.Count;
            for (var i = _random.Next(1, 3); i > 0; i--) Add(0x5b);
            for (var i = _random.Next(25); i > 0; i--) WriteInstruction();
            WriteEnd();
        }
        foreach (var (at, label) in _mentions) (_code[at], _code[at + 1]) = ((byte)(_labels[label] >> 8), (byte)_labels[label]);
        return [.. _code];
    }

    void WriteInstruction()
    {
        switch (_random.Next(100))
        {
            case < 28: Push(); return;
            case < 38 when _depth > 0: Add((byte)(0x80 + _random.Next(Math.Min(_depth, 16)))); _depth++; return;
            case < 46 when _depth > 1: Add((byte)(0x90 + _random.Next(Math.Min(_depth - 1, 16)))); return;
            case < 50 when _depth > 0: Add(0x50); _depth--; return;
            case < 66 when _depth > 1: Add(Any(Binary)); _depth--; return;
            case < 70 when _depth > 0: Add(Any(Unary)); return;
            case < 72 when _depth > 2: Add((byte)_random.Next(8, 10)); _depth -= 2; return;
            case < 77: Add(Any(Nullary)); _depth++; return;
            case < 79: PushSmall(); Add(0x51); return;
            case < 82 when _depth > 0: PushSmall(); Add((byte)_random.Next(0x52, 0x54)); _depth -= 2; return;
            case < 84: PushSmall(); PushSmall(); Add(0x20); _depth--; return;
            case < 86 when _depth > 0: PushTiny(); Add(Any([0x55, 0x5d])); _depth -= 2; return;
            case < 88: PushSmall(); PushSmall(); PushSmall(); Add(Any([0x37, 0x39, 0x3e, 0x5e])); _depth -= 3; return;
            case < 90: WriteLog(); return;
            case < 93: WriteCall(); return;
            case < 94: PushSmall(); PushSmall(); PushTiny(); Add(0xf0); _depth -= 2; return;
            case < 95: Add((byte)_random.Next(0xe6, 0xe9)); Add((byte)_random.Next(256)); return;
            case < 96: Add((byte)_random.Next(256)); return;
            default: Push(); return;
        }
    }

    void WriteLog()
    {
        var topics = _random.Next(5);
        for (var i = 0; i < topics; i++) Push();
        PushSmall();
        PushSmall();
        Add((byte)(0xa0 + topics));
        _depth -= topics + 2;
    }

    void WriteCall()
    {
        var kind = Any([0xf1, 0xf1, 0xf2, 0xf4, 0xfa]);
        for (var i = 0; i < 4; i++) PushSmall();
        if (kind <= 0xf2) PushTiny();
        Add(0x73);
        _code.AddRange(_callees[_random.Next(_callees.Length)]);
        _depth++;
        if (_random.Next(2) == 0) Push([(byte)_random.Next(256), (byte)_random.Next(256)]);
        else
        {
            Add(0x5a);
            _depth++;
        }
        Add(kind);
        _depth -= kind <= 0xf2 ? 6 : 5;
    }

    void WriteEnd()
    {
        switch (_random.Next(12))
        {
            case 0: Add(0x00); break;
            case 1: PushSmall(); PushSmall(); Add(Any([0xf3, 0xfd])); break;
            case 2: PushLabel(); Add(0x56); break;
            case 3: Push(); Add(0x56); break;
            case 4: Add(0x73); _code.AddRange(_callees[0]); Add(0xff); break;
            case 5:
                // A jump to where memory says.
                PushLabel();
                PushSmall();
                _code.AddRange([0x81, 0x81, 0x52, 0x51, 0x56]);
                break;
            case 6: break;
            default:
                if (_depth > 1 && _random.Next(3) > 0) Add(Any([0x10, 0x11, 0x12, 0x13, 0x14, 0x03, 0x18]));
                for (var i = _random.Next(3); i > 0; i--) Add(0x15);
                PushLabel();
                Add(0x57);
                _depth = Math.Max(0, _depth - 2);
                break;
        }
        _depth = Math.Max(0, _depth);
    }

    void Push()
    {
        switch (_random.Next(6))
        {
            case 0: PushTiny(); break;
            case 1: Push([.. Enumerable.Repeat((byte)0xff, _random.Next(1, 33))]); break;
            case 2: Push([0x80, .. new byte[_random.Next(0, 32)]]); break;
            case 3: Push([(byte)_random.Next(1, 256), .. new byte[7 + 8 * _random.Next(3)]]); break;
            default:
                var bytes = new byte[_random.Next(1, 33)];
                _random.NextBytes(bytes);
                Push(bytes);
                break;
        }
    }

    void PushTiny() => Push([(byte)_random.Next(4)]);

    void PushSmall() => Push([(byte)_random.Next(_random.Next(2) == 0 ? 33 : 256)]);

    void PushLabel()
    {
        _mentions.Add((_code.Count + 1, _random.Next(_labels.Length)));
        Push(new byte[2]);
    }

    void Push(byte[] bytes)
    {
        Add((byte)(0x5f + bytes.Length));
        _code.AddRange(bytes);
        _depth++;
    }

    byte Any(byte[] choices) => choices[_random.Next(choices.Length)];

    void Add(byte opcode) => _code.Add(opcode);
}
