using System.Text.Json.Nodes;
using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What can be done with payments, deals and streams. Each act under the caller's key, once.</summary>
public sealed class PaymentsDesk(Rooms rooms)
{
    const string AuthorisationType = "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)";

    /// <summary>The token that is meant: the platform's coin where none is named.</summary>
    public async Task<(Token Token, Deployment Deployment)> TokenAsync(Address? token, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return (await rooms.Tokens.GetAsync(token ?? made["Stablecoin"], stop).ConfigureAwait(false), made);
    }

    /// <summary>
    /// Pays by reference: the payer signs an ERC-3009 authorisation (here, with the account that is kept here; or in a wallet of his own), and the platform
    /// sends it in and pays the fee. The same payer, payee, token and reference are paid once, whatever keys the requests had.
    /// </summary>
    public async Task<Command> PayAsync(Ask ask, NewPayment asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(asked.Token, stop).ConfigureAwait(false);
        var reference = References.WordOf(asked.Reference);
        return await rooms.DoAsync(ask, "payments.pay", reference.ToString(), async () =>
        {
            var payment = new PaymentsContract.Payment(token.Address, rooms.Account(asked.Payer, "payer"), rooms.Account(asked.Payee, "payee"), Amounts.Read(asked.Amount, token.Decimals), reference);
            // The operator only relays: it is these two who pay and are paid.
            foreach (var party in new[] { payment.Payer, payment.Payee }) rooms.Policy.Require(ask.By, "payments.pay", party);
            await References.KeepAsync(rooms.Database, asked.Reference!).ConfigureAwait(false);
            var contract = new PaymentsContract(rooms.Chain, made["Payments"]);
            if (asked.Authorization is { } signed)
            {
                if (!Hex.TryDecode(signed.Signature, out var bytes) || !Signature.TryRead(bytes, out var own)) throw ProblemException.Invalid("the signature cannot be read", "it is r, s and v: 65 bytes with a low s", "sign the typed data of POST /api/v1/payments/drafts");
                return (rooms.Operator, contract.PayWithAuthorization(payment, signed.Salt, (UInt256)signed.ValidAfter, (UInt256)signed.ValidBefore, own.V, own.R, own.S));
            }
            rooms.OwnAccount(ask.By, asked.Payer, "payer");
            // The same key gives the same salt, and a payment cannot be signed twice for one request.
            var salt = Keccak256.Hash([.. ask.Fingerprint.Bytes, .. System.Text.Encoding.UTF8.GetBytes($"{ask.Caller}\n{ask.Key}")]);
            var signature = rooms.Custody.SignerOf(payment.Payer).SignDigest(Domain(token).DigestOf(AuthorisationType,
                payment.Payer, made["Payments"], payment.Amount, UInt256.Zero, UInt256.MaxValue, NonceOf(payment, salt)));
            return (rooms.Operator, contract.PayWithAuthorization(payment, salt, UInt256.Zero, UInt256.MaxValue, signature.V, signature.R, signature.S));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>What a payer's own wallet has to sign (eth_signTypedData_v4), so that the payment can be sent in by anybody.</summary>
    public async Task<PaymentDraft> DraftAsync(NewPayment asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(asked.Token, stop).ConfigureAwait(false);
        var payment = new PaymentsContract.Payment(token.Address, rooms.Account(asked.Payer, "payer"), rooms.Account(asked.Payee, "payee"), Amounts.Read(asked.Amount, token.Decimals), References.WordOf(asked.Reference));
        var salt = Hash256.FromBytes(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        var before = (ulong)DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds();
        var domain = Domain(token);
        JsonObject Field(string name, string type) => new() { ["name"] = name, ["type"] = type };
        var typed = new JsonObject
        {
            ["types"] = new JsonObject
            {
                ["EIP712Domain"] = new JsonArray(Field("name", "string"), Field("version", "string"), Field("chainId", "uint256"), Field("verifyingContract", "address")),
                ["ReceiveWithAuthorization"] = new JsonArray(Field("from", "address"), Field("to", "address"), Field("value", "uint256"), Field("validAfter", "uint256"), Field("validBefore", "uint256"), Field("nonce", "bytes32")),
            },
            ["primaryType"] = "ReceiveWithAuthorization",
            ["domain"] = new JsonObject { ["name"] = domain.Name, ["version"] = domain.Version, ["chainId"] = domain.ChainId!.Value.ToString(), ["verifyingContract"] = domain.VerifyingContract!.Value.ToChecksumString() },
            ["message"] = new JsonObject
            {
                ["from"] = payment.Payer.ToChecksumString(),
                ["to"] = made["Payments"].ToChecksumString(),
                ["value"] = payment.Amount.ToString(),
                ["validAfter"] = "0",
                ["validBefore"] = before.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["nonce"] = NonceOf(payment, salt).ToString(),
            },
        };
        return new PaymentDraft(salt, 0, before, typed);
    }

    /// <summary>The id that a payment has, made or not.</summary>
    public async Task<Hash256> IdOfAsync(NewPayment asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(asked.Token, stop).ConfigureAwait(false);
        var chainId = await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false);
        return Keccak256.Hash([.. Word(chainId), .. Word(made["Payments"]), .. Word(token.Address), .. Word(rooms.Account(asked.Payer, "payer")), .. Word(rooms.Account(asked.Payee, "payee")), .. References.WordOf(asked.Reference).Bytes]);
    }

    static byte[] Word(UInt256 number) => Hash256.FromUInt256(number).ToArray();

    static byte[] Word(Address address) => [.. new byte[12], .. address.Bytes];

    // As Payments.nonceOf: the signature names payee and reference through it.
    static Hash256 NonceOf(PaymentsContract.Payment payment, Hash256 salt) => Keccak256.Hash([.. Word(payment.Payee), .. payment.Reference.Bytes, .. salt.Bytes]);

    static TypedDataDomain Domain(Token token) => token.Domain ?? throw ProblemException.Invalid($"{token.Symbol} takes no signed payments", "it tells no domain for signatures (ERC-5267)", "choose a token with ERC-3009, such as the platform's coin");

    // ---- escrow ----

    public async Task<Command> OpenDealAsync(Ask ask, NewDeal asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(asked.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "escrow.open", "", async () =>
        {
            var (payer, payee, amount) = (rooms.OwnAccount(ask.By, asked.Payer, "payer"), rooms.Account(asked.Payee, "payee"), Amounts.Read(asked.Amount, token.Decimals));
            rooms.Policy.Require(ask.By, "escrow.open", payee);
            var arbiter = asked.Arbiter is null ? default : rooms.Account(asked.Arbiter, "arbiter");
            if (asked.Deadline <= DateTimeOffset.UtcNow) throw ProblemException.Invalid("deadline has passed", $"it is {asked.Deadline:u}", "give a time to come");
            await rooms.AllowAsync(ask, payer, token.Address, made["Escrow"], amount, stop).ConfigureAwait(false);
            return (payer, new EscrowContract(rooms.Chain, made["Escrow"]).Open(token.Address, payee, amount, arbiter, asked.SecretHash ?? default, (ulong)asked.Deadline.ToUnixTimeSeconds()));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>The payer lets the payee have some or all of what is held; or anybody does who knows the secret.</summary>
    public async Task<Command> ReleaseAsync(Ask ask, DealRow deal, Release asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(deal.Token, stop).ConfigureAwait(false);
        var escrow = new EscrowContract(rooms.Chain, made["Escrow"]);
        return await rooms.DoAsync(ask, "escrow.release", Text(deal.Id), () => Task.FromResult(asked.Secret is { } secret
            ? (rooms.Operator, escrow.ReleaseWithSecret(deal.Id, Hex.TryDecode(secret, out var bytes) ? bytes : throw ProblemException.Invalid("secret cannot be read", "it is not hexadecimal", "send 0x and its bytes")))
            : (rooms.OwnAccount(ask.By, deal.Payer.ToString(), "the payer"), escrow.Release(deal.Id, asked.Amount is null ? deal.Held : Amounts.Read(asked.Amount, token.Decimals)))), stop).ConfigureAwait(false);
    }

    /// <summary>Returns what is held: by the payee at any time, by the payer from the deadline on.</summary>
    public async Task<Command> RefundAsync(Ask ask, DealRow deal, By asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "escrow.refund", Text(deal.Id), () => Task.FromResult((rooms.OwnAccount(ask.By, asked.Account ?? deal.Payer.ToString(), "account"), new EscrowContract(rooms.Chain, made["Escrow"]).Refund(deal.Id))), stop).ConfigureAwait(false);
    }

    public async Task<Command> DisputeAsync(Ask ask, DealRow deal, Dispute asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "escrow.dispute", Text(deal.Id), () => Task.FromResult((rooms.OwnAccount(ask.By, asked.Account ?? deal.Payer.ToString(), "account"), new EscrowContract(rooms.Chain, made["Escrow"]).Dispute(deal.Id, StablecoinDesk.Document(asked.Evidence, "evidence")))), stop).ConfigureAwait(false);
    }

    public async Task<Command> ArbitrateAsync(Ask ask, DealRow deal, Arbitration asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(deal.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "escrow.arbitrate", Text(deal.Id), () =>
        {
            if (!Amounts.TryRead(asked.ToPayee, token.Decimals, out var amount, out var why)) throw ProblemException.Invalid("toPayee is no amount", why, "write it as \"12.50\"; \"0\" returns all of it");
            return Task.FromResult((rooms.OwnAccount(ask.By, deal.Arbiter?.ToString(), "the arbiter"), new EscrowContract(rooms.Chain, made["Escrow"]).Arbitrate(deal.Id, amount)));
        }, stop).ConfigureAwait(false);
    }

    // ---- streams ----

    public async Task<Command> OpenStreamAsync(Ask ask, NewStream asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(asked.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "streams.open", "", async () =>
        {
            var (payer, payee, amount) = (rooms.OwnAccount(ask.By, asked.Payer, "payer"), rooms.Account(asked.Payee, "payee"), Amounts.Read(asked.Amount, token.Decimals));
            rooms.Policy.Require(ask.By, "streams.open", payee);
            if (asked.StepSeconds is < 1 or > int.MaxValue || asked.Steps is < 1 or > int.MaxValue) throw ProblemException.Invalid("the steps cannot be used", "a stream has at least one instalment, at least a second long", "stepSeconds 1 pays by the second; 2592000 by thirty days");
            await rooms.AllowAsync(ask, payer, token.Address, made["Streams"], amount, stop).ConfigureAwait(false);
            var start = asked.Start ?? DateTimeOffset.UtcNow;
            return (payer, new StreamsContract(rooms.Chain, made["Streams"]).Open(token.Address, payee, amount, (ulong)start.ToUnixTimeSeconds(), (uint)asked.StepSeconds, (uint)asked.Steps));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>The payee takes what has vested, or some of it.</summary>
    public async Task<Command> WithdrawAsync(Ask ask, StreamRow stream, Withdrawal asked, CancellationToken stop = default)
    {
        var (token, made) = await TokenAsync(stream.Token, stop).ConfigureAwait(false);
        var contract = new StreamsContract(rooms.Chain, made["Streams"]);
        return await rooms.DoAsync(ask, "streams.withdraw", Text(stream.Id), async () =>
        {
            // By the clock of the block to come: where blocks come only with transactions, the last one's stands still.
            var amount = asked.Amount is not null ? Amounts.Read(asked.Amount, token.Decimals) : await contract.VestedDownAsync(stream.Id, BlockId.Pending, stop: stop).ConfigureAwait(false) - stream.Withdrawn;
            return (rooms.OwnAccount(ask.By, stream.Payee.ToString(), "the payee"), contract.Withdraw(stream.Id, asked.To is null ? stream.Payee : rooms.Account(asked.To, "to"), amount));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>The payer ends a stream: what has vested stays the payee's.</summary>
    public async Task<Command> CancelAsync(Ask ask, StreamRow stream, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "streams.cancel", Text(stream.Id), () => Task.FromResult((rooms.OwnAccount(ask.By, stream.Payer.ToString(), "the payer"), new StreamsContract(rooms.Chain, made["Streams"]).Cancel(stream.Id))), stop).ConfigureAwait(false);
    }

    static string Text(ulong id) => id.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

/// <param name="Payer">An address, or the name of an account that is kept here.</param>
/// <param name="Payee">Likewise.</param>
/// <param name="Reference">What the payee recognises it by.</param>
/// <param name="Token">The platform's coin where left out.</param>
/// <param name="Authorization">What the payer's own wallet signed; left out where the payer's account is kept here.</param>
public sealed record NewPayment(string? Payer, string? Payee, string? Amount, string? Reference, Address? Token = null, Authorisation? Authorization = null);

/// <param name="Signature">r, s and v: 65 bytes.</param>
public sealed record Authorisation(Hash256 Salt, ulong ValidAfter, ulong ValidBefore, string Signature);

/// <param name="TypedData">For eth_signTypedData_v4; the rest goes into the payment's authorization beside the signature.</param>
public sealed record PaymentDraft(Hash256 Salt, ulong ValidAfter, ulong ValidBefore, JsonObject TypedData);

/// <param name="Arbiter">May split what is held when the two disagree.</param>
/// <param name="SecretHash">Keccak-256 of a secret that releases all of it.</param>
public sealed record NewDeal(string? Payer, string? Payee, string? Amount, DateTimeOffset Deadline, string? Arbiter = null, Hash256? SecretHash = null, Address? Token = null);
public sealed record Release(string? Amount = null, string? Secret = null);

/// <param name="Account">Who does it; the payer where left out.</param>
public sealed record By(string? Account = null);
public sealed record Dispute(string? Evidence, string? Account = null);
public sealed record Arbitration(string? ToPayee);

/// <param name="StepSeconds">From one instalment to the next.</param>
public sealed record NewStream(string? Payer, string? Payee, string? Amount, long StepSeconds, long Steps, DateTimeOffset? Start = null, Address? Token = null);
public sealed record Withdrawal(string? Amount = null, string? To = null);
