using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>Sending for accounts whose secret nobody here has. What they send stands in blocks without a signature (<see cref="Transaction.ImpersonatedBy"/>).</summary>
static class DevImpersonation
{
    public static void AddAll(MethodTable methods, DevChain dev)
    {
        foreach (var (prefix, isHardhat) in new[] { ("hardhat_", true), ("anvil_", false) })
        {
            methods.Add(prefix + "impersonateAccount", (ref Parameters parameters, Answer answer) =>
            {
                var address = parameters.Address();
                if (parameters.Failed) return parameters.Error;
                dev.Accounts.Impersonated[address] = true;
                DevMethods.Done(answer.Result, isHardhat);
                return null;
            });
            methods.Add(prefix + "stopImpersonatingAccount", (ref Parameters parameters, Answer answer) =>
            {
                var address = parameters.Address();
                if (parameters.Failed) return parameters.Error;
                var was = dev.Accounts.Impersonated.TryRemove(address, out _);
                if (isHardhat) answer.Result.WriteBooleanValue(was);
                else answer.Result.WriteNullValue();
                return null;
            });
            methods.Add(prefix + "autoImpersonateAccount", (ref Parameters parameters, Answer answer) =>
            {
                var on = parameters.Boolean();
                if (parameters.Failed) return parameters.Error;
                dev.Accounts.ImpersonatesAll = on;
                DevMethods.Done(answer.Result, isHardhat);
                return null;
            });
        }
    }
}
