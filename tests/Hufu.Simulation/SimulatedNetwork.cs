using System.Security.Cryptography;
using Hufu.Consensus;
using Hufu.Primitives;

namespace Hufu.Simulation;

/// <summary>A promise of consensus that was broken, with the seed that shows it again.</summary>
sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>
/// A whole network of validators on one thread, driven from a seed: the same seed gives the same run. The protocol, its messages, header rules, votes and signing record are the
/// real ones; clock, sockets and disks are simulated. Safety is checked at every import and signature.
/// </summary>
sealed class SimulatedNetwork : IDisposable
{
    readonly PriorityQueue<Action, (long Time, long Order)> _queue = new();
    readonly Dictionary<ulong, (Hash256 Hash, int By)> _final = [];
    readonly Dictionary<(Address, ulong, uint, QbftCode), Hash256> _signed = [];
    long _order;

    /// <param name="hasJobs">Whether blocks begin with what is due (decisions/0031), on real chains with states.</param>
    public SimulatedNetwork(int validators, ulong seed, Mutation mutation = Mutation.None, int spare = 0, QbftTimes? times = null, bool hasJobs = false)
    {
        HasJobs = hasJobs;
        (Seed, Broken) = (seed, mutation);
        Random = new Random((int)(seed ^ (seed >> 32)));
        Keys = [.. Enumerable.Range(0, validators + spare).Select(i => new QbftKey(SHA256.HashData(BitConverter.GetBytes(seed * 64 + (ulong)i))))];
        Times = times ?? new QbftTimes { LongestRound = mutation == Mutation.TimerNotCapped ? TimeSpan.MaxValue : TimeSpan.FromSeconds(10) };
        Config = new QbftConfig { EpochLength = 20, Phases = [new QbftPhase(0, null, Times, null, null, UInt256.Zero)] };
        First = [.. Keys.Take(validators).Select(key => key.Address)];
        using (var ledger = NewLedger()) Genesis = ledger?.Genesis ?? GenesisOf(First);
        Validators = [.. Enumerable.Range(0, Keys.Count).Select(i => new SimulatedValidator(this, i))];
    }

    public ulong Seed { get; }
    public Mutation Broken { get; }
    public bool HasJobs { get; }

    /// <summary>The validators of the first height.</summary>
    IReadOnlyList<Address> First { get; }
    public Random Random { get; }
    public IReadOnlyList<QbftKey> Keys { get; }
    public QbftTimes Times { get; }
    public QbftConfig Config { get; }
    public QbftBlock Genesis { get; }
    public IReadOnlyList<SimulatedValidator> Validators { get; }
    public NetworkWeather Weather { get; set; } = NetworkWeather.Fair;

    /// <summary>Milliseconds since the run began.</summary>
    public long Now { get; private set; }
    public long Steps { get; private set; }

    /// <summary>How many messages of each kind were sent, whether they came or not.</summary>
    public Dictionary<QbftCode, long> Sent { get; } = [];

    /// <summary>The proposals that were made.</summary>
    public int Proposals => _signed.Keys.Count(signed => signed.Item4 == QbftCode.Proposal);
    public IEnumerable<SimulatedValidator> Honest => Validators.Where(validator => validator.Lie == Lie.None);

    /// <summary>The greatest height that any honest validator has imported.</summary>
    public ulong Height => _final.Count == 0 ? 0 : _final.Keys.Max();

    /// <summary>A chain that begins; null where blocks hold nothing but consensus.</summary>
    public SimulatedLedger? NewLedger() => HasJobs ? new SimulatedLedger(Config, First) : null;

    public void Start()
    {
        foreach (var validator in Validators) validator.Start();
    }

    public void After(long milliseconds, Action act) => _queue.Enqueue(act, (Now + Math.Max(0, milliseconds), _order++));

    public void RunFor(long milliseconds) => RunUntil(() => false, milliseconds);

    /// <summary>Runs until the condition holds; false when the time is over first.</summary>
    public bool RunUntil(Func<bool> condition, long withinMilliseconds)
    {
        var end = Now + withinMilliseconds;
        while (!condition())
        {
            if (!_queue.TryPeek(out _, out var next) || next.Time > end)
            {
                Now = end;
                return condition();
            }
            Now = next.Time;
            Steps++;
            _queue.Dequeue()();
        }
        return true;
    }

