using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Tokens given by hand: the slot of a balance or an allowance is found by trying out which one the token's own answer follows.</summary>
static class DevTokens
{
    const ulong Gas = 10_000_000;

    static ReadOnlySpan<byte> BalanceOf => [0x70, 0xa0, 0x82, 0x31];
    static ReadOnlySpan<byte> Allowance => [0xdd, 0x62, 0xed, 0x3e];

    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var name in new[] { "anvil_dealERC20", "anvil_dealErc20", "hardhat_dealERC20", "anvil_setERC20Balance" })
            methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
            {
                var holder = parameters.Address();
                var token = parameters.Address();
                var amount = parameters.QuantityOrNumber();
                return parameters.Failed ? new(parameters.Error) : SetAsync(dev, token, [.. BalanceOf, .. Word(holder)], amount, "balance", answer);
            });
        methods.AddWaiting("tenderly_setErc20Balance", (ref Parameters parameters, Answer answer) =>
        {
            var token = parameters.Address();
            var holder = parameters.Address();
            var amount = parameters.QuantityOrNumber();
            return parameters.Failed ? new(parameters.Error) : SetAsync(dev, token, [.. BalanceOf, .. Word(holder)], amount, "balance", answer);
        });
        methods.AddWaiting("anvil_setERC20Allowance", (ref Parameters parameters, Answer answer) =>
        {
            var holder = parameters.Address();
            var spender = parameters.Address();
            var token = parameters.Address();
            var amount = parameters.QuantityOrNumber();
            return parameters.Failed ? new(parameters.Error) : SetAsync(dev, token, [.. Allowance, .. Word(holder), .. Word(spender)], amount, "allowance", answer);
        });
    }

    static ValueTask<RpcError?> SetAsync(DevChain dev, Address token, byte[] question, UInt256 amount, string what, Answer answer)
    {
        var call = new CallObject { To = token, Input = question };
        if (CallStage.TryPrepare(dev.Ledger, BlockReference.Latest, null, null, out var stage) is { } error) return new(error);
        var (touched, _) = AccessListSearch.Find(stage, call, Gas);
        foreach (var (at, slots) in touched.Select(entry => (entry.Address, entry.StorageKeys)))
        {
            foreach (var slot in slots.Select(key => key.ToUInt256()))
            {
                var result = stage.On(new OneSlot(stage.State, at, slot, amount)).Run(call, Gas);
                if (!result.Succeeded || result.Output.Length < 32 || UInt256.FromBigEndian(result.Output.AsSpan(0, 32)) != amount) continue;
                return DevMethods.Act(dev.EditAsync(at, static account => account, storage: (slot, amount)), answer, isTrue: false);
            }
        }
        return new(RpcError.Server($"Unable to set ERC20 {what}, no slot found: the answer of {token.ToChecksumString()} follows no single slot"));
    }

    static byte[] Word(in Address address)
    {
        var word = new byte[32];
        address.Bytes.CopyTo(word.AsSpan(12));
        return word;
    }

    // A state in which one slot is something else.
    sealed class OneSlot(IStateView below, Address address, UInt256 slot, UInt256 value) : IStateView
    {
        public bool TryGetAccount(in Address asked, out Account account) => below.TryGetAccount(asked, out account);
        public UInt256 GetStorage(in Address asked, in UInt256 key) => asked == address && key == slot ? value : below.GetStorage(asked, key);
        public bool HasStorage(in Address asked) => below.HasStorage(asked);
        public byte[] GetCode(in Hash256 codeHash) => below.GetCode(codeHash);
    }
}
