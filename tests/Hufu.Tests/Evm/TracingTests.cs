using CsCheck;
using Hufu.Evm;
using Hufu.Primitives;
using Hufu.State;
using Xunit;

namespace Hufu.Tests.Evm;

public class TracingTests
{
    static readonly Address Caller = Address.FromNumber(0xca11e4), Contract = Address.FromNumber(0xc0de), Other = Address.FromNumber(0x07e4);

    // Instructions that reach for accounts, storage, memory and other frames come more often than their share of the numbers.
    static readonly Gen<byte[]> GenCode =
        Gen.Frequency(
            (3, Gen.Byte.Array[1, 3].Select(data => (byte[])[(byte)(0x5f + data.Length), .. data])),
            (2, Gen.OneOf(Contract, Other, Caller).Select(address => (byte[])[0x73, .. address.Bytes])),
            (3, Gen.OneOf<byte>(0x31, 0x3b, 0x3f, 0x54, 0x55, 0x5c, 0x5d, 0x51, 0x52, 0x53, 0x20, 0xa0, 0xa1, 0xf0, 0xf1, 0xf2, 0xf4, 0xf5, 0xfa, 0x3d, 0x3e, 0x47).Select(op => (byte[])[op])),
            (2, Gen.Byte.Select(op => (byte[])[op])))
        .Array[1, 60].Select(parts => parts.SelectMany(part => part).ToArray());

    /// <summary>Listens to everything and reads the live state wherever it can.</summary>
    struct Curious : ITracer
    {
        IStateView _live;
        int _open;

        public int Frames { get; private set; }
        public static bool IsListening => true;
        public void RunBegan(IStateView live) => _live = live;
        public readonly void RunEnded(ExecutionResult result) => Assert.Equal(0, _open);

        public readonly void StepStarted(in StepView step)
        {
            Assert.Equal(_open, step.Depth);
            if (step.Stack.Length == 0) return;
            _live.TryGetAccount(Address.FromUInt256(step.Stack[^1]), out var account);
            _live.GetCode(account.CodeHash == default ? Account.EmptyCodeHash : account.CodeHash);
            _live.GetStorage(step.Self, step.Stack[^1]);
        }

        public readonly void StepEnded(long cost, Halt halt) => Assert.True(cost >= 0);

        public void FrameEntered(in FrameView frame)
        {
            Frames++;
            Assert.Equal(++_open, frame.Depth);
        }

        public void FrameLeft(Halt halt, ReadOnlySpan<byte> output, long gasUsed) => _open--;
        public readonly void StorageTouched(in Address address, in UInt256 slot, in UInt256 value, bool isWrite) { }
        public readonly void Logged(Log log) { }
        public readonly void SelfDestructed(in Address address, in Address beneficiary, in UInt256 balance) { }
    }

    [Fact]
    public void A_traced_run_and_an_untraced_one_give_the_same_result_gas_and_difference() =>
        Gen.Select(GenCode, GenCode, Gen.OneOf(Fork.Homestead, Fork.Byzantium, Fork.Berlin, Fork.Cancun, Fork.Osaka, Fork.Amsterdam), Gen.ULong[21_000, 500_000]).Sample((code, other, fork, gas) =>
        {
            var state = WorldState.BeginEmpty();
            var diff = new StateDiff();
            Put(diff, Caller, []);
            Put(diff, Contract, code);
            Put(diff, Other, other);
            state.Apply(diff);
            var machine = new TransactionExecution(state, new BlockContext { Number = 1, GasLimit = 30_000_000 }, ForkRules.Of(fork));
            var request = new CallRequest { From = Caller, To = Contract, GasLimit = gas, Value = 1, Input = code };

            var plain = machine.Call(request);
            var curious = new Curious();
            var traced = machine.Call(request, ref curious);
            Assert.True(curious.Frames > 0);
            AssertSame(plain, traced);
        }, iter: 3000);

    static void Put(StateDiff diff, in Address address, byte[] code)
    {
        var hash = Keccak256.Hash(code);
        diff.Codes[hash] = code;
        diff.Accounts[address] = new AccountDiff { Nonce = 1, Balance = 1_000_000, CodeHash = hash, Storage = new() { [1] = 2, [3] = 4 } };
    }

    static void AssertSame(ExecutionResult plain, ExecutionResult traced)
    {
        Assert.Equal((plain.Halt, plain.GasUsed, plain.GasRefunded, plain.MaxGasUsed), (traced.Halt, traced.GasUsed, traced.GasRefunded, traced.MaxGasUsed));
        Assert.Equal(plain.Output, traced.Output);
        Assert.Equal(plain.Logs.Select(Told), traced.Logs.Select(Told));
        Assert.Equal(Told(plain.Diff), Told(traced.Diff));
        Assert.Equal(plain.Accesses?.Select(Told).Order(), traced.Accesses?.Select(Told).Order());
    }

    static string Told(AccountAccess access) =>
        $"{access.Address} {access.Balance} {access.Nonce} {access.Code?.Length} {string.Join(',', access.Reads.Order())} {string.Join(',', access.Writes.Order())}";

    static string Told(Log log) => $"{log.Address} {string.Join(',', log.Topics)} {Convert.ToHexString(log.Data.Span)}";

    static IEnumerable<string> Told(StateDiff diff) => diff.Accounts.OrderBy(entry => entry.Key).Select(entry =>
        $"{entry.Key} {entry.Value.Exists} {entry.Value.Nonce} {entry.Value.Balance} {entry.Value.CodeHash} {entry.Value.StorageCleared} "
        + string.Join(',', (entry.Value.Storage ?? []).OrderBy(slot => slot.Key).Select(slot => $"{slot.Key}={slot.Value}")))
        .Concat(diff.Codes.Keys.Order().Select(hash => hash.ToString()));
}