    public void Send(int from, int to, QbftCode code, ReadOnlyMemory<byte> bytes) => Carry(from, to, code, () => Validators[to].Hear(from, (byte)code, bytes));

    public void SendBeside(int from, int to, ReadOnlyMemory<byte> bytes) => Carry(from, to, null, () => Validators[to].HearTold(from, bytes));

    /// <summary>As <see cref="Send"/>, decoded once for all who get it.</summary>
    public void Broadcast(int from, QbftMessage message, Func<int, bool>? to = null)
    {
        if (!QbftMessage.TryDecode((byte)message.Code, message.Encoded, out var read, out var refusal)) throw new BrokenPromiseException($"seed {Seed}: a message signed here cannot be read: {refusal}");
        for (var i = 0; i < Validators.Count; i++)
        {
            var target = i;
            if (target != from && (to is null || to(target))) Carry(from, target, message.Code, () => Validators[target].Hear(from, read));
        }
    }

    /// <summary>What was signed for heights that are decided may be signed again by one that lost its disk: it contradicts nothing that is still open.</summary>
    public void NoteWipe(Address signer)
    {
        foreach (var signed in _signed.Keys.Where(signed => signed.Item1 == signer && signed.Item2 <= Height).ToList()) _signed.Remove(signed);
    }

    /// <summary>The others notice, or do not, that a validator has gone: a machine without power closes no connection.</summary>
    public void NoteLoss(int of)
    {
        for (var i = 0; i < Validators.Count; i++)
        {
            var other = i;
            if (other != of && Random.Next(3) > 0) After(Random.Next(1, 300), () => Validators[other].Happen(new PeerLost(Keys[of].Address)));
        }
    }

    public void SendBlocks(int from, int to, IReadOnlyList<QbftBlock> blocks) => Carry(from, to, null, () => Validators[to].HearBlocks(from, blocks));

    public void AskForBlocks(int from, int to, ulong above) => Carry(from, to, null, () => Validators[to].GiveBlocks(from, above));

    /// <summary>No two honest validators import different blocks at one height.</summary>
    public void NoteImport(int by, QbftBlock block)
    {
        if (_final.TryGetValue(block.Height, out var first))
        {
            if (first.Hash != block.Hash) throw Break($"validators {first.By} and {by} imported different blocks at height {block.Height}");
            return;
        }
        _final[block.Height] = (block.Hash, by);
    }

    /// <summary>No honest validator signs two things for one height, round and kind.</summary>
    public void NoteSignature(Address signer, QbftDraft draft)
    {
        var key = (signer, draft.Height, draft.Round, draft.Code);
        if (_signed.TryGetValue(key, out var first) && first != draft.Content) throw Break($"{signer} signed two {draft.Code}s for height {draft.Height}, round {draft.Round}");
        _signed[key] = draft.Content;
    }

    public BrokenPromiseException Break(string what) => new($"{what} (seed {Seed}, {Validators.Count} validators, at {Now} ms)\n{string.Join('\n', Validators.Select(validator => validator.Describe()))}");

    /// <summary>Every honest validator of the present set has imported this height.</summary>
    public bool HaveReached(ulong height) => Honest.All(validator => validator.Head.Height >= height);

    public void Dispose()
    {
        foreach (var validator in Validators) validator.Dispose();
    }

    void Carry(int from, int to, QbftCode? code, Action deliver)
    {
        if (code is { } kind) Sent[kind] = Sent.GetValueOrDefault(kind) + 1;
        if (!Weather.Carries(from, to, code) || Random.NextDouble() < Weather.Drops) return;
        After(Random.Next(Weather.LeastDelay, Weather.MostDelay), deliver);
        if (Random.NextDouble() < Weather.Duplicates) After(Random.Next(Weather.LeastDelay, Weather.MostDelay * 4), deliver);
    }

    static QbftBlock GenesisOf(IEnumerable<Address> validators)
    {
        var header = new Header { ExtraData = new QbftExtraData { Validators = [.. validators.Order()] }.Encode(), PrevRandao = QbftExtraData.MixHash, Difficulty = UInt256.One, GasLimit = 30_000_000, Timestamp = 0 };
        QbftBlock.TryMake(new Block(header, [], [], null), out var block);
        return block!;
    }
}
