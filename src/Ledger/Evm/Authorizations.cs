using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>Carries out what an authorization asks for (EIP-7702, "Behavior"). One that does not hold is passed over.</summary>
static class Authorizations
{
    // PER_EMPTY_ACCOUNT_COST - PER_AUTH_BASE_COST, given back where the authority was no new account.
    const long ExistingAccountRefund = 25_000 - 12_500;

    public static void Apply(Authorization authorization, Machine machine)
    {
        if (!authorization.ChainId.IsZero && authorization.ChainId != machine.Block.ChainId) return;
        if (authorization.Nonce > Transaction.MaxNonce) return;
        if (!SenderRecovery.TryRecoverAuthority(authorization, out var address)) return;

        var journal = machine.Journal;
        var authority = journal.Account(address);
        journal.TryWarm(authority);
        if (authority.HasCode && !journal.CodeOf(authority).IsDelegation) return;
        if (authority.Nonce != authorization.Nonce) return;

        if (authority.Exists)
        {
            if (machine.StateCosts.NewAccount > 0) machine.StateGas.Give(machine.StateCosts.NewAccount);
            else journal.Refund += ExistingAccountRefund;
        }
        journal.SetCode(authority, authorization.Address.IsZero ? [] : Delegation.CodeFor(authorization.Address));
        journal.SetNonce(authority, authorization.Nonce + 1);
    }
}
