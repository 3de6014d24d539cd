using System.Diagnostics;
using System.Globalization;
using CsCheck;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.Rpc;
using Hufu.State;
using Hufu.Tests.Rpc;
using Xunit;

namespace Hufu.Tests;

public sealed class LogIndexTests
{
    // PUSH1 second PUSH1 first PUSH1 0 PUSH1 0 LOG2, as the code of a creation.
    static Transaction Logging(ulong nonce, byte first, byte second) => TransactionSigning.Sign(
        new LegacyTransaction { Nonce = nonce, GasPrice = 10_000_000_000, GasLimit = 100_000, Data = new byte[] { 0x60, second, 0x60, first, 0x60, 0, 0x60, 0, 0xa2 }, V = 1337 * 2 + 35 }, TestChain.AliceSecret);

    static string Found(LogSearch search) => string.Join(' ', search.Found.Select(log => $"{log.Header.Number}/{log.LogIndex}/{log.Header.Hash}"));

    static readonly Gen<Hash256> Topic = Gen.Int[0, 4].Select(number => Hash256.FromUInt256((ulong)number));
    static readonly Gen<Address> Contract = Gen.ULong[0, 60].Select(nonce => Address.ForCreate(TestChain.Alice, nonce));

    static readonly Gen<LogFilter> Filter = Gen.Select(Contract.Array[0, 3], Topic.Array[0, 2].Select(alternatives => (IReadOnlyList<Hash256>)alternatives).Array[0, 3],
        (addresses, topics) => new LogFilter(addresses, topics));

    [Fact]
    public void A_search_by_the_index_finds_what_a_search_through_all_blocks_finds_on_every_branch()
    {
        using var chain = new TestChain();
        var random = new Random(7);
        var parent = chain.Chain.Head.Hash;
        ulong nonce = 0;
        for (var i = 0; i < 40; i++) parent = Grow(chain, parent, ref nonce);
        var fork = parent;
        var nonceAtFork = nonce;
        for (var i = 0; i < 20; i++) parent = Grow(chain, parent, ref nonce);
        chain.Chain.LogIndex.CatchUp(chain.Chain);
        Compare(chain);

        // Another branch, of which the index knows nothing yet, and then half of it.
        (parent, nonce) = (fork, nonceAtFork);
        for (var i = 0; i < 30; i++)
        {
            parent = Grow(chain, parent, ref nonce, secondsLater: 13);
            Assert.Null(chain.Chain.Choose(parent));
            if (i == 10) chain.Chain.LogIndex.CatchUp(chain.Chain);
        }
        Compare(chain);
        chain.Chain.LogIndex.CatchUp(chain.Chain);
        Compare(chain);

        // What was indexed is known to the next process too.
        chain.Reopen();
        Assert.Equal(chain.Chain.Head.Hash, chain.Chain.LogIndex.Reached(chain.Chain.Head.Head)!.Hash);
        Compare(chain);

        Hash256 Grow(TestChain to, Hash256 on, ref ulong next, ulong secondsLater = 12)
        {
            var transactions = new Transaction[random.Next(3)];
            for (var i = 0; i < transactions.Length; i++) transactions[i] = Logging(next++, (byte)random.Next(5), (byte)random.Next(5));
            return to.Extend(on, secondsLater, default, transactions).Hash;
        }

        static void Compare(TestChain chain) => Gen.Select(Filter, Gen.ULong[0, 75], Gen.ULong[0, 75]).Sample((filter, from, to) =>
        {
            var queries = new ChainQueries(chain.Chain);
            var expected = Enumerable.Range((int)from, Math.Max(0, (int)Math.Min(to, chain.Chain.Head.Number) - (int)from + 1))
                .SelectMany(number => queries.LogsOf(queries.HeaderOf(new BlockSelector.ByNumber((ulong)number))!, filter));
            var search = queries.SearchLogs(from, to, filter, int.MaxValue, () => false);
            return Found(search) == Found(search with { Found = [.. expected] });
        }, iter: 300);
    }

    [Fact]
    public void An_answer_too_large_tells_the_range_that_is_answered_whole()
    {
        using var ledger = new TestLedger();
        var parent = ledger.Head;
        for (ulong nonce = 0; nonce < 30; nonce++) parent = ledger.Chain.Extend(parent, transactions: [Logging(nonce, 1, (byte)nonce)]).Hash;
        ledger.Chain.Chain.LogIndex.CatchUp(ledger.Chain.Chain);
        using var small = new TestLedger(options: new LedgerMethodOptions { Logs = new LogLimits { MaxLogs = 10, MaxBlocks = 25 } }, chain: ledger.Chain);

        const string topic = "\"topics\":[\"0x0000000000000000000000000000000000000000000000000000000000000001\"]";
        var (code, message) = small.Error("eth_getLogs", $$"""[{"fromBlock":"0x1","toBlock":"0x15",{{topic}}}]""");
        Assert.Equal(-32005, code);
        Assert.Equal("query returned more than 10 results. Try with this block range [0x1, 0xa].", message);
        Assert.Equal(10, small.Result("eth_getLogs", $$"""[{"fromBlock":"0x1","toBlock":"0xa",{{topic}}}]""").GetArrayLength());
        Assert.Contains("exceed maximum block range: 25. Try with this block range [0x1, 0x19].", small.Error("eth_getLogs", """[{"fromBlock":"0x1","toBlock":"latest"}]""").Message, StringComparison.Ordinal);
    }

    /// <summary>50,000 blocks as a rule; HUFU_LOG_BLOCKS=1000000 for the long run.</summary>
    [Fact]
    public void A_few_matches_among_very_many_blocks_are_found_in_milliseconds()
    {
        var blocks = int.TryParse(Environment.GetEnvironmentVariable("HUFU_LOG_BLOCKS"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 50_000;
        var folder = Directory.CreateTempSubdirectory("hufu-logs").FullName;
        try
        {
            Assert.True(RocksStore.TryOpen(folder, [.. StateTables.All, .. ChainTables.All], null, out var store, out var refusal), refusal?.ToString());
            using (store)
            {
                using var chain = SyntheticChain.Open(store, blocks);
                var clock = Stopwatch.StartNew();
                chain.LogIndex.CatchUp(chain);
                TestContext.Current.TestOutputHelper?.WriteLine($"indexed {blocks} blocks in {clock.Elapsed.TotalSeconds:F1} s");

                var queries = new ChainQueries(chain);
                var filter = new LogFilter([SyntheticChain.RareContract], [[SyntheticChain.CommonTopic]]);
                Search();
                var times = Enumerable.Range(0, 20).Select(_ => Search()).Order().ToArray();
                TestContext.Current.TestOutputHelper?.WriteLine($"searched {blocks} blocks in {times[10].TotalMilliseconds:F2} ms (median), {times[^1].TotalMilliseconds:F2} ms (worst)");
                // Milliseconds on a quiet machine; the bound leaves room for a busy one, and is far below what reading every header takes.
                Assert.True(times[0] < TimeSpan.FromMilliseconds(50), $"the fastest search took {times[0].TotalMilliseconds:F1} ms");

                TimeSpan Search()
                {
                    var start = Stopwatch.GetTimestamp();
                    var search = queries.SearchLogs(0, (ulong)blocks, filter, 10_000, () => false);
                    Assert.Equal(SyntheticChain.RareBlocks(blocks).Count(), search.Found.Count);
                    return Stopwatch.GetElapsedTime(start);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
