using System.Runtime.ExceptionServices;
using Hufu.Evm;

namespace Hufu.Chain;

/// <summary>
/// Runs the transactions of a block side by side, each on the state that the block's access list foresees for it (EIP-7928). If afterwards the
/// list of what they met is the very list they were given, each has run on the state that the ones before it really left: step by step, from the first.
/// </summary>
/// <remarks>Whatever does not fit (a transaction that cannot be admitted, a list that comes out otherwise) is no verdict: the block then runs one after the other, and that run says what is wrong.</remarks>
static class ParallelExecution
{
    /// <summary>Below this many gas the threads cost more than they save: a transfer runs in about a microsecond.</summary>
    const ulong WorthSharing = 1_000_000;

    /// <summary>Whether blocks run this way where it pays: HUFU_PARALLEL=off never, HUFU_PARALLEL=always even where it does not pay, for tests.</summary>
    public static ParallelMode Mode { get; set; } = Environment.GetEnvironmentVariable("HUFU_PARALLEL") switch
    {
        "off" or "0" or "false" => ParallelMode.Off,
        "always" => ParallelMode.Always,
        _ => Environment.ProcessorCount > 1 ? ParallelMode.WhereItPays : ParallelMode.Off,
    };

    /// <summary>How many blocks of this process ran side by side, and came out as their lists foresaw.</summary>
    internal static long Blocks;

    public static bool Suits(VerifiedBlock verified) => verified.AccessList is not null && Mode switch
    {
        ParallelMode.Off => false,
        ParallelMode.Always => verified.Block.Transactions.Count > 0,
        _ => verified.Block.Transactions.Count > 1 && verified.Header.GasUsed >= WorthSharing,
    };

    /// <summary>What each transaction does on the state foreseen for it; null where one of them cannot run there, or all of them together take more gas than a block has.</summary>
    public static ExecutionResult[]? Run(VerifiedBlock verified, BlockContext context, ForeseenState foreseen)
    {
        var block = verified.Block;
        var results = new ExecutionResult[block.Transactions.Count];
        var ancestor = context.BlockHash;
        // The ancestors are looked up by one thread at a time; few contracts ask for them.
        var shared = context with { BlockHash = number => { lock (results) return ancestor(number); } };
        long gasUsed = 0;
        return RunAll() ? results : null;

        bool RunAll()
        {
            try
            {
                return Parallel.For(0, results.Length, RunOne).IsCompleted;
            }
            catch (AggregateException broken)
            {
                // A broken disk is what it would have been on one thread.
                ExceptionDispatchInfo.Throw(broken.InnerExceptions[0]);
                throw;
            }
        }

        void RunOne(int i, ParallelLoopState loop)
        {
            var view = foreseen.Before((uint)i + 1);
            if (!AdmittedTransaction.TryAdmit(block.Transactions[i], verified.Senders[i], view, shared, verified.Rules, out var admitted, out _))
            {
                loop.Stop();
                return;
            }
            results[i] = new TransactionExecution(view, shared, verified.Rules).Execute(admitted);
            // A list that lies must not make this node work longer than an honest block could.
            if ((ulong)Interlocked.Add(ref gasUsed, (long)results[i].RegularGasUsed) > context.GasLimit) loop.Stop();
        }
    }
}

enum ParallelMode
{
    Off,
    WhereItPays,
    Always,
}
