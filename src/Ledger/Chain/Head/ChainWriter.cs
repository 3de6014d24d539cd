using System.Threading.Channels;

namespace Hufu.Chain;

/// <summary>
/// The queue in front of a chain that many ask at once: requests run one after the other on one loop, and nothing else may touch the chain's verbs.
/// Tools that own their chain alone need no queue and call it directly.
/// </summary>
public sealed class ChainWriter(Blockchain chain)
{
    readonly record struct Request(Action Answer, Action Cancel);

    readonly Channel<Request> _inbox = Channel.CreateBounded<Request>(new BoundedChannelOptions(1024) { SingleReader = true });

    /// <summary>Runs the request on the loop and answers with its result, or with what it threw.</summary>
    public async Task<T> Ask<T>(Func<Blockchain, T> request, CancellationToken stop = default)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _inbox.Writer.WriteAsync(new Request(Answer, () => done.TrySetCanceled(CancellationToken.None)), stop).ConfigureAwait(false);
        return await done.Task.WaitAsync(stop).ConfigureAwait(false);

        void Answer()
        {
            try
            {
                done.SetResult(request(chain));
            }
#pragma warning disable CA1031 // Whatever goes wrong goes to the one who asked; the loop lives on.
            catch (Exception error)
#pragma warning restore CA1031
            {
                done.SetException(error);
            }
        }
    }

    /// <summary>The loop. It ends when stopped, with the request it is at done and the rest cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var request in _inbox.Reader.ReadAllAsync(stop).ConfigureAwait(false)) request.Answer();
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var late)) late.Cancel();
        }
    }
}
