using System.Text;
using System.Text.Json;
using Hufu.Chain;
using Hufu.Primitives;
using Hufu.Rpc;
using Xunit;

namespace Hufu.Tests.Rpc;

/// <summary>A chain in memory with the methods of a ledger over it, asked without a socket.</summary>
sealed class TestLedger : IDisposable
{

    public TestLedger(Fork fork = Fork.Cancun, LedgerMethodOptions? options = null, DispatchLimits? limits = null, TestChain? chain = null)
    {
        Chain = chain ?? new TestChain(fork);
        var head = Chain.Chain.Head.Head;
        Pool = new TransactionPool(new PoolOptions(), Chain.Chain.Forks.ChainId, new PoolHead(head, Chain.Chain.StateAt(head.Hash)!, Chain.Forks.RulesOf(head)));
        Ledger = new Ledger(Chain.Chain, Pool);
        Methods = LedgerMethods.Of(Ledger, options ?? new LedgerMethodOptions());
        Dispatcher = new Dispatcher(Methods, limits ?? new DispatchLimits(), fault => Assert.Fail(fault.ToString()));
    }

    public TestChain Chain { get; }
    public TransactionPool Pool { get; }
    public Ledger Ledger { get; }
    public MethodTable Methods { get; }
    public Dispatcher Dispatcher { get; }
    public Hash256 Head => Chain.Chain.Head.Hash;

    /// <param name="parameters">The params member as JSON.</param>
    public JsonElement Ask(string method, string parameters)
    {
        var request = $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""";
        using var answer = Dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request)).AsTask().GetAwaiter().GetResult();
        // Calls in a trace stand in each other.
        using var json = JsonDocument.Parse(answer.Written, new JsonDocumentOptions { MaxDepth = 4096 });
        return json.RootElement.Clone();
    }

    public JsonElement Result(string method, string parameters)
    {
        var answer = Ask(method, parameters);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(answer.ToString());
    }

    public (int Code, string Message) Error(string method, string parameters)
    {
        var answer = Ask(method, parameters);
        Assert.True(answer.TryGetProperty("error", out var error), $"expected an error, got {answer}");
        return (error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString()!);
    }

    public void Dispose()
    {
        Pool.Dispose();
        Chain.Dispose();
    }
}
