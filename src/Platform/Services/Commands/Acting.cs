using Hufu.Client;
using Hufu.Primitives;
using Microsoft.AspNetCore.Http;

namespace Hufu.Services;

/// <summary>How services do things on the chain: under the caller's key, waiting a while for the end, so that what is answered can be read in the index.</summary>
public static class Acting
{
    /// <summary>The right to sign with accounts that others opened; who has none signs with its own alone.</summary>
    public const string AnyAccount = "accounts.any";

    /// <summary>Does what a caller asked for, once; a request that comes again is answered by what became of it the first time.</summary>
    /// <param name="kind">service.act</param>
    /// <param name="subject">What of the service it concerns.</param>
    /// <param name="make">Who signs what; not called where the key is known.</param>
    /// <returns>The command at its end, or still under way where that takes longer than a caller waits.</returns>
    /// <exception cref="ProblemException">It failed, now or when it was first asked for.</exception>
    public static async Task<Command> DoAsync(this Rooms rooms, Ask ask, string kind, string subject, Func<Task<(Address From, TransactionRequest Request)>> make, CancellationToken stop = default)
    {
        var command = rooms.Commands.Find(ask.Caller, ask.Key);
        if (command is null)
        {
            var (from, request) = await make().ConfigureAwait(false);
            rooms.Policy.Require(ask.By, kind, from);
            command = await rooms.Commands.SubmitAsync(new NewCommand { Key = ask.Key, Caller = ask.Caller, Kind = kind, Subject = subject, Fingerprint = ask.Fingerprint, From = from, Request = request }, stop).ConfigureAwait(false);
        }
        else if (command.Fingerprint != ask.Fingerprint) throw new KeyReusedException(ask.Key);
        command = await rooms.Commands.FinishAsync(command, rooms.Commands.Patience, stop).ConfigureAwait(false);
        if (command.State == CommandState.Failed) throw new ProblemException(StatusCodes.Status422UnprocessableEntity, "contract-refused", command.Refusal ?? new Refusal("the command failed"));
        if (command is { State: CommandState.Final, Block: { } block })
        {
            try
            {
                await rooms.Index.ReachAsync(block, stop).WaitAsync(rooms.Commands.Patience, stop).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // It is done; reading it back takes a moment longer.
            }
        }
        return command;
    }

    /// <summary>Sees to it that a contract may take an amount of a token from an account that is kept here.</summary>
    public static async Task AllowAsync(this Rooms rooms, Ask ask, Address owner, Address token, Address spender, UInt256 amount, CancellationToken stop = default)
    {
        var coin = new StablecoinContract(rooms.Chain, token);
        if (await coin.AllowanceAsync(owner, spender, stop: stop).ConfigureAwait(false) >= amount) return;
        // Asked once for good: the contracts take only what their own calls name, and only from who calls.
        var request = coin.Approve(spender, UInt256.MaxValue);
        var key = $"allow/{owner}/{token}/{spender}/{ask.Caller}/{ask.Key}";
        await rooms.DoAsync(new Ask("platform", key, Keccak256.Hash(request.Data.Span)), "tokens.approve", owner.ToString(), () => Task.FromResult((owner, request)), stop).ConfigureAwait(false);
    }

    /// <summary>An account by its address, or by its name where it is kept here.</summary>
    public static Address Account(this Rooms rooms, string? text, string what)
    {
        if (text is null or "") throw ProblemException.Invalid($"{what} is missing", "it names an account", "give an address, or the name of an account that is kept here");
        if (text.StartsWith("0x", StringComparison.Ordinal)) return RouteText.Address(text, what);
        return rooms.Custody.Find(text)?.Address ?? throw ProblemException.NotFound($"{what} '{text}' is unknown", "no account of that name is kept here", "open it with POST /api/v1/accounts, or give an address");
    }

    /// <summary>The same, of an account that can sign here, and that the caller may sign with: one it opened itself, or any with the right to all.</summary>
    public static Address OwnAccount(this Rooms rooms, Caller by, string? text, string what)
    {
        var address = rooms.Account(text, what);
        var kept = rooms.Custody.Find(address);
        if (!by.May(AnyAccount) && kept?.Owner != by.Name)
            throw new ProblemException(StatusCodes.Status403Forbidden, "not-allowed", new Refusal($"{by.Name} may not sign for {kept?.Name ?? address.ToChecksumString()}", "the account was opened by somebody else", $"choose an account of your own, or use a key that opens {AnyAccount}"));
        return kept is not null || rooms.Custody.Holds(address) ? address : throw ProblemException.Invalid($"{what} {address.ToChecksumString()} cannot sign here", "its secret is not kept by this platform", "sign in your own wallet where the request takes a signature, or choose an account of GET /api/v1/accounts");
    }

    /// <summary>What an endpoint answers: the thing itself, or where to look while it is under way.</summary>
    internal static IResult Answer(Command command, string location, Func<object?> view) =>
        command.State == CommandState.Final && view() is { } thing
            ? TypedResults.Created(location, thing)
            : TypedResults.Accepted($"/api/v1/commands/{command.Id}", CommandView.Of(command));
}
