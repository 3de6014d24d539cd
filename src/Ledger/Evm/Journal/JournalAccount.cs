using Hufu.Primitives;

namespace Hufu.Evm;

/// <summary>One account as the running transaction sees it. Changed only through <see cref="Journal"/>, which can take every change back.</summary>
public sealed class JournalAccount
{
    internal int Index, Next, BucketHash;
    internal bool IsLoaded;
    internal bool ExistedBefore;

    /// <summary>How many of its slots hold something else at the transaction's end.</summary>
    internal int SlotsWritten;
    internal Account Before;

    public Address Address { get; internal set; }

    /// <summary>Whether the state holds the account; an account may exist and be empty only before EIP-161.</summary>
    public bool Exists { get; internal set; }
    public ulong Nonce { get; internal set; }

    internal UInt256 BalanceNow;
    internal Hash256 CodeHashNow;
    internal Code? CodeNow;

    public ref readonly UInt256 Balance => ref BalanceNow;
    public ref readonly Hash256 CodeHash => ref CodeHashNow;

    /// <summary>Accessed before in this transaction (EIP-2929).</summary>
    public bool IsWarm { get; internal set; }

    /// <summary>Met in a way that deletes it at the end if it is empty then (EIP-161).</summary>
    public bool IsTouched { get; internal set; }

    /// <summary>Made by a creation in this transaction.</summary>
    public bool IsCreated { get; internal set; }

    /// <summary>Gone at the end of the transaction.</summary>
    public bool IsDestructed { get; internal set; }

    public bool HasCode => CodeHashNow != Account.EmptyCodeHash;

    /// <summary>No nonce, no balance, no code: "dead" in the words of EIP-161, whether it exists or not.</summary>
    public bool IsEmpty => Nonce == 0 && BalanceNow.IsZero && !HasCode;

    internal void Reset(in Address address, int index, int hash, int next)
    {
        Address = address;
        (Index, BucketHash, Next) = (index, hash, next);
        IsLoaded = IsWarm = IsTouched = IsCreated = IsDestructed = false;
        CodeNow = null;
    }

    internal void Load(IStateView view)
    {
        IsLoaded = true;
        ExistedBefore = Exists = view.TryGetAccount(Address, out Before);
        if (!Exists) Before = Account.Empty;
        Nonce = Before.Nonce;
        BalanceNow = Before.Balance;
        CodeHashNow = Before.CodeHash;
    }
}
