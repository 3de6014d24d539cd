using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Accounts changed by hand.</summary>
static class DevEdits
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            AddSetBalance(methods, dev, prefix + "setBalance", isHardhat);
            AddSetCode(methods, dev, prefix + "setCode", isHardhat);
            AddSetNonce(methods, dev, prefix + "setNonce", isHardhat);
            AddSetStorage(methods, dev, prefix + "setStorageAt");
            AddAddBalance(methods, dev, prefix + "addBalance");
        }
        AddSetBalance(methods, dev, "tenderly_setBalance", isTrue: false);
        AddAddBalance(methods, dev, "tenderly_addBalance");
        AddSetBalance(methods, dev, "anvil_deal", isTrue: false);
        // Ganache's names.
        AddSetBalance(methods, dev, "evm_setAccountBalance", isTrue: true);
        AddSetCode(methods, dev, "evm_setAccountCode", isTrue: true);
        AddSetNonce(methods, dev, "evm_setAccountNonce", isTrue: false);
        AddSetStorage(methods, dev, "evm_setAccountStorageAt");
    }

    static void AddSetBalance(MethodTable methods, DevChain dev, string name, bool isTrue) =>
        methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var balance = parameters.QuantityOrNumber();
            return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.EditAsync(address, account => account with { Balance = balance }), answer, isTrue);
        });

    static void AddAddBalance(MethodTable methods, DevChain dev, string name) =>
        methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var more = parameters.QuantityOrNumber();
            return parameters.Failed ? new(parameters.Error)
                : DevMethods.Act(dev.EditAsync(address, account => account with { Balance = UInt256.TryAdd(account.Balance, more, out var sum) ? sum : UInt256.MaxValue }), answer, isTrue: false);
        });

    static void AddSetCode(MethodTable methods, DevChain dev, string name, bool isTrue) =>
        methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var code = parameters.Data();
            return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.EditAsync(address, account => account with { CodeHash = Keccak256.Hash(code) }, code), answer, isTrue);
        });

    // Hardhat lets no nonce fall, since what was sent could be sent again.
    static void AddSetNonce(MethodTable methods, DevChain dev, string name, bool isTrue) =>
        methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var nonce = parameters.UInt64();
            if (parameters.Failed) return new(parameters.Error);
            if (isTrue && dev.Ledger.Chain.StateAt(dev.Head.Hash)!.TryGetAccount(address, out var account) && nonce < account.Nonce)
                return new(RpcError.Server($"New nonce ({nonce}) must not be smaller than the existing nonce ({account.Nonce})"));
            return DevMethods.Act(dev.EditAsync(address, account => account with { Nonce = nonce }), answer, isTrue);
        });

    static void AddSetStorage(MethodTable methods, DevChain dev, string name) =>
        methods.AddWaiting(name, (ref Parameters parameters, Answer answer) =>
        {
            var address = parameters.Address();
            var slot = parameters.StorageKey().ToUInt256();
            var value = parameters.Hash().ToUInt256();
            return parameters.Failed ? new(parameters.Error) : DevMethods.Act(dev.EditAsync(address, static account => account, storage: (slot, value)), answer, isTrue: true);
        });
}
