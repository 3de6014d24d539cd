using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is remembered of payments, deals in escrow, streams, and the clearing house.</summary>
public sealed class PaymentsIndex(Database database) : Projection
{
    static readonly Table Payments = new Table("payment", "id text key", "payer text", "payee text", "token text", "amount text", "reference text index", "hash text index", "block number", "at number", "position number")
            .Indexed("payer", "position").Indexed("payee", "position"),
        AcceptedTokens = new("payment_token", "token text key", "is_accepted number"),
        Deals = new("escrow_deal", "id number key", "payer text index", "payee text index", "token text", "amount text", "arbiter text", "secret_hash text", "deadline number", "held text", "released text", "refunded text", "state text", "hash text index", "at number"),
        StreamRows = new("stream", "id number key", "payer text index", "payee text index", "token text", "deposited text", "withdrawn text", "start number", "step number", "steps number", "returned text", "state text", "hash text index", "at number"),
        Participants = new("clearing_participant", "account text key", "participates number"),
        Positions = new("clearing_position", "token text key", "participant text key", "balance text", "debit_cap text"),
        Cycles = new("clearing_cycle", "cycle number key", "root text", "obligations number", "hash text index", "block number", "at number"),
        CycleNets = new("clearing_net", "cycle number key", "token text key", "participant text key", "net text"),
        Settled = new("clearing_settled", "id text key", "cycle number index", "debtor text", "creditor text", "token text", "amount text", "reference text", "position number");

    public override IReadOnlyList<Table> Tables => [Payments, AcceptedTokens, Deals, StreamRows, Participants, Positions, Cycles, CycleNets, Settled];
    public override IReadOnlyList<string> Contracts => ["Payments", "Escrow", "Streams", "ClearingHouse"];

    public override void Apply(IndexChange change, IndexedEvent told)
    {
        switch (told.Contract)
        {
            case "Payments": ApplyPayment(change, told); break;
            case "Escrow": ApplyEscrow(change, told); break;
            case "Streams": ApplyStream(change, told); break;
            default: ApplyClearing(change, told); break;
        }
    }

    static void ApplyPayment(IndexChange change, IndexedEvent told)
    {
        if (PaymentsContract.PaymentMadeEvent.Read(told.Log) is { } made)
            change.Insert(Payments, made.Id, made.Payer, made.Payee, made.Token, made.Amount, made.Reference, told.Transaction, told.Block.Number, told.Block.Time, told.Order);
        else if (PaymentsContract.TokenAcceptedEvent.Read(told.Log) is { } accepted && !change.Update(AcceptedTokens, [accepted.Token], ("is_accepted", accepted.Accepted)))
            change.Insert(AcceptedTokens, accepted.Token, accepted.Accepted);
    }

    static void ApplyEscrow(IndexChange change, IndexedEvent told)
    {
        if (EscrowContract.DealOpenedEvent.Read(told.Log) is { } opened)
            change.Insert(Deals, (ulong)opened.Id, opened.Payer, opened.Payee, opened.Token, opened.Amount, opened.Arbiter.IsZero ? null : opened.Arbiter, opened.SecretHash.IsZero ? null : opened.SecretHash, opened.Deadline,
                opened.Amount, "0", "0", "open", told.Transaction, told.Block.Time);
        else if (EscrowContract.EscrowReleasedEvent.Read(told.Log) is { } released) Move(change, released.Id, "released", released.Amount, released.StillHeld);
        else if (EscrowContract.EscrowRefundedEvent.Read(told.Log) is { } refunded) Move(change, refunded.Id, "refunded", refunded.Amount, refunded.StillHeld);
        else if (EscrowContract.DisputeRaisedEvent.Read(told.Log) is { } disputed) change.Update(Deals, [(ulong)disputed.Id], ("state", "disputed"));
    }

    static void Move(IndexChange change, UInt256 id, string column, UInt256 amount, UInt256 held)
    {
        var key = (ulong)id;
        var (released, refunded, state) = change.Find($"SELECT released, refunded, state FROM {Deals} WHERE id = {key}", row => (row.Amount(0), row.Amount(1), row.Text(2)));
        var sum = (column == "released" ? released : refunded) + amount;
        change.Update(Deals, [key], (column, sum), ("held", held), ("state", held.IsZero ? "closed" : state));
    }

