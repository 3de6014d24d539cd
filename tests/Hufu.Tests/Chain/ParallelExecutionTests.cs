using System.Globalization;
using CsCheck;
using Hufu.Chain;
using Hufu.Crypto;
using Hufu.Primitives;
using Hufu.Tests.Evm;
using Xunit;

namespace Hufu.Tests;

/// <summary>Blocks that run side by side (EIP-7928) end as those that run one transaction after the other. HUFU_BLOCKS=100000 for the long run.</summary>
public class ParallelExecutionTests : IDisposable
{
    static readonly byte[][] Secrets = [.. Enumerable.Range(1, 5).Select(i => Enumerable.Repeat((byte)(0x11 * i), 32).ToArray())];
    static readonly Address[] Senders = [.. Secrets.Select(secret => TransactionSigning.AddressOf(secret))];

    readonly ParallelMode _usual = ParallelExecution.Mode;

    public ParallelExecutionTests() => ParallelExecution.Mode = ParallelMode.Always;

    public void Dispose()
    {
        ParallelExecution.Mode = _usual;
        GC.SuppressFinalize(this);
    }

    static int Blocks => int.TryParse(Environment.GetEnvironmentVariable("HUFU_BLOCKS"), CultureInfo.InvariantCulture, out var count) ? count : 120;

