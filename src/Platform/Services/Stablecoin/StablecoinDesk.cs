using System.Security.Cryptography;
using System.Text;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What can be done with the coin: attest the reserve, mint, redeem, freeze and seize. Each act under the caller's key, once.</summary>
public sealed class StablecoinDesk(Rooms rooms, StablecoinIndex index)
{
    const string AttestationType = "Attestation(uint256 amount,uint64 asOf,bytes32 report)";

    /// <summary>The coin's contract, deployed where it was not yet.</summary>
    public async Task<(StablecoinContract Contract, Token Token, Deployment Deployment)> CoinAsync(CancellationToken stop = default)
    {
        var deployment = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var address = deployment["Stablecoin"];
        return (new StablecoinContract(rooms.Chain, address), await rooms.Tokens.GetAsync(address, stop).ConfigureAwait(false), deployment);
    }

    /// <summary>Brings the auditor's word of the reserve onto the chain: signed by the auditor elsewhere, or by the auditor's account that is kept here.</summary>
    public async Task<Command> AttestAsync(Ask ask, NewAttestation asked, CancellationToken stop = default)
    {
        var (_, token, made) = await CoinAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.attest", "reserve", async () =>
        {
            var amount = Amounts.Read(asked.Amount, token.Decimals);
            var report = Document(asked.Report, "report");
            var feed = new ReserveFeedContract(rooms.Chain, made["ReserveFeed"]);
            // The block's clock and ours may differ; the chain's last block is never in its future.
            var head = await rooms.Chain.GetBlockAsync(BlockId.Latest, stop: stop).ConfigureAwait(false);
            var asOf = asked.AsOf is { } time ? (ulong)time.ToUnixTimeSeconds() : Math.Min((ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds(), head?.Header.Timestamp ?? ulong.MaxValue);
            byte[] signature;
            if (asked.Signature is { } given) signature = Hex.TryDecode(given, out var bytes) ? bytes : throw ProblemException.Invalid("signature is no signature", "it is not hexadecimal", "send 0x and 130 hexadecimal digits");
            else
            {
                var auditor = await feed.AuditorAsync(stop: stop).ConfigureAwait(false);
                if (!rooms.Custody.Holds(auditor)) throw ProblemException.Invalid("signature is missing", $"the auditor {auditor.ToChecksumString()} signs elsewhere", "send what the auditor signed");
                var domain = new TypedDataDomain("Hufu Reserve", "1", await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false), made["ReserveFeed"]);
                signature = rooms.Custody.SignerOf(auditor).SignDigest(domain.DigestOf(AttestationType, amount, (UInt256)asOf, report)).ToBytes();
            }
            return (rooms.Operator, feed.Attest(new ReserveFeedContract.Attestation(amount, asOf, report), signature));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Mints; from the threshold on it only orders, and another officer has to confirm.</summary>
    public async Task<Command> MintAsync(Ask ask, NewMint asked, CancellationToken stop = default)
    {
        var (_, token, made) = await CoinAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.mint", "", async () =>
        {
            var (to, amount) = (rooms.Account(asked.To, "to"), Amounts.Read(asked.Amount, token.Decimals));
            var minter = asked.Minter is null ? made.Account(StablecoinService.Issuer) : rooms.OwnAccount(ask.By, asked.Minter, "minter");
            var desk = new MintDeskContract(rooms.Chain, made["MintDesk"]);
            var needsTwo = amount >= await desk.ThresholdAsync(stop: stop).ConfigureAwait(false);
            return (minter, needsTwo ? desk.Order(to, amount) : desk.Mint(to, amount));
        }, stop).ConfigureAwait(false);
    }

    public async Task<Command> ConfirmMintAsync(Ask ask, ulong id, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.confirm-mint", id.ToString(System.Globalization.CultureInfo.InvariantCulture),
            () => Task.FromResult((made.Account(StablecoinService.Confirmer), new MintDeskContract(rooms.Chain, made["MintDesk"]).Confirm(id))), stop).ConfigureAwait(false);
    }