    static void ApplyStream(IndexChange change, IndexedEvent told)
    {
        if (StreamsContract.StreamOpenedEvent.Read(told.Log) is { } opened)
            change.Insert(StreamRows, (ulong)opened.Id, opened.Payer, opened.Payee, opened.Token, opened.Amount, "0", opened.Start, opened.Step, opened.Steps, "0", "open", told.Transaction, told.Block.Time);
        else if (StreamsContract.StreamWithdrawnEvent.Read(told.Log) is { } withdrawn)
        {
            var (before, deposited) = change.Find($"SELECT withdrawn, deposited FROM {StreamRows} WHERE id = {(ulong)withdrawn.Id}", row => (row.Amount(0), row.Amount(1)));
            change.Update(StreamRows, [(ulong)withdrawn.Id], ("withdrawn", before + withdrawn.Amount), ("state", before + withdrawn.Amount == deposited ? "closed" : "open"));
        }
        else if (StreamsContract.StreamClosedEvent.Read(told.Log) is { } closed)
        {
            // All of the smaller deposit has vested at once, as the contract has it.
            var withdrawnBefore = change.Find($"SELECT withdrawn FROM {StreamRows} WHERE id = {(ulong)closed.Id}", row => row.Text(0));
            change.Update(StreamRows, [(ulong)closed.Id], ("deposited", closed.Vested), ("start", 0), ("step", 1), ("steps", 1), ("returned", closed.Returned), ("state", withdrawnBefore == closed.Vested.ToString() ? "closed" : "open"));
        }
    }

    static void ApplyClearing(IndexChange change, IndexedEvent told)
    {
        if (ClearingHouseContract.DepositedEvent.Read(told.Log) is { } paidIn) Add(change, paidIn.Token, paidIn.Participant, paidIn.Amount, isCredit: true);
        else if (ClearingHouseContract.WithdrawnEvent.Read(told.Log) is { } paidOut) Add(change, paidOut.Token, paidOut.Participant, paidOut.Amount, isCredit: false);
        else if (ClearingHouseContract.ParticipantSetEvent.Read(told.Log) is { } set)
        {
            if (!change.Update(Participants, [set.Account], ("participates", set.IsParticipant))) change.Insert(Participants, set.Account, set.IsParticipant);
        }
        else if (ClearingHouseContract.DebitCapSetEvent.Read(told.Log) is { } cap)
        {
            if (!change.Update(Positions, [cap.Token, cap.Participant], ("debit_cap", cap.Cap))) change.Insert(Positions, cap.Token, cap.Participant, "0", cap.Cap);
        }
        else if (ClearingHouseContract.ObligationSettledEvent.Read(told.Log) is { } settled)
            change.Insert(Settled, settled.Id, (ulong)settled.Cycle, settled.Debtor, settled.Creditor, settled.Token, settled.Amount, settled.Reference, told.Order);
        else if (ClearingHouseContract.PositionSettledEvent.Read(told.Log) is { } position)
        {
            change.Insert(CycleNets, (ulong)position.Cycle, position.Token, position.Participant, position.Net.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!position.Net.IsZero) Add(change, position.Token, position.Participant, (UInt256)System.Numerics.BigInteger.Abs(position.Net), isCredit: position.Net.Sign > 0);
        }
        else if (ClearingHouseContract.CycleSettledEvent.Read(told.Log) is { } cycle)
            change.Insert(Cycles, (ulong)cycle.Cycle, cycle.Root, (ulong)cycle.Obligations, told.Transaction, told.Block.Number, told.Block.Time);
    }

    static void Add(IndexChange change, Address token, Address participant, UInt256 amount, bool isCredit)
    {
        if (change.Find($"SELECT balance FROM {Positions} WHERE token = {token} AND participant = {participant}", row => row.Text(0)) is { } text)
            change.Update(Positions, [token, participant], ("balance", isCredit ? UInt256.Parse(text) + amount : UInt256.Parse(text) - amount));
        else change.Insert(Positions, token, participant, amount, "0");
    }

    // ---- questions ----

    public PaymentRow? Payment(Hash256 id) => database.Read(session => session.Find(SelectPayments($" WHERE id = {id}"), ReadPayment));

    /// <summary>Those of one reference, the oldest first; a reference is the payee's, so several payers may have used it.</summary>
    public IReadOnlyList<PaymentRow> PaymentsOf(Hash256 reference) => database.Read(session => session.Query(SelectPayments($" WHERE reference = {reference} ORDER BY position"), ReadPayment));

    public IReadOnlyList<PaymentRow> PaymentsIn(Hash256 transaction) => database.Read(session => session.Query(SelectPayments($" WHERE hash = {transaction} ORDER BY position"), ReadPayment));

    /// <summary>Those of several transactions, by transaction.</summary>
    public ILookup<Hash256, PaymentRow> PaymentsIn(IReadOnlyCollection<Hash256> transactions) => database.Read(session => transactions.Distinct().Chunk(SqlText.MostListed)
        .SelectMany(some => session.Query(SelectPayments($" WHERE hash IN ({SqlText.List(some)}) ORDER BY position"), ReadPayment)).ToLookup(one => one.Transaction));

