using System.Buffers.Binary;
using System.Text;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// Deploys the services' contracts when they are first needed, sets up who may do what, and finds them again after a restart. Each step is a command, so that a
/// process that is killed halfway goes on where it was. The names of the contracts also stand on the ledger, in Registry.sol.
/// </summary>
public sealed class ContractRegistry : IDisposable
{
    internal static readonly Table Contracts = new("registry_contract", "name text key", "address text", "block number", "hash text");
    internal static readonly Table Epoch = new("registry_epoch", "id number key", "epoch number");

    static readonly TimeSpan CheckEvery = TimeSpan.FromSeconds(1);

    readonly ChainClient _chain;
    readonly Database _database;
    readonly Custody _custody;
    readonly CommandDesk _commands;
    readonly Address _operator;
    readonly SemaphoreSlim _one = new(1);
    IReadOnlyList<Service> _services = [];
    IReadOnlyList<ServiceContract> _standing = [];
    volatile Deployment? _current;
    volatile TaskCompletionSource<Deployment> _found = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _checkedAt;

    public ContractRegistry(ChainClient chain, Database database, Custody custody, CommandDesk commands, Address @operator) =>
        (_chain, _database, _custody, _commands, _operator) = (chain, database, custody, commands, @operator);

    /// <summary>What stands; null before the first use.</summary>
    public Deployment? Current => _current;

    /// <summary>How far a deployment that is under way has come; null where none is.</summary>
    public SetupProgress? Progress { get; private set; }

    /// <summary>Told whenever the contracts, or their number, change.</summary>
    public event Action? Changed;

    /// <summary>Ends when there are contracts.</summary>
    internal Task<Deployment> FoundAsync(CancellationToken stop) => _found.Task.WaitAsync(stop);

    /// <summary>Takes in the services, and what an earlier process deployed, or another that told a registry of it.</summary>
    /// <param name="registry">Of contracts that stand already; null: those that this platform deployed, or will.</param>
    /// <param name="standing">What the chain itself brings along.</param>
    internal async Task<Refusal?> OpenAsync(IReadOnlyList<Service> services, IReadOnlyList<ServiceContract> standing, Address? registry = null)
    {
        (_services, _standing) = (services, standing);
        if (registry is { } address && await TakeOverAsync(address).ConfigureAwait(false) is { } refusal) return refusal;
        var known = Known();
        if (known.Contracts.Count > 0 && await StandsAsync(known.Contracts, default).ConfigureAwait(false)) Set(known);
        return null;
    }

    /// <summary>Keeps the contracts that a registry names as ours.</summary>
    async Task<Refusal?> TakeOverAsync(Address registry)
    {
        var known = List();
        if (known.FirstOrDefault(one => one.Name == "Registry") is { } earlier)
            return earlier.Address == registry ? null : new Refusal($"the services here use the registry at {earlier.Address.ToChecksumString()}", $"{registry.ToChecksumString()} is another one", "leave --registry out, or give a data folder of its own");
        if ((await _chain.GetCodeAsync(registry).ConfigureAwait(false)).Length == 0) return new Refusal($"there is no contract at {registry.ToChecksumString()}", "a registry is a contract of the chain", "check the address and --rpc");
        IReadOnlyList<RegistryContract.Entry> entries;
        try
        {
            entries = await new RegistryContract(_chain, registry).AllAsync().ConfigureAwait(false);
        }
        catch (ChainException error)
        {
            return new Refusal($"{registry.ToChecksumString()} is no registry of these services", error.Refusal.Why, "give the address of Registry that GET /api/v1/platform tells where it was deployed");
        }
        var named = entries.ToDictionary(entry => entry.Name, entry => entry.At);
        foreach (var contract in _standing) named[NameOf(contract.Name)] = contract.Stands!.Value;
        var missing = Wanted.Where(contract => !named.ContainsKey(NameOf(contract.Name))).Select(contract => contract.Name).ToArray();
        if (missing.Length > 0) return new Refusal($"the registry at {registry.ToChecksumString()} does not name {string.Join(", ", missing)}", "it is of another set of services, or of an older one", "leave --registry out, and the platform deploys its own contracts");
        // Nothing of the services is older than their permission table.
        var block = await DeployedAtAsync(named[NameOf("Access")], await _chain.GetBlockNumberAsync().ConfigureAwait(false)).ConfigureAwait(false);
        await _database.WriteAsync(session =>
        {
            foreach (var contract in Wanted) session.Execute(Contracts.Insert([contract.Name, named[NameOf(contract.Name)], block, default(Hash256)], replaces: true));
        }).ConfigureAwait(false);
        return null;
    }

