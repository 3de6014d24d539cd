using Hufu.Primitives;
using Hufu.Services;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Hufu.WebConsole;

/// <summary>A page of the services. Where the console runs without them, it says so.</summary>
public abstract class ServicePage : ConsoleComponent
{
    [Inject] public IServiceProvider Provider { get; set; } = null!;

    /// <summary>Null where no services run here.</summary>
    protected Rooms? Rooms => Provider.GetService<Rooms>();

    /// <summary>The contracts stand.</summary>
    protected bool IsSetUp => Rooms?.Registry.Current is not null;

    /// <summary>Accounts that are kept here, and that whoever reads the page may sign with.</summary>
    protected IReadOnlyList<CustodyAccount> OwnAccounts => Rooms is null ? [] : [.. Rooms.Custody.All().Where(account => account.Owner.Length > 0 && (account.Owner == Visit.Caller.Name || Visit.Caller.May(Acting.AnyAccount)))];

    /// <summary>Why what was asked for was not done; null where it was.</summary>
    protected Refusal? Refusal { get; private set; }

    protected T Service<T>() where T : notnull => Provider.GetRequiredService<T>();

    /// <summary>Does what a form asks for. A refusal is told on the page, and by its status.</summary>
    protected async Task TryAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception error) when (ProblemException.Of(error) is { } problem)
        {
            Refusal = problem.Refusal;
            Answer(problem.Status);
        }
    }
}