    /// <summary>The latest first; of one account where it is given, as payer or payee.</summary>
    public IReadOnlyList<PaymentRow> Latest(int most, Address? account = null, long? before = null)
    {
        var edge = before ?? long.MaxValue;
        return database.Read(session => session.Query(account is { } one
            ? SelectPayments($" WHERE (payer = {one} OR payee = {one}) AND position < {edge} ORDER BY position DESC LIMIT {most}")
            : SelectPayments($" WHERE position < {edge} ORDER BY position DESC LIMIT {most}"), ReadPayment));
    }

    static SqlText SelectPayments(SqlText rest) => $"SELECT id, payer, payee, token, amount, reference, hash, block, at, position FROM {Payments}{rest}";

    static PaymentRow ReadPayment(SqlRow row) => new(row.Hash(0), row.Address(1), row.Address(2), row.Address(3), row.Amount(4), row.Hash(5), row.Hash(6), row.Block(7), row.Time(8), row.Number(9));

    public DealRow? Deal(ulong id) => database.Read(session => session.Find(SelectDeals($" WHERE id = {id}"), ReadDeal));

    public DealRow? DealIn(Hash256 transaction) => database.Read(session => session.Find(SelectDeals($" WHERE hash = {transaction}"), ReadDeal));

    public IReadOnlyList<DealRow> LatestDeals(int most) => database.Read(session => session.Query(SelectDeals($" ORDER BY id DESC LIMIT {most}"), ReadDeal));

    /// <summary>Deals with money still held and no dispute, the soonest due first: of payers whose accounts are kept here, in tokens that are taken here. Anybody may open a deal in anything.</summary>
    public IReadOnlyList<DealRow> OpenDealsHere(int most) => database.Read(session => session.Query(SelectDeals($" WHERE state = 'open' AND payer IN (SELECT address FROM {Custody.Accounts}) AND token IN (SELECT token FROM {AcceptedTokens} WHERE is_accepted = 1) ORDER BY deadline, id LIMIT {most}"), ReadDeal));

    static SqlText SelectDeals(SqlText rest) => $"SELECT id, payer, payee, token, amount, arbiter, secret_hash, deadline, held, released, refunded, state, hash, at FROM {Deals}{rest}";

    static DealRow ReadDeal(SqlRow row) => new(row.Block(0), row.Address(1), row.Address(2), row.Address(3), row.Amount(4), row.AddressOrNull(5), row.HashOrNull(6), row.Moment(7), row.Amount(8), row.Amount(9), row.Amount(10), row.Text(11), row.Hash(12), row.Time(13));

    public StreamRow? Stream(ulong id) => database.Read(session => session.Find(SelectStreams($" WHERE id = {id}"), ReadStream));

    public StreamRow? StreamIn(Hash256 transaction) => database.Read(session => session.Find(SelectStreams($" WHERE hash = {transaction}"), ReadStream));

    public IReadOnlyList<StreamRow> LatestStreams(int most) => database.Read(session => session.Query(SelectStreams($" ORDER BY id DESC LIMIT {most}"), ReadStream));

    /// <summary>Open streams to payees whose accounts are kept here, in tokens that are taken here.</summary>
    public IReadOnlyList<StreamRow> OpenStreamsHere(int most) => database.Read(session => session.Query(SelectStreams($" WHERE state = 'open' AND payee IN (SELECT address FROM {Custody.Accounts}) AND token IN (SELECT token FROM {AcceptedTokens} WHERE is_accepted = 1) ORDER BY id LIMIT {most}"), ReadStream));

    static SqlText SelectStreams(SqlText rest) => $"SELECT id, payer, payee, token, deposited, withdrawn, start, step, steps, returned, state, hash, at FROM {StreamRows}{rest}";

    static StreamRow ReadStream(SqlRow row) =>
        new(row.Block(0), row.Address(1), row.Address(2), row.Address(3), row.Amount(4), row.Amount(5), (ulong)row.Number(6), (uint)row.Number(7), (uint)row.Number(8), row.Amount(9), row.Text(10), row.Hash(11), row.Time(12));

    public IReadOnlyList<PositionRow> PositionsNow() => database.Read(session =>
    {
        var participants = session.Query($"SELECT account FROM {Participants} WHERE participates = 1 ORDER BY account", row => row.Address(0)).ToHashSet();
        return session.Query($"SELECT token, participant, balance, debit_cap FROM {Positions} ORDER BY token, participant", row => new PositionRow(row.Address(0), row.Address(1), row.Amount(2), row.Amount(3), participants.Contains(row.Address(1))));
    });