    /// <summary>Hands coins in, to be paid out at par. The bank account stays off the chain: only its hash, with a salt, goes there.</summary>
    public async Task<Command> RedeemAsync(Ask ask, NewRedemption asked, CancellationToken stop = default)
    {
        var (_, token, made) = await CoinAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.redeem", "", async () =>
        {
            var (holder, amount) = (rooms.OwnAccount(ask.By, asked.Holder, "holder"), Amounts.Read(asked.Amount, token.Decimals));
            if (asked.BankAccount is not { Length: > 0 and <= 200 } bank) throw ProblemException.Invalid("bankAccount is missing", "the money has to go somewhere", "give an IBAN, or the account as the bank writes it");
            var salt = Hash256.FromBytes(RandomNumberGenerator.GetBytes(32));
            var hash = Keccak256.Hash([.. Encoding.UTF8.GetBytes(bank), .. salt.Bytes]);
            await rooms.Database.WriteAsync(session => session.Execute(StablecoinService.BankAccounts.Insert([hash, bank, salt], replaces: true))).ConfigureAwait(false);
            await rooms.AllowAsync(ask, holder, token.Address, made["RedemptionQueue"], amount, stop).ConfigureAwait(false);
            return (holder, new RedemptionQueueContract(rooms.Chain, made["RedemptionQueue"]).RequestCall(amount, hash));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>The bank has paid: the coins are destroyed.</summary>
    public async Task<Command> SettleRedemptionAsync(Ask ask, ulong id, RedemptionPayment asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var payment = Document(asked.Payment, "payment");
        return await rooms.DoAsync(ask, "stablecoin.settle-redemption", Number(id), () => Task.FromResult((made.Account(StablecoinService.Treasury), new RedemptionQueueContract(rooms.Chain, made["RedemptionQueue"]).Settle(id, payment))), stop).ConfigureAwait(false);
    }

    /// <summary>The bank would not pay: the coins go back.</summary>
    public async Task<Command> ReturnRedemptionAsync(Ask ask, ulong id, RedemptionReturn asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        var reason = References.WordOf(asked.Reason, "reason");
        return await rooms.DoAsync(ask, "stablecoin.return-redemption", Number(id), () => Task.FromResult((made.Account(StablecoinService.Treasury), new RedemptionQueueContract(rooms.Chain, made["RedemptionQueue"]).GiveBack(id, reason))), stop).ConfigureAwait(false);
    }

    /// <summary>Enters a lawful order; a freeze holds at once.</summary>
    public async Task<Command> EnterOrderAsync(Ask ask, NewOrder asked, CancellationToken stop = default)
    {
        var (_, token, made) = await CoinAsync(stop).ConfigureAwait(false);
        var document = Document(asked.Document, "document");
        return await rooms.DoAsync(ask, "stablecoin.order", document.ToString(), () =>
        {
            var account = rooms.Account(asked.Account, "account");
            byte kind = asked.Kind switch { "freeze" => 0, "unfreeze" => 1, "seize" => 2, _ => throw ProblemException.Invalid("kind is no kind of order", $"'{asked.Kind}' is not one of freeze, unfreeze, seize", "choose one of them") };
            var (to, amount) = kind == 2 ? (rooms.Account(asked.To, "to"), Amounts.Read(asked.Amount, token.Decimals)) : (default, default);
            var officer = asked.Officer is null ? made.Account(StablecoinService.ComplianceOfficer) : rooms.OwnAccount(ask.By, asked.Officer, "officer");
            return Task.FromResult((officer, new OrderDeskContract(rooms.Chain, made["OrderDesk"]).Enter(kind, account, to, amount, document)));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>A second officer confirms an order, and it is carried out.</summary>
    public async Task<Command> ConfirmOrderAsync(Ask ask, Hash256 document, Confirmation asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.confirm-order", document.ToString(), () =>
        {
            // Whoever of the two did not enter it.
            var (first, second) = (made.Account(StablecoinService.ComplianceOfficer), made.Account(StablecoinService.SecondOfficer));
            var officer = asked.Officer is not null ? rooms.OwnAccount(ask.By, asked.Officer, "officer") : index.Order(document)?.Officer == second ? first : second;
            return Task.FromResult((officer, new OrderDeskContract(rooms.Chain, made["OrderDesk"]).Confirm(document)));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Ends an order that nobody confirmed in time.</summary>
    public async Task<Command> LapseOrderAsync(Ask ask, Hash256 document, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "stablecoin.lapse-order", document.ToString(), () => Task.FromResult((rooms.Operator, new OrderDeskContract(rooms.Chain, made["OrderDesk"]).Lapse(document))), stop).ConfigureAwait(false);
    }

    static string Number(ulong id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A document by its hash, or the hash of a text that is one.</summary>
    internal static Hash256 Document(string? text, string what)
    {
        if (text is null or "") throw ProblemException.Invalid($"{what} is missing", "the document's hash stands on the chain", "give the document's Keccak-256, or the text itself");
        if (text.StartsWith("0x", StringComparison.Ordinal) && text.Length == 66) return RouteText.Hash(text, what);
        return Keccak256.Hash(Encoding.UTF8.GetBytes(text));
    }
}

/// <param name="AsOf">When the reserve was counted; now where left out.</param>
/// <param name="Report">The report's Keccak-256, or a text that names it.</param>
/// <param name="Signature">By the auditor over EIP-712 Attestation(amount, asOf, report); left out where the auditor's account is kept here.</param>
public sealed record NewAttestation(string? Amount, string? Report, DateTimeOffset? AsOf = null, string? Signature = null);

/// <param name="To">An address, or the name of an account that is kept here.</param>
/// <param name="Minter">Who mints; the mint officer where left out.</param>
public sealed record NewMint(string? To, string? Amount, string? Minter = null);

public sealed record NewRedemption(string? Holder, string? Amount, string? BankAccount);

/// <param name="Payment">The Keccak-256 of the payment's message, or a text that names it.</param>
public sealed record RedemptionPayment(string? Payment);

public sealed record RedemptionReturn(string? Reason);

/// <param name="Kind">freeze, unfreeze or seize.</param>
/// <param name="Document">The order's Keccak-256, or a text that names it.</param>
public sealed record NewOrder(string? Kind, string? Account, string? Document, string? To = null, string? Amount = null, string? Officer = null);

public sealed record Confirmation(string? Officer = null);
