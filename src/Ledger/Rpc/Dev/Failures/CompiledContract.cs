using Hufu.Evm;

namespace Hufu.Rpc;

/// <summary>Code as the compiler wrote it, with what each instruction was compiled from.</summary>
/// <param name="code">What the compiler left open (addresses of libraries, values of immutables) is zero.</param>
/// <param name="holes">Where it left something open: place and length.</param>
/// <param name="isCreation">Whether this is the code that makes the contract, with its arguments still to come.</param>
/// <param name="sourceMap">As the compiler wrote it.</param>
/// <param name="files">The files by the compiler's numbers.</param>
sealed class CompiledContract(string name, byte[] code, IReadOnlyList<(int Start, int Length)> holes, bool isCreation, string sourceMap, IReadOnlyDictionary<int, SourceFile> files)
{
    int[]? _instructionAt;
    SourceSpan[]? _spans;

    // Few of the contracts in a folder ever fail.
    SourceSpan[] Spans => _spans ??= SourceMap.Read(sourceMap) ?? [];

    public string Name => name;
    public bool IsCreation => isCreation;
    public int Length => code.Length;

    /// <summary>Whether code of a chain is this, the holes filled.</summary>
    public bool Is(ReadOnlySpan<byte> deployed)
    {
        if (isCreation ? deployed.Length < code.Length : deployed.Length != code.Length) return false;
        var at = 0;
        foreach (var (start, length) in holes)
        {
            if (start < at) continue;
            if (!deployed[at..start].SequenceEqual(code.AsSpan(at..start))) return false;
            at = start + length;
        }
        return deployed[at..code.Length].SequenceEqual(code.AsSpan(at));
    }

    public char JumpAt(int programCounter) => SpanAt(programCounter)?.Jump ?? '-';

    /// <summary>Whether somebody wrote what an instruction was compiled from.</summary>
    public bool IsWritten(int programCounter) => SpanAt(programCounter) is { } span && files.ContainsKey(span.File);

    /// <summary>The source of an instruction; null where nobody wrote it.</summary>
    public string? Describe(int programCounter) => SpanAt(programCounter) is { } span && files.TryGetValue(span.File, out var file) ? file.Describe(span) : null;

    /// <summary>The source of a call of a function; null where nobody wrote it.</summary>
    public string? DescribeCall(int programCounter) =>
        SpanAt(programCounter) is { } span && files.TryGetValue(span.File, out var file) && !file.IsDeclaration(span) ? file.Describe(span) : null;

    SourceSpan? SpanAt(int programCounter) => InstructionAt(programCounter) is var at && at >= 0 && at < Spans.Length ? Spans[at] : null;

    int InstructionAt(int programCounter)
    {
        if (_instructionAt is not { } table)
        {
            table = new int[code.Length];
            Array.Fill(table, -1);
            for (int at = 0, count = 0; at < code.Length; count++)
            {
                table[at] = count;
                var opcode = (Opcode)code[at];
                at += opcode is >= Opcode.Push1 and <= Opcode.Push32 ? opcode - Opcode.Push1 + 2 : 1;
            }
            _instructionAt = table;
        }
        return (uint)programCounter < (uint)table.Length ? table[programCounter] : -1;
    }
}