    [Fact]
    public void Random_blocks_end_as_those_that_run_in_order() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        using var builder = new TestChain(Fork.Amsterdam);
        using var sideBySide = new TestChain(Fork.Amsterdam);
        var nonces = new ulong[Secrets.Length];
        List<Address> contracts = [TestChain.Carol];
        foreach (var step in Enumerable.Range(0, 4))
        {
            var transactions = step == 0 ? FundOthers(nonces) : RandomTransactions(random, nonces, contracts);
            var built = builder.Build(builder.Chain.Head.Hash, beneficiary: Any(random, [TestChain.Carol, .. Senders]), transactions: transactions);
            foreach (var (i, secret) in Secrets.Index()) nonces[i] = NonceAfter(built, Senders[i]) ?? nonces[i];

            var before = ParallelExecution.Blocks;
            var result = sideBySide.Chain.Import(DecodedBlock.Of(built.Block) with { AccessList = built.AccessList });
            Assert.True(result.IsAccepted, result.Refusal?.ToString());
            Assert.True(built.Block.Transactions.Count == 0 || ParallelExecution.Blocks > before, "the block fell back to running in order");
            Assert.Equal(built.Receipts.Select(receipt => Convert.ToHexString(receipt.Encode())), sideBySide.Chain.Blocks.ReceiptsOf(built.Hash)!.Select(receipt => Convert.ToHexString(receipt.Encode())));
            Assert.Null(sideBySide.Chain.VerifyState());
            Assert.True(builder.Chain.Import(built).IsAccepted);
        }
    }, iter: Blocks / 4, threads: 1);

    [Fact]
    public void A_list_that_lies_is_refused_for_the_reason_that_running_in_order_gives() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        using var chain = new TestChain(Fork.Amsterdam);
        var nonces = new ulong[Secrets.Length];
        var built = chain.Build(chain.Chain.Head.Hash, transactions: FundOthers(nonces));
        var lie = Falsified(random, built.AccessList!);
        var block = DecodedBlock.Of(built.Block with { Header = built.Header with { BlockAccessListHash = lie.Hash } });

        var inOrder = chain.Chain.Import(block);
        var sideBySide = chain.Chain.Import(block with { AccessList = lie });

        Assert.Equal(ImportOutcome.Refused, sideBySide.Outcome);
        Assert.Equal(inOrder.Refusal!.ToString(), sideBySide.Refusal!.ToString());
    }, iter: Blocks, threads: 1);

    static BlockAccessList Falsified(Random random, BlockAccessList list)
    {
        var accounts = list.Accounts.ToArray();
        var at = random.Next(accounts.Length);
        var account = accounts[at];
        accounts[at] = random.Next(4) switch
        {
            0 => account with { BalanceChanges = [.. account.BalanceChanges.Select(change => change with { Value = change.Value + UInt256.One }), .. account.BalanceChanges.Count == 0 ? [new IndexedChange<UInt256>(1, 7)] : Array.Empty<IndexedChange<UInt256>>()] },
            1 => account with { NonceChanges = account.NonceChanges.Count > 0 ? [] : [new(1, 9)] },
            2 => account with { CodeChanges = account.CodeChanges.Count > 0 ? [] : [new(1, new byte[] { 0x5b })] },
            _ => account with { StorageReads = [.. account.StorageReads.Select(slot => slot + UInt256.One), UInt256.MaxValue] },
        };
        return new BlockAccessList(accounts);
    }

    static Transaction[] FundOthers(ulong[] nonces)
    {
        nonces[0] += 3;
        return [.. Enumerable.Range(2, 3).Select(i => Signed(0, (ulong)i - 2, Senders[i], TestChain.Ether * 100UL, [], 21_000))];
    }

    static Transaction[] RandomTransactions(Random random, ulong[] nonces, List<Address> contracts)
    {
        var transactions = new List<Transaction>();
        var next = (ulong[])nonces.Clone();
        for (var left = random.Next(1, 12); left > 0; left--)
        {
            var sender = random.Next(Secrets.Length);
            var nonce = next[sender]++;
            var value = (UInt256)(ulong)random.Next(1_000_000);
            switch (random.Next(4))
            {
                case 0:
                    transactions.Add(Signed(sender, nonce, Any(random, Senders), value, [], 60_000));
                    break;
                case 1:
                    var program = GeneratedProgram.Of(random.Next(), [.. contracts.Select(address => address.Bytes.ToArray())]);
                    transactions.Add(Signed(sender, nonce, null, value, Deploying(program), 8_000_000));
                    contracts.Add(Created(Senders[sender], nonce));
                    break;
                case 2:
                    // As it runs while it is made: it writes, calls and may destroy itself.
                    transactions.Add(Signed(sender, nonce, null, value, GeneratedProgram.Of(random.Next(), [.. contracts.Select(address => address.Bytes.ToArray())]), 1_000_000));
                    break;
                default:
                    transactions.Add(Signed(sender, nonce, Any(random, contracts), value, BitConverter.GetBytes(random.Next()), (ulong)random.Next(60_000, 2_000_000)));
                    break;
            }
        }
        return [.. transactions];
    }

    /// <summary>Code that leaves a program as the code of the contract it makes.</summary>
    static byte[] Deploying(byte[] program) =>
        // PUSH2 length DUP1 PUSH1 10 PUSH0 CODECOPY PUSH0 RETURN
        [0x61, (byte)(program.Length >> 8), (byte)program.Length, 0x80, 0x60, 10, 0x5f, 0x39, 0x5f, 0xf3, .. program];

    static Address Created(Address sender, ulong nonce)
    {
        using var writer = RlpWriter.Rent();
        var list = writer.StartList();
        writer.Write(sender);
        writer.Write(nonce);
        writer.EndList(list);
        return Address.FromBytes(Keccak256.Hash(writer.Written).Bytes[12..]);
    }

    static ulong? NonceAfter(ExecutedBlock built, Address sender) =>
        built.AccessList!.Accounts.FirstOrDefault(account => account.Address == sender)?.NonceChanges is { Count: > 0 } changes ? changes[^1].Value : null;

    static T Any<T>(Random random, IReadOnlyList<T> of) => of[random.Next(of.Count)];

    static Transaction Signed(int sender, ulong nonce, Address? to, UInt256 value, byte[] data, ulong gas) => TransactionSigning.Sign(
        new DynamicFeeTransaction { ChainId = 1337, Nonce = nonce, MaxFeePerGas = 10_000_000_000, MaxPriorityFeePerGas = 1_000_000_000, GasLimit = gas, To = to, Value = value, Data = data, AccessList = [] }, Secrets[sender]);
}