    public bool Participates(Address account) => database.Read(session => session.Count($"SELECT participates FROM {Participants} WHERE account = {account}")) == 1;

    public IReadOnlyList<Address> ParticipantsNow() => database.Read(session => session.Query($"SELECT account FROM {Participants} WHERE participates = 1 ORDER BY account", row => row.Address(0)));

    public CycleRow? Cycle(ulong number) => database.Read(session => session.Find(SelectCycles($" WHERE cycle = {number}"), ReadCycle));

    public CycleRow? CycleIn(Hash256 transaction) => database.Read(session => session.Find(SelectCycles($" WHERE hash = {transaction}"), ReadCycle));

    public IReadOnlyList<CycleRow> LatestCycles(int most) => database.Read(session => session.Query(SelectCycles($" ORDER BY cycle DESC LIMIT {most}"), ReadCycle));

    static SqlText SelectCycles(SqlText rest) => $"SELECT cycle, root, obligations, hash, block, at FROM {Cycles}{rest}";

    static CycleRow ReadCycle(SqlRow row) => new(row.Block(0), row.Hash(1), (int)row.Number(2), row.Hash(3), row.Block(4), row.Time(5));

    public IReadOnlyList<NetRow> NetsOf(ulong cycle) => database.Read(session => session.Query($"SELECT token, participant, net FROM {CycleNets} WHERE cycle = {cycle} ORDER BY token, participant", row => new NetRow(row.Address(0), row.Address(1), row.Text(2))));

    public IReadOnlyList<SettledRow> SettledIn(ulong cycle) => database.Read(session => session.Query(SelectSettled($" WHERE cycle = {cycle} ORDER BY position"), ReadSettled));

    public SettledRow? SettledObligation(Hash256 id) => database.Read(session => session.Find(SelectSettled($" WHERE id = {id}"), ReadSettled));

    /// <summary>Which of these have been settled.</summary>
    public IReadOnlySet<Hash256> SettledAmong(IReadOnlyCollection<Hash256> obligations) => database.Read(session => obligations.Chunk(SqlText.MostListed)
        .SelectMany(some => session.Query($"SELECT id FROM {Settled} WHERE id IN ({SqlText.List(some)})", row => row.Hash(0))).ToHashSet());

    static SqlText SelectSettled(SqlText rest) => $"SELECT id, cycle, debtor, creditor, token, amount, reference FROM {Settled}{rest}";

    static SettledRow ReadSettled(SqlRow row) => new(row.Hash(0), row.Block(1), row.Address(2), row.Address(3), row.Address(4), row.Amount(5), row.Hash(6));
}

/// <param name="Position">Orders payments; a cursor for the next page.</param>
public sealed record PaymentRow(Hash256 Id, Address Payer, Address Payee, Address Token, UInt256 Amount, Hash256 Reference, Hash256 Transaction, ulong Block, DateTimeOffset At, long Position);

/// <param name="State">open, disputed or closed.</param>
public sealed record DealRow(ulong Id, Address Payer, Address Payee, Address Token, UInt256 Amount, Address? Arbiter, Hash256? SecretHash, DateTimeOffset Deadline, UInt256 Held, UInt256 Released, UInt256 Refunded, string State, Hash256 Transaction, DateTimeOffset At);

/// <param name="State">open or closed.</param>
public sealed record StreamRow(ulong Id, Address Payer, Address Payee, Address Token, UInt256 Deposited, UInt256 Withdrawn, ulong Start, uint Step, uint Steps, UInt256 Returned, string State, Hash256 Transaction, DateTimeOffset At)
{
    /// <summary>What has become the payee's at a time, as the contract counts it.</summary>
    public UInt256 VestedDown(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds() - (long)Start;
        if (seconds < 0) return UInt256.Zero;
        var done = (ulong)seconds / Step;
        return done >= Steps ? Deposited : Deposited * (UInt256)done / (UInt256)Steps;
    }
}

/// <param name="DebitCap">The most it may owe net in a cycle; zero sets no bound.</param>
public sealed record PositionRow(Address Token, Address Participant, UInt256 Balance, UInt256 DebitCap, bool Participates);
public sealed record CycleRow(ulong Number, Hash256 Root, int Obligations, Hash256 Transaction, ulong Block, DateTimeOffset At);

/// <param name="Net">In the token's smallest unit; below zero where the participant paid.</param>
public sealed record NetRow(Address Token, Address Participant, string Net);
public sealed record SettledRow(Hash256 Id, ulong Cycle, Address Debtor, Address Creditor, Address Token, UInt256 Amount, Hash256 Reference);
