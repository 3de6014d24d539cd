using Hufu.Evm;
using Hufu.Primitives;
using Xunit;

namespace Hufu.Tests.Evm;

public class PrecompileMemoTests
{
    // CALLDATACOPY everything, STATICCALL the precompile of the first input byte with what follows, return its success and its output.
    const string Forwarder = "6001360360015f37" + "5f5f600136035f5f355f1a5afa" + "5f52" + "3d5f60203e" + "3d602001" + "5ff3";

    static readonly string Signature =
        "456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3" + "000000000000000000000000000000000000000000000000000000000000001c"
        + "9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608" + "4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada";

    [Fact]
    public void An_answer_remembered_is_the_answer_and_costs_what_it_costs()
    {
        var machine = new TestMachine(Fork.Osaka, Forwarder);
        Engines.ForgetAnswers();
        var first = machine.Call(input: "01" + Signature);
        var second = machine.Call(input: "01" + Signature);
        Assert.Equal("0000000000000000000000000000000000000000000000000000000000000001" + "0000000000000000000000007156526fbd7a3c72969b54f64e42c10fbb768c8a", Convert.ToHexStringLower(first.Output));
        Assert.Equal(first.Output, second.Output);
        Assert.Equal(first.GasUsed, second.GasUsed);
    }

    [Fact]
    public void One_byte_more_or_another_precompile_is_another_question()
    {
        var machine = new TestMachine(Fork.Osaka, Forwarder);
        foreach (var input in (string[])["01" + Signature, "01" + Signature.Replace('9', '8'), "01" + Signature + "00", "07" + Signature, "10" + Signature, "01" + Signature[2..], "01"])
        {
            Engines.ForgetAnswers();
            var fresh = machine.Call(input: input);
            machine.Call(input: "01" + Signature);
            var after = machine.Call(input: input);
            Assert.Equal(fresh.Output, after.Output);
            Assert.Equal(fresh.GasUsed, after.GasUsed);
        }
    }

    [Fact]
    public void Gas_too_little_for_the_work_is_too_little_for_the_memory_of_it()
    {
        var machine = new TestMachine(Fork.Osaka, Forwarder);
        machine.Call(input: "01" + Signature);
        var poor = machine.Call(gas: 3_000, input: "01" + Signature);
        Assert.False(poor.Succeeded && poor.Output[31] == 1);
    }

    [Fact]
    public void Threads_that_ask_at_once_hear_the_same()
    {
        var expected = new TestMachine(Fork.Osaka, Forwarder).Call(input: "01" + Signature).Output;
        Parallel.For(0, 200, i =>
        {
            if (i % 7 == 0) Engines.ForgetAnswers();
            Assert.Equal(expected, new TestMachine(Fork.Osaka, Forwarder).Call(input: "01" + Signature).Output);
        });
    }
}
