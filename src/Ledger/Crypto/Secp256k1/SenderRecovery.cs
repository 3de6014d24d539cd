using System.Runtime.CompilerServices;
using Hufu.Primitives;

namespace Hufu.Crypto;

/// <summary>Who signed a transaction or an authorization (yellow paper, appendix F).</summary>
public static class SenderRecovery
{
    // As many as Secp256k1.Recover takes in one step on the processors that help it.
    const int Batch = LaneRecovery.Most;

    // secp256k1n / 2: a signature with a greater s has a twin with a smaller one (EIP-2).
    static readonly UInt256 HighestLowS = UInt256.Parse("0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

    /// <summary>The sender, if the signature is one that the rules accept: s in the lower half from Homestead on. The chain id is not looked at.</summary>
    /// <remarks>The sender is kept in the transaction, so that asking again costs nothing.</remarks>
    public static bool TryRecover(Transaction transaction, ForkRules rules, out Address sender) =>
        TryRecover(transaction, requireLowS: rules.Has(Eip.HomesteadRules), out sender);

    /// <param name="requireLowS">False only before Homestead.</param>
    public static bool TryRecover(Transaction transaction, bool requireLowS, out Address sender)
    {
        sender = default;
        if (requireLowS && transaction.S > HighestLowS) return false;
        if (transaction.RecoveredSender is { } known)
        {
            sender = known.Value;
            return true;
        }
        if (transaction.YParity > 1 || !TryRecover(transaction.SigningHash, transaction.R, transaction.S, (byte)transaction.YParity, out sender)) return false;
        transaction.RecoveredSender = new StrongBox<Address>(sender);
        return true;
    }

    /// <summary>Takes over who signed a transaction from another value of the very same one, where it is known there.</summary>
    public static void Recall(Transaction transaction, Transaction same)
    {
        if (transaction.RecoveredSender is null && !same.IsImpersonated && same.Hash == transaction.Hash) transaction.RecoveredSender = same.RecoveredSender;
    }

    /// <summary>Recovers the senders of many transactions and keeps them there: faster than one by one. What is nobody's stays without, to be refused where it is asked for.</summary>
    public static void Recover(IReadOnlyList<Transaction> transactions, int start, int count)
    {
        Span<SignedHash> signed = new SignedHash[Batch];
        Span<byte> keys = stackalloc byte[Batch * Secp256k1.PublicKeySize];
        Span<bool> found = stackalloc bool[Batch];
        var whose = new Transaction[Batch];
        var waiting = 0;
        for (var i = start; i < start + count; i++)
        {
            var transaction = transactions[i];
            if (transaction.RecoveredSender is not null || transaction.YParity > 1) continue;
            signed[waiting] = new SignedHash(transaction.SigningHash, transaction.R, transaction.S, (byte)transaction.YParity);
            whose[waiting++] = transaction;
            if (waiting == Batch) Flush(signed, keys, found);
        }
        Flush(signed[..waiting], keys[..(waiting * Secp256k1.PublicKeySize)], found[..waiting]);

        void Flush(Span<SignedHash> signed, Span<byte> keys, Span<bool> found)
        {
            Secp256k1.Recover(signed, keys, found);
            for (var i = 0; i < signed.Length; i++)
                if (found[i]) whose[i].RecoveredSender = new StrongBox<Address>(Address.FromPublicKey(keys.Slice(i * Secp256k1.PublicKeySize, Secp256k1.PublicKeySize)));
            waiting = 0;
        }
    }

    /// <summary>The account that signed an authorization, if its signature is valid (EIP-7702): parity 0 or 1, s in the lower half.</summary>
    public static bool TryRecoverAuthority(Authorization authorization, out Address authority)
    {
        authority = default;
        return authorization.YParity <= 1 && authorization.S <= HighestLowS
            && TryRecover(authorization.SigningHash, authorization.R, authorization.S, authorization.YParity, out authority);
    }

    // r and s of zero, or not below the group order, are refused by the recovery itself.
    [SkipLocalsInit]
    static bool TryRecover(in Hash256 signed, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
    {
        Span<byte> publicKey = stackalloc byte[Secp256k1.PublicKeySize];
        if (new SignedHash(signed, r, s, yParity).TryRecover(publicKey))
        {
            signer = Address.FromPublicKey(publicKey);
            return true;
        }
        signer = default;
        return false;
    }
}
