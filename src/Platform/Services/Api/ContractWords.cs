using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What contracts refuse with, for people: why, and how to mend it. An error that is not in the list speaks by its name and values.</summary>
static class ContractWords
{
    static readonly Dictionary<string, (string Why, string Mend)> Known = new(StringComparer.Ordinal)
    {
        ["AlreadyPaid"] = ("this payer has paid this payee under this reference before", "look the payment up by its reference; another payment needs another reference"),
        ["TokenNotAccepted"] = ("this token is not on the list of those taken", "choose another token, or have it accepted by who holds payments.tokens"),
        ["NotReceivedInFull"] = ("the token kept something back, so the payee would not have had the whole amount", "choose a token that takes no fee of its own"),
        ["NotAuthorisedFor"] = ("the payer signed for another payee or reference", "sign the draft of this very payment"),
        ["ERC20InsufficientBalance"] = ("the account has less than that", "give it coins first, or ask for less"),
        ["ERC20InsufficientAllowance"] = ("the account has not let the contract take that much", "approve the amount first"),
        ["ERC3009ExpiredAuthorization"] = ("the payer's signature is no longer good", "have a new draft signed"),
        ["ERC3009UsedAuthorization"] = ("the payer's signature was used before", "have a new draft signed"),
        ["ERC3009InvalidSignature"] = ("the signature is not the payer's", "have the payer sign the draft"),
        ["AccountFrozen"] = ("the account is frozen by a lawful order", "see GET /api/v1/stablecoin/orders for the order"),
        ["EnforcedPause"] = ("it is paused", "wait until it goes on; what is yours can be withdrawn all the while"),
        ["AccessManagedUnauthorized"] = ("the account has no right to this", "use the account that holds the role, or have the role granted"),
        ["AboveReserve"] = ("there would be more coins than the attested reserve covers", "have a newer and larger reserve attested first"),
        ["AboveAllowance"] = ("the minter may not mint that much now", "mint less, or wait: its room refills by the day"),
        ["NeedsConfirmation"] = ("so large a mint needs two officers", "order it, and have another officer confirm it"),
        ["NotAMinter"] = ("the account is no minter", "have it appointed by the master minter"),
        ["SameOfficer"] = ("who ordered it cannot confirm it", "another officer has to"),
        ["NoSuchOrder"] = ("there is no such order, or it is over", "look at the list of orders"),
        ["OrderExpired"] = ("the order was not confirmed within a day", "order it again"),
        ["NotSignedByAuditor"] = ("the signature is not the auditor's", "have the appointed auditor sign it"),
        ["NotNewer"] = ("a newer attestation is there already", "attest a later count"),
        ["FromTheFuture"] = ("it is dated after the chain's last block", "give an earlier time"),
        ["AlreadyEntered"] = ("an order with this document was entered before", "look at it in the list of orders"),
        ["NotEntered"] = ("no order with this document waits", "look at the list of orders"),
        ["TooLate"] = ("it was not confirmed within three days", "enter the order again"),
        ["StillInTime"] = ("it can still be confirmed", "wait for the three days to end"),
        ["NotAParticipant"] = ("the account does not take part in clearing", "have it admitted first"),
        ["BalanceTooLow"] = ("the participant has paid in less than that", "pay in first, or ask for less"),
        ["AboveDebitCap"] = ("the participant would owe more than its cap", "settle less, or have the cap raised"),
        ["AlreadySettled"] = ("the obligation was settled before", "look it up by its id"),
        ["NotYetOrNoLonger"] = ("the obligation is outside its time", "queue another with a later deadline"),
        ["NotYetDue"] = ("the deadline has not passed", "wait for it; the payee can return the amount at any time"),
        ["NotForYou"] = ("the account has no part in it that lets it do this", "use the account of payer, payee or arbiter"),
        ["NotOpen"] = ("it is over, or was never there", "look at its state"),
        ["InDispute"] = ("it is in dispute", "the arbiter decides"),
        ["WrongSecret"] = ("this is not the secret", "ask the payer for it"),
        ["MoreThanHeld"] = ("less than that is held", "ask for less"),
        ["MoreThanVested"] = ("less than that has vested", "ask for less, or wait"),
        ["NothingVested"] = ("nothing has vested since the last withdrawal", "wait"),
        ["AlreadyOver"] = ("all of it has vested", "there is nothing left to cancel"),
        ["NotOverdue"] = ("the issuer still has time", "wait until it is due"),
    };

    /// <summary>Null where nothing better is known than what the revert says.</summary>
    public static Refusal? Of(Revert? revert) =>
        revert?.Abi is { } error && Known.TryGetValue(error.Name, out var words) ? new Refusal("the contract refused", $"{words.Why}: {revert.Words}", words.Mend) : null;
}