    /// <summary>The first block at whose end there is code at an address; block 0 where the node has no state that old to tell.</summary>
    async Task<ulong> DeployedAtAsync(Address address, ulong notAfter)
    {
        try
        {
            var (low, high) = (0UL, notAfter);
            while (low < high)
            {
                var middle = low + (high - low) / 2;
                if ((await _chain.GetCodeAsync(address, BlockId.At(middle)).ConfigureAwait(false)).Length > 0) high = middle;
                else low = middle + 1;
            }
            return low;
        }
        catch (ChainException)
        {
            return 0;
        }
    }

    /// <summary>The contracts; deployed now where they are not there yet, or no longer.</summary>
    /// <exception cref="ChainException">The chain cannot be reached, or a step was refused.</exception>
    public async Task<Deployment> EnsureAsync(CancellationToken stop = default)
    {
        if (_current is { } current && IsWhole(current) && Environment.TickCount64 - Interlocked.Read(ref _checkedAt) < CheckEvery.TotalMilliseconds) return current;
        await _one.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var known = Known();
            if (known.Contracts.Count > 0 && !await StandsAsync(known.Contracts, stop).ConfigureAwait(false)) known = await BeginAnewAsync().ConfigureAwait(false);
            if (!IsWhole(known) || _current is null) known = await SetUpAsync(known, stop).ConfigureAwait(false);
            Interlocked.Exchange(ref _checkedAt, Environment.TickCount64);
            return known;
        }
        finally
        {
            Progress = null;
            _one.Release();
        }
    }

    /// <summary>The block that a contract's deployment is in, for those who tell of it.</summary>
    public IReadOnlyList<RegisteredContract> List() => _database.Read(session =>
        session.Query($"SELECT name, address, block, hash FROM {Contracts} ORDER BY block, name", row => new RegisteredContract(row.Text(0), row.Address(1), row.Block(2), row.Hash(3))));

    IEnumerable<ServiceContract> Wanted => [new("Access", _ => AccessContract.Deploy(_operator)), new("Registry", made => RegistryContract.Deploy(made.Access)), .. _services.SelectMany(service => service.Contracts), .. _standing];

    IEnumerable<string> Holders => _services.SelectMany(service => service.Roles).SelectMany(role => role.Holders).Concat(_services.SelectMany(service => service.Accounts)).Distinct();

    bool IsWhole(Deployment deployment) => Wanted.All(contract => deployment.Contracts.ContainsKey(contract.Name)) && Holders.All(holder => deployment.Accounts.ContainsKey(holder) || deployment.Contracts.ContainsKey(holder));

    Deployment Known()
    {
        var contracts = List();
        var accounts = _custody.All().Where(account => account.Owner.Length == 0).ToDictionary(account => account.Name, account => account.Address);
        return new Deployment(contracts.ToDictionary(one => one.Name, one => one.Address), contracts.Count == 0 ? 0 : contracts.Min(one => one.Block), accounts, _operator);
    }

    // A development chain may have been set back to before its contracts were there.
    async Task<bool> StandsAsync(IReadOnlyDictionary<string, Address> contracts, CancellationToken stop)
    {
        foreach (var name in new[] { "Access", "Registry" })
            if (!contracts.TryGetValue(name, out var address) || (await _chain.GetCodeAsync(address, stop: stop).ConfigureAwait(false)).Length == 0) return !contracts.ContainsKey(name);
        return true;
    }

    async Task<Deployment> BeginAnewAsync()
    {
        await _database.WriteAsync(session =>
        {
            session.Execute($"DELETE FROM {Contracts}");
            session.Execute(Epoch.Insert([1, EpochOf(session) + 1], replaces: true));
        }).ConfigureAwait(false);
        _current = null;
        return Known();
    }

    static long EpochOf(SqlSession session) => session.Count($"SELECT epoch FROM {Epoch} WHERE id = 1");

    async Task<Deployment> SetUpAsync(Deployment known, CancellationToken stop)
    {
        var epoch = _database.Read(EpochOf);
        foreach (var holder in Holders.Where(name => Wanted.All(contract => contract.Name != name))) await _custody.OpenAsync(holder).ConfigureAwait(false);
        known = Known();
        var contracts = Wanted.ToArray();
        var done = 0;
        foreach (var contract in contracts)
        {
            Progress = new SetupProgress(done++, contracts.Length + 3, contract.Name);
            Changed?.Invoke();
            if (known.Contracts.ContainsKey(contract.Name)) continue;
            if (contract.Stands is { } stands)
            {
                // Nothing that is of interest here happened to it before the services came.
                await _database.WriteAsync(session => session.Execute(Contracts.Insert([contract.Name, stands, known.FromBlock, default(Hash256)], replaces: true))).ConfigureAwait(false);
                known = Known();
                continue;
            }
            var made = await StepAsync(epoch, new SetupStep("deploy/" + contract.Name, contract.Deploy(known)), stop).ConfigureAwait(false);
            await _database.WriteAsync(session => session.Execute(Contracts.Insert([contract.Name, made.Created, made.Block, made.Transaction], replaces: true))).ConfigureAwait(false);
            known = Known();
        }
        Progress = new SetupProgress(done, contracts.Length + 3, "Registry");
        var registry = new RegistryContract(_chain, known["Registry"]);
        var named = (await registry.AllAsync(stop: stop).ConfigureAwait(false)).ToHashSet();
        RegistryContract.Entry[] unnamed = [.. contracts.Select(one => new RegistryContract.Entry(NameOf(one.Name), known[one.Name])).Where(entry => !named.Contains(entry))];
        if (unnamed.Length > 0) await StepAsync(epoch, new SetupStep("register", registry.Register(unnamed)), stop).ConfigureAwait(false);
        foreach (var step in (SetupStep[])[.. RoleSteps(known), .. _services.SelectMany(service => service.Configure(known))]) await StepAsync(epoch, step, stop).ConfigureAwait(false);
        Set(known);
        return known;
    }

    void Set(Deployment deployment)
    {
        _current = deployment;
        if (_found.Task.IsCompleted) _found = new TaskCompletionSource<Deployment>(TaskCreationOptions.RunContinuationsAsynchronously);
        _found.TrySetResult(deployment);
        Changed?.Invoke();
    }

    // All roles of all services in one transaction.
    IEnumerable<SetupStep> RoleSteps(Deployment deployment)
    {
        var access = new AccessContract(_chain, deployment.Access);
        var calls = new List<byte[]>();
        foreach (var role in _services.SelectMany(service => service.Roles))
        {
            calls.Add(access.LabelRole(role.Id, role.Name).Data.ToArray());
            foreach (var group in role.Opens.GroupBy(one => one.Contract))
                calls.Add(access.SetTargetFunctionRole(deployment[group.Key], [.. group.Select(one => SelectorOf(one.Contract, one.Function))], role.Id).Data.ToArray());
            foreach (var holder in role.Holders)
                calls.Add(access.GrantRole(role.Id, deployment.Find(holder) ?? deployment.Account(holder), 0).Data.ToArray());
        }
        if (calls.Count > 0) yield return new SetupStep("roles", access.Multicall(calls));
    }

    static byte[] SelectorOf(string contract, string function)
    {
        var selector = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(selector, Artifacts.Of(contract).Functions.Single(one => one.Name == function).Selector);
        return selector;
    }

    // The same call is made once. One that failed (no coin, say) may be tried again, as another command.
    async Task<Command> StepAsync(long epoch, SetupStep step, CancellationToken stop)
    {
        var fingerprint = Keccak256.Hash(step.Request.Data.Span);
        for (var attempt = 1; ; attempt++)
        {
            var key = $"setup/{epoch}/{step.Name}/{fingerprint.ToString()[2..18]}/{attempt}";
            if (_commands.Find("platform", key) is { State: CommandState.Failed }) continue;
            var command = await _commands.SubmitAsync(new NewCommand { Key = key, Caller = "platform", Kind = "registry.setup", Subject = step.Name, Fingerprint = fingerprint, From = step.From ?? _operator, Request = step.Request }, stop).ConfigureAwait(false);
            while (!command.IsOver)
            {
                command = await _commands.FinishAsync(command, TimeSpan.FromSeconds(2), stop).ConfigureAwait(false);
                if (command is { IsOver: false, Refusal: { } waits }) throw new ChainException(waits, code: 0);
            }
            if (command.State == CommandState.Final) return command;
            throw new ChainException(command.Refusal ?? new Refusal($"the step {step.Name} of the deployment failed"), code: 0);
        }
    }

    public void Dispose() => _one.Dispose();

    internal static Hash256 NameOf(string name)
    {
        Span<byte> word = stackalloc byte[32];
        word.Clear();
        Encoding.ASCII.GetBytes(name, word);
        return Hash256.FromBytes(word);
    }
}

/// <param name="What">The contract or the step that is under way.</param>
public sealed record SetupProgress(int Done, int Of, string What);

public sealed record RegisteredContract(string Name, Address Address, ulong Block, Hash256 Transaction);
