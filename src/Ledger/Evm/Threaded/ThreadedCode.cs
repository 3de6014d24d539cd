using System.Runtime.InteropServices;
using Hufu.Evm.Jit;

namespace Hufu.Evm.Threaded;

/// <summary>
/// The threaded form of one code under one fork, translated block by block as execution reaches them, so that code costs by what of it runs.
/// Shared by all machines: a block is complete before a pointer to it is seen. It lives as long as its code (<see cref="CodeCache"/> bounds both).
/// </summary>
sealed unsafe class ThreadedCode : IDisposable
{
    const int SmallestChunk = 1 << 10, LargestChunk = 1 << 14;

    // Code made to be translated again from each of its bytes is left to the plain interpreter beyond this.
    const int BytesPerCodeByte = 256;

    // Codes up to this length share a table of no targets until a jump has found one: who is called and does little needs none of its own
    // (a thousand contracts of 24 KB, each called once, took 67 times revm's time with theirs).
    const int SharedLength = 1 << 16;
    static readonly Instruction** NoTargets = (Instruction**)NativeMemory.AllocZeroed(SharedLength, (nuint)sizeof(nint));

    [ThreadStatic]
    static Translator? _translator;

    readonly Code _code;
    readonly Lock _translating = new();
    readonly List<nint> _chunks = [];

    /// <summary>What the instructions are, kept where they may be compiled. To be read under <see cref="Gate"/>.</summary>
    public Dictionary<nint, Form> Forms { get; } = [];

    /// <summary>Held while the code is translated, and while the compiler reads what was.</summary>
    public Lock Gate => _translating;

    // Blocks that begin where no jump may go: at the first byte, and where a translation stopped.
    readonly Dictionary<int, nint> _inner = [];
    readonly long _mostBytes;
    readonly bool _isCached;
    Instruction* _entry;
    byte* _free, _end;
    long _bytes;

    ThreadedCode(Code code, GasSchedule schedule, int countdown, bool isCached)
    {
        _code = code;
        _isCached = isCached;
        Countdown = countdown;
        Schedule = schedule;
        _mostBytes = (1 << 16) + (long)BytesPerCodeByte * code.Length;
        Targets = NoTargets;
        if (code.Length > SharedLength) TakeTargets();
    }

    ~ThreadedCode() => Free();

    /// <summary>To be called where nobody else can have it: of init code, when it has run.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    void Free()
    {
        if (Targets != NoTargets) NativeMemory.Free(Targets);
        foreach (var chunk in _chunks) NativeMemory.Free((void*)chunk);
    }

    public GasSchedule Schedule { get; }

    /// <summary>How often a block that jumps go to runs before it is compiled; less than nothing where none is.</summary>
    public int Countdown { get; }

    /// <summary>What the compiler made of this code; null before it made anything.</summary>
    public CompiledCode? Compiled { get; set; }

    /// <summary>The block that the code begins with.</summary>
    public Instruction* Entry
    {
        get
        {
            if (_entry == null) _entry = HeadAt(~0);
            return _entry;
        }
    }

    /// <inheritdoc cref="Context.Targets"/>
    public Instruction** Targets { get; private set; }

    /// <summary>The threaded form of the code, made at the first time.</summary>
    /// <param name="countdown">As <see cref="Countdown"/>.</param>
    public static ThreadedCode Of(Code code, GasSchedule schedule, int countdown)
    {
        var threaded = code.Threaded;
        if (threaded is null || threaded.Schedule != schedule || threaded.Countdown != countdown) code.Threaded = threaded = new ThreadedCode(code, schedule, countdown, isCached: true);
        return threaded;
    }

    /// <summary>The threaded form of init code: it runs once, is never compiled, and goes when it has run.</summary>
    public static ThreadedCode OfInitCode(Code code, GasSchedule schedule) => code.Threaded = new ThreadedCode(code, schedule, countdown: -1, isCached: false);

    /// <summary>The block that begins at a jump destination (null where the position is none), or where the code itself goes on: the complement of that position.</summary>
    public Instruction* HeadAt(int position)
    {
        lock (_translating)
        {
            if (position < 0) return _inner.TryGetValue(~position, out var inner) ? (Instruction*)inner : Translate(~position, isDestination: false);
            if ((uint)position >= (uint)_code.Length) return null;
            if (Targets[position] != null) return Targets[position];
            return _code.IsJumpDestination((ulong)position) ? Translate(position, isDestination: true) : null;
        }
    }

    /// <summary>Whether a translation that reaches the position need not go on.</summary>
    public bool Has(int position) => _inner.ContainsKey(position) || ((uint)position < (uint)_code.Length && Targets[position] != null);

    /// <summary>Whether a jump may go there.</summary>
    public bool IsDestination(int position) => _code.IsJumpDestination((ulong)position);

    Instruction* Translate(int begin, bool isDestination)
    {
        var translator = _translator ??= new Translator();
        if (_bytes > _mostBytes) translator.Refuse(begin);
        else translator.Translate(this, _code, begin);
        var first = translator.CopyTo(Allocate(translator.Bytes));
        if (Countdown >= 0)
            for (var i = 0; i < translator.Forms.Length; i++) Forms[(nint)(first + i)] = translator.Forms[i];
        foreach (var (position, index) in translator.Heads)
            if (position != begin && IsDestination(position) && Targets[position] == null) SetTarget(position, first + index);
        if (isDestination) SetTarget(begin, first);
        else _inner[begin] = (nint)first;
        return first;
    }

    void SetTarget(int position, Instruction* head)
    {
        if (Targets == NoTargets) TakeTargets();
        Volatile.Write(ref *(nint*)&Targets[position], (nint)head);
    }

    void TakeTargets()
    {
        var size = (nuint)_code.Length * (nuint)sizeof(nint);
        var targets = (Instruction**)NativeMemory.AllocZeroed(size);
        Interlocked.MemoryBarrier();
        Targets = targets;
        Charge((long)size);
    }

    void Charge(long bytes)
    {
        _bytes += bytes;
        if (_isCached) CodeCache.Charge(bytes);
    }

    byte* Allocate(int bytes)
    {
        if (_end - _free < bytes)
        {
            var size = Math.Max(bytes, Math.Clamp(16 * _code.Length, SmallestChunk, LargestChunk));
            _free = (byte*)NativeMemory.Alloc((nuint)size);
            _end = _free + size;
            _chunks.Add((nint)_free);
            Charge(size);
        }
        var place = _free;
        _free += bytes;
        return place;
    }
}
