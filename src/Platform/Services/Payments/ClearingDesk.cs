using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>
/// The clearing house: participants pay in, debtors sign obligations, and a cycle settles as many of them as the balances cover, oldest first. What is not covered
/// waits for the next cycle. The contract recomputes every sum from what was signed, so whoever orders a cycle chooses nothing but when.
/// </summary>
public sealed class ClearingDesk(Rooms rooms, PaymentsDesk payments, PaymentsIndex index)
{
    internal static readonly Table Obligations = new("clearing_obligation", "id text key", "debtor text", "creditor text", "token text", "amount text", "reference text", "counterpart text", "not_before number", "deadline number", "signature text", "queued_at number index");

    const string ObligationType = "Obligation(address debtor,address creditor,address token,uint256 amount,bytes32 reference,bytes32 counterpart,uint64 notBefore,uint64 deadline)";
    const int MostInCycle = 500;

    // What one cycle looks at, and how much of it may be one debtor's.
    const int MostConsidered = 10_000, MostOfDebtor = 2_000;

    public async Task<Command> AdmitAsync(Ask ask, NewParticipant asked, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "clearing.admit", "", () => Task.FromResult((made.Account(PaymentsService.RiskOfficer), new ClearingHouseContract(rooms.Chain, made["ClearingHouse"]).SetParticipant(rooms.Account(asked.Account, "account"), asked.Participates))), stop).ConfigureAwait(false);
    }

    public async Task<Command> CapAsync(Ask ask, NewDebitCap asked, CancellationToken stop = default)
    {
        var (token, made) = await payments.TokenAsync(asked.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "clearing.cap", "", () =>
        {
            if (!Amounts.TryRead(asked.Cap, token.Decimals, out var cap, out var why)) throw ProblemException.Invalid("cap is no amount", why, "write it as \"1000.00\"; \"0\" sets no bound");
            return Task.FromResult((made.Account(PaymentsService.RiskOfficer), new ClearingHouseContract(rooms.Chain, made["ClearingHouse"]).SetDebitCap(token.Address, rooms.Account(asked.Account, "account"), cap)));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>A participant pays in.</summary>
    public async Task<Command> DepositAsync(Ask ask, NewDeposit asked, CancellationToken stop = default)
    {
        var (token, made) = await payments.TokenAsync(asked.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "clearing.deposit", "", async () =>
        {
            var (participant, amount) = (rooms.OwnAccount(ask.By, asked.Participant, "participant"), Amounts.Read(asked.Amount, token.Decimals));
            await rooms.AllowAsync(ask, participant, token.Address, made["ClearingHouse"], amount, stop).ConfigureAwait(false);
            return (participant, new ClearingHouseContract(rooms.Chain, made["ClearingHouse"]).Deposit(token.Address, participant, amount));
        }, stop).ConfigureAwait(false);
    }

    public async Task<Command> WithdrawAsync(Ask ask, NewDeposit asked, CancellationToken stop = default)
    {
        var (token, made) = await payments.TokenAsync(asked.Token, stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "clearing.withdraw", "", () =>
        {
            var participant = rooms.OwnAccount(ask.By, asked.Participant, "participant");
            return Task.FromResult((participant, new ClearingHouseContract(rooms.Chain, made["ClearingHouse"]).Withdraw(token.Address, participant, Amounts.Read(asked.Amount, token.Decimals))));
        }, stop).ConfigureAwait(false);
    }

    /// <summary>Queues what a debtor signed, or signs it for a debtor whose account is kept here. The same obligation is queued once.</summary>
    public async Task<ObligationRow> QueueAsync(Caller by, NewObligation asked, CancellationToken stop = default)
    {
        var (token, made) = await payments.TokenAsync(asked.Token, stop).ConfigureAwait(false);
        var now = DateTimeOffset.UtcNow;
        var row = new ObligationRow
        {
            Debtor = rooms.Account(asked.Debtor, "debtor"),
            Creditor = rooms.Account(asked.Creditor, "creditor"),
            Token = token.Address,
            Amount = Amounts.Read(asked.Amount, token.Decimals),
            Reference = References.WordOf(asked.Reference),
            Counterpart = asked.Counterpart ?? default,
            NotBefore = asked.NotBefore is { } from ? (ulong)from.ToUnixTimeSeconds() : 0,
            Deadline = (ulong)(asked.Deadline ?? now.AddDays(7)).ToUnixTimeSeconds(),
            QueuedAt = now,
        };
        if (row.Debtor == row.Creditor) throw ProblemException.Invalid("debtor and creditor are the same", "nothing would move", "name two accounts");
        if (row.Deadline <= (ulong)now.ToUnixTimeSeconds()) throw ProblemException.Invalid("deadline has passed", $"it is {asked.Deadline:u}", "give a time to come");
        // Without a deadline of its own, the same request would be another obligation each second: the reference tells that it is the same.
        if (asked.Deadline is null && index.Participates(row.Debtor) && Same(row) is { } known) return known;
        var domain = new TypedDataDomain("Hufu Clearing", "1", await rooms.Chain.GetChainIdAsync(stop).ConfigureAwait(false), made["ClearingHouse"]);
        row = row with { Id = domain.DigestOf(ObligationType, row.Debtor, row.Creditor, row.Token, row.Amount, row.Reference, row.Counterpart, (UInt256)row.NotBefore, (UInt256)row.Deadline) };
        if (asked.Signature is { } given)
        {
            if (!Hex.TryDecode(given, out var bytes) || !Signature.TryRead(bytes, out var own) || !own.TryRecover(row.Id, out var signer) || signer != row.Debtor)
                throw ProblemException.Invalid("the signature is not the debtor's", $"it is not by {row.Debtor.ToChecksumString()} over {row.Id}", "sign the obligation's EIP-712 digest with the debtor's key");
            row = row with { Signature = own.ToBytes() };
        }
        else row = row with { Signature = rooms.Custody.SignerOf(rooms.OwnAccount(by, row.Debtor.ToString(), "debtor")).SignDigest(row.Id).ToBytes() };
        foreach (var party in new[] { row.Debtor, row.Creditor })
            if (!index.Participates(party)) throw ProblemException.Invalid($"{party.ToChecksumString()} is no participant", "only participants have positions", "admit it with POST /api/v1/clearing/participants");
        if (rooms.Database.Read(session => session.Count($"SELECT COUNT(*) FROM {Obligations} WHERE debtor = {row.Debtor} AND deadline > {now.ToUnixTimeSeconds()}")) >= MostOfDebtor)
            throw new ProblemException(Microsoft.AspNetCore.Http.StatusCodes.Status429TooManyRequests, "too-many-obligations", new Refusal($"{MostOfDebtor} obligations of {row.Debtor.ToChecksumString()} wait or were settled before their deadline", "one debtor's must leave room for the others'", "wait until they are past their deadlines, or net them before"));
        await References.KeepAsync(rooms.Database, asked.Reference!).ConfigureAwait(false);
        await rooms.Database.WriteAsync(session =>
        {
            if (session.Count($"SELECT COUNT(*) FROM {Obligations} WHERE id = {row.Id}") == 0) session.Execute(Obligations.Insert(
                [row.Id, row.Debtor, row.Creditor, row.Token, row.Amount, row.Reference, row.Counterpart, row.NotBefore, row.Deadline, row.Signature, row.QueuedAt], replaces: false));
        }).ConfigureAwait(false);
        return row;
    }

    ObligationRow? Same(ObligationRow row) => rooms.Database.Read(session => session.Find(
        Select($" WHERE debtor = {row.Debtor} AND creditor = {row.Creditor} AND token = {row.Token} AND amount = {row.Amount} AND reference = {row.Reference} AND counterpart = {row.Counterpart}"), Read));

    /// <summary>What waits: signed, within its window, and not settled. The oldest first.</summary>
    public IReadOnlyList<ObligationRow> Queue(int most = MostInCycle)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var waiting = rooms.Database.Read(session => session.Query(Select($" WHERE deadline > {now} AND not_before <= {now} ORDER BY queued_at, id"), Read));
        var settled = index.SettledAmong([.. waiting.Select(row => row.Id)]);
        return [.. waiting.Where(row => !settled.Contains(row.Id)).Take(most)];
    }

    /// <summary>What a cycle would settle now, out of all that waits: obligations that nobody covers, however many and however old, keep no other from its turn.</summary>
    public IReadOnlyList<ObligationRow> Coverable()
    {
        var positions = index.PositionsNow();
        var covered = Netting.Coverable(Queue(MostConsidered), positions);
        return covered.Count <= MostInCycle ? covered : Netting.Coverable([.. covered.Take(MostInCycle)], positions);
    }

    public ObligationRow? Find(Hash256 id) => rooms.Database.Read(session => session.Find(Select($" WHERE id = {id}"), Read));

    static SqlText Select(SqlText rest) => $"SELECT id, debtor, creditor, token, amount, reference, counterpart, not_before, deadline, signature, queued_at FROM {Obligations}{rest}";

    static ObligationRow Read(SqlRow row) => new()
    {
        Id = row.Hash(0),
        Debtor = row.Address(1),
        Creditor = row.Address(2),
        Token = row.Address(3),
        Amount = row.Amount(4),
        Reference = row.Hash(5),
        Counterpart = row.Hash(6),
        NotBefore = (ulong)row.Number(7),
        Deadline = (ulong)row.Number(8),
        Signature = Hex.Decode(row.Text(9)),
        QueuedAt = row.Time(10),
    };

    /// <summary>Orders a cycle over what waits and is covered.</summary>
    /// <exception cref="ProblemException">Nothing that waits is covered.</exception>
    public async Task<Command> SettleAsync(Ask ask, CancellationToken stop = default)
    {
        var made = await rooms.Registry.EnsureAsync(stop).ConfigureAwait(false);
        return await rooms.DoAsync(ask, "clearing.settle", "", () =>
        {
            var chosen = Coverable();
            if (chosen.Count == 0) throw new ProblemException(Microsoft.AspNetCore.Http.StatusCodes.Status422UnprocessableEntity, "nothing-to-settle", new Refusal("there is nothing to settle", "no obligation waits that the balances cover", "queue obligations, or let the debtors pay in"));
            var parties = chosen.SelectMany(row => new[] { (row.Token, Participant: row.Debtor), (row.Token, Participant: row.Creditor) }).Distinct().Order().ToList();
            var entries = chosen.Select(row => new ClearingHouseContract.Entry(
                new ClearingHouseContract.Obligation(row.Debtor, row.Creditor, row.Token, row.Amount, row.Reference, row.Counterpart, row.NotBefore, row.Deadline),
                (ushort)parties.IndexOf((row.Token, row.Debtor)), (ushort)parties.IndexOf((row.Token, row.Creditor)), row.Signature)).ToArray();
            return Task.FromResult((made.Account(PaymentsService.ClearingOperator), new ClearingHouseContract(rooms.Chain, made["ClearingHouse"]).Settle([.. parties.Select(party => new ClearingHouseContract.Party(party.Token, party.Participant))], entries)));
        }, stop).ConfigureAwait(false);
    }
}

/// <summary>Which obligations a cycle can settle. A function of the queue and the balances.</summary>
public static class Netting
{
    /// <summary>
    /// As many as the balances cover, oldest first: beginning with all of them, while somebody would fall below zero (or below its cap) the youngest of what it owes is
    /// left out, and with it whatever names that as its counterpart.
    /// </summary>
    public static IReadOnlyList<ObligationRow> Coverable(IReadOnlyList<ObligationRow> queue, IReadOnlyList<PositionRow> positions)
    {
        var cover = positions.ToDictionary(one => (one.Token, one.Participant), one => one.DebitCap.IsZero || one.Balance < one.DebitCap ? one.Balance : one.DebitCap);
        var chosen = WithCounterparts([.. queue]);
        while (true)
        {
            var owed = new Dictionary<(Address, Address), UInt256>();
            var due = new Dictionary<(Address, Address), UInt256>();
            foreach (var row in chosen)
            {
                owed[(row.Token, row.Debtor)] = Sum(owed.GetValueOrDefault((row.Token, row.Debtor)), row.Amount);
                due[(row.Token, row.Creditor)] = Sum(due.GetValueOrDefault((row.Token, row.Creditor)), row.Amount);
            }
            // Each that is short loses its youngest: what others lose only makes it shorter.
            var shorts = owed.Where(one => one.Value > Sum(due.GetValueOrDefault(one.Key), cover.GetValueOrDefault(one.Key))).Select(one => one.Key).ToHashSet();
            if (shorts.Count == 0) return chosen;
            for (var i = chosen.Count - 1; i >= 0; i--)
                if (shorts.Remove((chosen[i].Token, chosen[i].Debtor))) chosen.RemoveAt(i);
            chosen = WithCounterparts(chosen);
        }
    }

    // Anybody may sign for any amount: a sum that wrapped around would be covered by nothing.
    static UInt256 Sum(in UInt256 one, in UInt256 other) => UInt256.TryAdd(one, other, out var sum) ? sum : UInt256.MaxValue;

    // Delivery versus payment: neither without the other.
    static List<ObligationRow> WithCounterparts(List<ObligationRow> rows)
    {
        while (true)
        {
            var ids = rows.Select(row => row.Id).ToHashSet();
            if (rows.RemoveAll(row => !row.Counterpart.IsZero && !ids.Contains(row.Counterpart)) == 0) return rows;
        }
    }
}

/// <summary>An obligation that waits, as its debtor signed it.</summary>
public sealed record ObligationRow
{
    /// <summary>Its EIP-712 digest.</summary>
    public Hash256 Id { get; init; }
    public required Address Debtor { get; init; }
    public required Address Creditor { get; init; }
    public required Address Token { get; init; }
    public required UInt256 Amount { get; init; }
    public required Hash256 Reference { get; init; }
    public Hash256 Counterpart { get; init; }

    /// <summary>Seconds since 1970; may settle from then on, and until <see cref="Deadline"/>.</summary>
    public ulong NotBefore { get; init; }
    public required ulong Deadline { get; init; }
    public byte[] Signature { get; init; } = [];
    public DateTimeOffset QueuedAt { get; init; }
}

public sealed record NewParticipant(string? Account, bool Participates = true);
public sealed record NewDebitCap(string? Account, string? Cap, Address? Token = null);
public sealed record NewDeposit(string? Participant, string? Amount, Address? Token = null);

/// <param name="Counterpart">The id of another obligation that must settle in the same cycle.</param>
/// <param name="Signature">The debtor's; left out where its account is kept here.</param>
public sealed record NewObligation(string? Debtor, string? Creditor, string? Amount, string? Reference, Hash256? Counterpart = null, DateTimeOffset? NotBefore = null, DateTimeOffset? Deadline = null, Address? Token = null, string? Signature = null);
