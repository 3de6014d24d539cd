using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;

namespace Hufu.WebConsole;

/// <summary>What every page and part of the console begins from: it can speak, and it knows who is asking.</summary>
public abstract class ConsoleComponent : ComponentBase
{
    [Inject] public Visit Visit { get; set; } = null!;

    [CascadingParameter] public HttpContext? Http { get; set; }

    /// <summary>Why the page could not be filled; null where it could.</summary>
    protected Refusal? Trouble { get; private set; }

    /// <summary>Ends with the request: nobody waits for the rest then.</summary>
    protected CancellationToken Stop => Http?.RequestAborted ?? CancellationToken.None;

    /// <summary>Fetches what the component shows. It is rendered once, when that is done: nobody watches a page half made.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    public override async Task SetParametersAsync(ParameterView parameters)
    {
        parameters.SetParameterProperties(this);
        await FillAsync();
        await base.SetParametersAsync(ParameterView.Empty);
    }

    /// <summary>Asks the chain for what the page shows. A chain that does not answer is told on the page, and by its status.</summary>
    protected async Task LoadAsync(Func<Task> load)
    {
        try
        {
            await load();
        }
        catch (ChainException error)
        {
            Trouble = error.Refusal;
            Unavailable();
        }
    }

    /// <summary>The text in the reader's language.</summary>
    protected string Say(string english, string chinese) => Visit.Say(english, chinese);

    /// <summary>The page is of something that is not there.</summary>
    protected void NotFound() => Answer(StatusCodes.Status404NotFound);

    /// <summary>The page stands, but the chain behind it does not answer.</summary>
    protected void Unavailable() => Answer(StatusCodes.Status503ServiceUnavailable);

    // At the last moment: a page whose status is 404 while it is being rendered would not be rendered at all.
    protected void Answer(int status) => Http?.Response.OnStarting(() =>
    {
        Http.Response.StatusCode = status;
        return Task.CompletedTask;
    });
}
