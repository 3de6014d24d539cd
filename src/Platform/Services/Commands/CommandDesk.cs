using System.Collections.Concurrent;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// Takes in what is to be done on the chain, and has it done once. A key is accepted once; what is accepted is in the database before the caller hears of it; each
/// signer has one lane with one nonce after another; a signed transaction is in the database before any node has it. So a process that is killed at any
/// moment loses nothing and does nothing twice.
/// </summary>
public sealed class CommandDesk : IAsyncDisposable
{
    readonly ChainClient _chain;
    readonly Database _database;
    readonly Custody _custody;
    readonly CommandOptions _options;
    readonly ConcurrentDictionary<Address, Lane> _lanes = new();
    readonly ConcurrentDictionary<string, TaskCompletionSource> _ends = new();
    readonly CancellationTokenSource _stop = new();

    public CommandDesk(ChainClient chain, Database database, Custody custody, CommandOptions? options = null) =>
        (_chain, _database, _custody, _options) = (chain, database, custody, options ?? new CommandOptions());

    internal static IReadOnlyList<Table> Tables => [CommandTable.Commands, CommandTable.Forms];

    /// <summary>Who pays the fees of accounts that have no coin; null: nobody does.</summary>
    public Address? Sponsor { get; set; }

    /// <summary>How long a caller waits for the end of a command before it is told to look again.</summary>
    public TimeSpan Patience => _options.Patience;

    /// <summary>Told of each command that is over.</summary>
    public event Action<Command>? Ended;

    /// <summary>Goes on with what an earlier process left.</summary>
    internal void Resume()
    {
        foreach (var sender in _database.Read(CommandTable.Senders)) LaneOf(sender).Wake();
    }

    /// <summary>The command of a key, if there is one.</summary>
    public Command? Find(string caller, string key) => _database.Read(session => CommandTable.FindByKey(session, caller, key));

    public Command? Find(string id) => _database.Read(session => CommandTable.Find(session, id));

    public IReadOnlyList<Command> Latest(int count) => _database.Read(session => CommandTable.Latest(session, count));

    /// <summary>Accepts a command: durable when the task ends. One whose key was accepted before is given as it is, whatever became of it.</summary>
    /// <exception cref="ChainException">The contract would refuse it now, or no node answers: then nothing was accepted, and the key is free.</exception>
    /// <exception cref="KeyReusedException">The key was accepted for something else.</exception>
    public async Task<Command> SubmitAsync(NewCommand command, CancellationToken stop = default)
    {
        if (Find(command.Caller, command.Key) is { } known) return Same(known, command);
        // Estimating is asking: what the contract would refuse is told before anything is kept.
        var gas = command.Request.GasLimit ?? WithMargin(await _chain.EstimateGasAsync(command.Request with { Errors = Artifacts.Errors }, command.From, stop: stop).ConfigureAwait(false));
        var id = Guid.CreateVersion7(DateTimeOffset.UtcNow).ToString("N");
        var kept = await _database.WriteAsync(session =>
        {
            // The writer is alone, so that between looking and keeping nobody comes.
            if (CommandTable.FindByKey(session, command.Caller, command.Key) is { } earlier) return earlier;
            CommandTable.Insert(session, id, command, gas, DateTimeOffset.UtcNow);
            return CommandTable.Find(session, id)!;
        }).ConfigureAwait(false);
        if (kept.Id == id) LaneOf(command.From).Wake();
        return Same(kept, command);
    }

    /// <summary>Waits until a command is over, at most so long; gives it as it then is.</summary>
    public async Task<Command> FinishAsync(Command command, TimeSpan patience, CancellationToken stop = default)
    {
        if (command.IsOver) return command;
        var end = _ends.GetOrAdd(command.Id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            // Between being read and being waited for it may have ended.
            if (Find(command.Id) is { IsOver: true } over) return over;
            await end.Task.WaitAsync(patience, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It goes on by itself.
        }
        finally
        {
            _ends.TryRemove(command.Id, out _);
        }
        return Find(command.Id) ?? command;
    }

    static Command Same(Command kept, NewCommand asked) =>
        kept.Fingerprint == asked.Fingerprint ? kept : throw new KeyReusedException(asked.Key);

    // 21000 is exact for a plain transfer; what code needs can change until it runs.
    static ulong WithMargin(ulong gas) => gas == 21_000 ? gas : gas + gas / 5;

    Lane LaneOf(Address from) => _lanes.GetOrAdd(from, address =>
    {
        var lane = new Lane(this, _chain, _database, _custody, address, _options);
        lane.Start(_stop.Token);
        return lane;
    });

    internal void Tell(IReadOnlyCollection<string> ids)
    {
        foreach (var id in ids)
        {
            if (_ends.TryRemove(id, out var end)) end.TrySetResult();
            if (Ended is { } heard && Find(id) is { } command) heard(command);
        }
    }

    /// <summary>Sees to it that an account can pay for its gas.</summary>
    internal async Task<Refusal?> SponsorAsync(Address account, UInt256 need, string reason, CancellationToken stop)
    {
        var has = await _chain.GetBalanceAsync(account, stop: stop).ConfigureAwait(false);
        if (has >= need) return null;
        if (Sponsor is not { } sponsor || sponsor == account)
            return new Refusal($"{account.ToChecksumString()} cannot pay for gas", $"it has {has} Wei and needs {need}", "send it coin; the command then goes on by itself");
        // A few turns' worth, so that not every transaction needs another one.
        var gift = new NewCommand
        {
            Key = $"gas/{account}/{reason}/{need}",
            Caller = "platform",
            Kind = "accounts.sponsor",
            Subject = account.ToString(),
            Fingerprint = Keccak256.Hash(account.Bytes),
            From = sponsor,
            Request = new TransactionRequest { To = account, Value = need * 8, GasLimit = 21_000 },
        };
        var given = await FinishAsync(await SubmitAsync(gift, stop).ConfigureAwait(false), _options.Patience, stop).ConfigureAwait(false);
        return given.State == CommandState.Final ? null : given.Refusal ?? new Refusal("the sponsor's payment is not in a block yet", $"command {given.Id}", "wait");
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (var lane in _lanes.Values) await lane.Running.ConfigureAwait(false);
        _stop.Dispose();
    }
}

/// <summary>An idempotency key was used before, for something else.</summary>
public sealed class KeyReusedException(string key) : Exception($"the idempotency key {key} was used for another request")
{
    public Refusal Refusal { get; } = new($"the Idempotency-Key {key} was used for another request", "a key means one request, and its first body was different", "send the first body again, or choose a new key");
}

public sealed record CommandOptions
{
    /// <summary>How deep a transaction has to be; 1: in a block. On chains that reorganise, more.</summary>
    public int Confirmations { get; init; } = 1;

    /// <summary>How many transactions of one signer may be out at once.</summary>
    public int MostInFlight { get; init; } = 256;

    /// <summary>How long a transaction may wait before it is offered for a higher fee.</summary>
    public TimeSpan RaiseAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a nonce has to be used without our transaction in any block, until that counts as replaced by another.</summary>
    public TimeSpan ReplacedAfter { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a caller waits for the end of a command before it is told to look again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(250);
    public TimeSpan PauseAfterFault { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Hears of faults of the platform itself.</summary>
    public Action<Exception> ReportFault { get; init; } = _ => { };
}
