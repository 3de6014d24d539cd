namespace Hufu.Client;

/// <summary>A node in the same process: requests go to a delegate, with no socket between. The ledger's dispatcher is one; so is whatever a test makes up.</summary>
/// <param name="answer">Takes a request body and gives the response body.</param>
public sealed class InProcessTransport(Func<ReadOnlyMemory<byte>, CancellationToken, Task<ReadOnlyMemory<byte>>> answer) : IRpcTransport
{
    public string Name => "in this process";

    public Task<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken stop) => answer(request, stop);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
