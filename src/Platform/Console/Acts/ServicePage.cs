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

    protected T Service<T>() where T : notnull => Provider.GetRequiredService<T>();
}
