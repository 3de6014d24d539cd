using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>What is remembered of the coin: every account's entries with its balance after each, the reserve, mints, redemptions and orders.</summary>
public sealed class StablecoinIndex(Database database) : Projection
{
    static readonly Table Balances = new("coin_balance", "account text key", "balance text"),
        Entries = new("coin_entry", "account text key", "position number key", "counterparty text", "is_credit number", "amount text", "balance text", "hash text index", "block number", "at number"),
        Supply = new("coin_supply", "id number key", "supply text"),
        Attestations = new("coin_attestation", "as_of number key", "amount text", "report text", "auditor text", "hash text", "at number"),
        Minters = new("coin_minter", "account text key", "ceiling text", "daily text"),
        Mints = new("coin_mint", "position number key", "minter text", "receiver text", "amount text", "reserve text", "supply text", "hash text index", "at number"),
        MintOrders = new("coin_mint_order", "id number key", "minter text", "receiver text", "amount text", "deadline number", "state text", "officer text", "hash text", "at number"),
        Redemptions = new("coin_redemption", "id number key", "holder text index", "amount text", "bank_account text", "due_by number", "state text index", "payment text", "late number", "hash text", "at number", "ended number", "noted number"),
        Orders = new("coin_order", "document text key", "kind text", "officer text", "account text index", "receiver text", "amount text", "state text", "confirmer text", "hash text", "at number"),
        Frozen = new("coin_frozen", "account text key", "document text", "at number");

    static readonly string[] Kinds = ["freeze", "unfreeze", "seize"];

    public override IReadOnlyList<Table> Tables => [Balances, Entries, Supply, Attestations, Minters, Mints, MintOrders, Redemptions, Orders, Frozen];
    public override IReadOnlyList<string> Contracts => ["Stablecoin", "ReserveFeed", "MintDesk", "RedemptionQueue", "OrderDesk"];

    public override void Apply(IndexChange change, IndexedEvent told)
    {
        switch (told.Contract)
        {
            case "Stablecoin": ApplyCoin(change, told); break;
            case "ReserveFeed": ApplyReserve(change, told); break;
            case "MintDesk": ApplyMintDesk(change, told); break;
            case "RedemptionQueue": ApplyRedemptions(change, told); break;
            default: ApplyOrders(change, told); break;
        }
    }

    static void ApplyCoin(IndexChange change, IndexedEvent told)
    {
        if (StablecoinContract.TransferEvent.Read(told.Log) is { } moved)
        {
            if (moved.From.IsZero) Grow(change, moved.Value);
            else Enter(change, told, moved.From, moved.To, isCredit: false, moved.Value);
            if (moved.To.IsZero) Shrink(change, moved.Value);
            // Who pays himself has one entry for each side; the second lies half a place behind.
            else Enter(change, told, moved.To, moved.From, isCredit: true, moved.Value);
        }
        else if (StablecoinContract.FrozenEvent.Read(told.Log) is { } frozen)
        {
            if (!change.Update(Frozen, [frozen.Account], ("document", frozen.Order))) change.Insert(Frozen, frozen.Account, frozen.Order, told.Block.Time);
        }
        else if (StablecoinContract.UnfrozenEvent.Read(told.Log) is { } free) change.Delete(Frozen, free.Account);
    }

    static void Enter(IndexChange change, IndexedEvent told, Address account, Address counterparty, bool isCredit, UInt256 amount)
    {
        var before = change.Find($"SELECT balance FROM {Balances} WHERE account = {account}", row => row.Text(0));
        var balance = before is null ? UInt256.Zero : UInt256.Parse(before);
        balance = isCredit ? balance + amount : balance - amount;
        if (before is null) change.Insert(Balances, account, balance);
        else change.Update(Balances, [account], ("balance", balance));
        change.Insert(Entries, account, told.Order * 2 + (isCredit ? 1 : 0), counterparty, isCredit, amount, balance, told.Transaction, told.Block.Number, told.Block.Time);
    }

    static void Grow(IndexChange change, UInt256 amount)
    {
        if (change.Find($"SELECT supply FROM {Supply} WHERE id = 1", row => row.Text(0)) is { } before) change.Update(Supply, [1], ("supply", UInt256.Parse(before) + amount));
        else change.Insert(Supply, 1, amount);
    }

    static void Shrink(IndexChange change, UInt256 amount) =>
        change.Update(Supply, [1], ("supply", UInt256.Parse(change.Find($"SELECT supply FROM {Supply} WHERE id = 1", row => row.Text(0))!) - amount));

    static void ApplyReserve(IndexChange change, IndexedEvent told)
    {
        if (ReserveFeedContract.ReserveAttestedEvent.Read(told.Log) is { } attested)
            change.Insert(Attestations, attested.AsOf, attested.Amount, attested.Report, attested.Auditor, told.Transaction, told.Block.Time);
    }

    static void ApplyMintDesk(IndexChange change, IndexedEvent told)
    {
        if (MintDeskContract.MintedEvent.Read(told.Log) is { } minted)
            change.Insert(Mints, told.Order, minted.Minter, minted.To, minted.Amount, minted.Reserve, minted.Supply, told.Transaction, told.Block.Time);
        else if (MintDeskContract.MinterSetEvent.Read(told.Log) is { } minter)
        {
            if (!change.Update(Minters, [minter.Minter], ("ceiling", minter.Ceiling), ("daily", minter.Daily))) change.Insert(Minters, minter.Minter, minter.Ceiling, minter.Daily);
        }
        else if (MintDeskContract.MintOrderedEvent.Read(told.Log) is { } ordered)
            change.Insert(MintOrders, (ulong)ordered.Id, ordered.Minter, ordered.To, ordered.Amount, ordered.Deadline, "ordered", null, told.Transaction, told.Block.Time);
        else if (MintDeskContract.MintConfirmedEvent.Read(told.Log) is { } confirmed)
            change.Update(MintOrders, [(ulong)confirmed.Id], ("state", "confirmed"), ("officer", confirmed.Officer));
        else if (MintDeskContract.MintWithdrawnEvent.Read(told.Log) is { } withdrawn)
            change.Update(MintOrders, [(ulong)withdrawn.Id], ("state", "withdrawn"));
    }

    static void ApplyRedemptions(IndexChange change, IndexedEvent told)
    {
        if (RedemptionQueueContract.RedemptionRequestedEvent.Read(told.Log) is { } asked)
            change.Insert(Redemptions, (ulong)asked.Id, asked.Holder, asked.Amount, asked.Account, asked.DueBy, "open", null, false, told.Transaction, told.Block.Time, null, null);
        else if (RedemptionQueueContract.RedemptionPaidEvent.Read(told.Log) is { } paid)
            change.Update(Redemptions, [(ulong)paid.Id], ("state", "paid"), ("payment", paid.Payment), ("late", paid.Late), ("ended", told.Block.Time));
        else if (RedemptionQueueContract.RedemptionOverdueEvent.Read(told.Log) is { } overdue)
            change.Update(Redemptions, [(ulong)overdue.Id], ("noted", told.Block.Time));
        else if (RedemptionQueueContract.RedemptionReturnedEvent.Read(told.Log) is { } returned)
            change.Update(Redemptions, [(ulong)returned.Id], ("state", "returned"), ("payment", returned.Reason), ("ended", told.Block.Time));
    }

    static void ApplyOrders(IndexChange change, IndexedEvent told)
    {
        if (OrderDeskContract.OrderEnteredEvent.Read(told.Log) is { } entered)
            change.Insert(Orders, entered.Document, Kinds[entered.Kind], entered.Officer, entered.Account, entered.To, entered.Amount, "entered", null, told.Transaction, told.Block.Time);
        else if (OrderDeskContract.OrderConfirmedEvent.Read(told.Log) is { } confirmed)
            change.Update(Orders, [confirmed.Document], ("state", "confirmed"), ("confirmer", confirmed.Officer));
        else if (OrderDeskContract.OrderLapsedEvent.Read(told.Log) is { } lapsed)
            change.Update(Orders, [lapsed.Document], ("state", "lapsed"));
    }

    // ---- questions ----

    /// <summary>How many coins there are.</summary>
    public UInt256 SupplyNow() => database.Read(session => session.Find($"SELECT supply FROM {Supply} WHERE id = 1", row => row.Text(0))) is { } supply ? UInt256.Parse(supply) : UInt256.Zero;

    public UInt256 BalanceOf(Address account) => database.Read(session => session.Find($"SELECT balance FROM {Balances} WHERE account = {account}", row => row.Text(0))) is { } balance ? UInt256.Parse(balance) : UInt256.Zero;

    /// <summary>Everybody who holds coins, in the order of their addresses.</summary>
    public IReadOnlyList<(Address Account, UInt256 Balance)> Holders() =>
        database.Read(session => session.Query($"SELECT account, balance FROM {Balances} WHERE balance <> '0' ORDER BY account", row => (row.Address(0), row.Amount(1))));

    /// <summary>An account's entries, the latest first, each with the balance after it.</summary>
    /// <param name="before">Only those before this position; null: from the latest.</param>
    public IReadOnlyList<CoinEntry> EntriesOf(Address account, int most, long? before = null, DateTimeOffset? from = null, DateTimeOffset? until = null) => database.Read(session => session.Query(
        $"SELECT position, counterparty, is_credit, amount, balance, hash, block, at FROM {Entries} WHERE account = {account} AND position < {before ?? long.MaxValue} AND at >= {from ?? DateTimeOffset.UnixEpoch} AND at < {until ?? DateTimeOffset.MaxValue} ORDER BY position DESC LIMIT {most}",
        row => new CoinEntry(row.Number(0), row.Address(1), row.Yes(2), row.Amount(3), row.Amount(4), row.Hash(5), row.Block(6), row.Time(7))));

    public IReadOnlyList<CoinAttestation> AttestationsNow(int most) => database.Read(session => session.Query(
        $"SELECT as_of, amount, report, auditor, hash, at FROM {Attestations} ORDER BY as_of DESC LIMIT {most}", row => new CoinAttestation(row.Moment(0), row.Amount(1), row.Hash(2), row.Address(3), row.Hash(4), row.Time(5))));

    public IReadOnlyList<CoinMint> MintsNow(int most) => database.Read(session => session.Query(
        $"SELECT minter, receiver, amount, reserve, supply, hash, at FROM {Mints} ORDER BY position DESC LIMIT {most}", row => new CoinMint(row.Address(0), row.Address(1), row.Amount(2), row.Amount(3), row.Amount(4), row.Hash(5), row.Time(6))));

    public CoinMint? MintIn(Hash256 transaction) => database.Read(session => session.Find(
        $"SELECT minter, receiver, amount, reserve, supply, hash, at FROM {Mints} WHERE hash = {transaction}", row => new CoinMint(row.Address(0), row.Address(1), row.Amount(2), row.Amount(3), row.Amount(4), row.Hash(5), row.Time(6))));

    public IReadOnlyList<CoinMinter> MintersNow() => database.Read(session => session.Query($"SELECT account, ceiling, daily FROM {Minters} ORDER BY account", row => new CoinMinter(row.Address(0), row.Amount(1), row.Amount(2))));

    public IReadOnlyList<CoinMintOrder> MintOrdersNow(int most) => database.Read(session => session.Query(SelectMintOrders($" ORDER BY id DESC LIMIT {most}"), ReadMintOrder));

    public CoinMintOrder? MintOrder(ulong id) => database.Read(session => session.Find(SelectMintOrders($" WHERE id = {id}"), ReadMintOrder));

    public CoinMintOrder? MintOrderIn(Hash256 transaction) => database.Read(session => session.Find(SelectMintOrders($" WHERE hash = {transaction}"), ReadMintOrder));

    static SqlText SelectMintOrders(SqlText rest) => $"SELECT id, minter, receiver, amount, deadline, state, officer, hash, at FROM {MintOrders}{rest}";

    static CoinMintOrder ReadMintOrder(SqlRow row) =>
        new(row.Block(0), row.Address(1), row.Address(2), row.Amount(3), row.Moment(4), row.Text(5), row.AddressOrNull(6), row.Hash(7), row.Time(8));

    public IReadOnlyList<CoinRedemption> RedemptionsNow(int most, string? state = null) => database.Read(session => session.Query(
        state is null ? SelectRedemptions($" ORDER BY id DESC LIMIT {most}") : SelectRedemptions($" WHERE state = {state} ORDER BY due_by, id LIMIT {most}"), ReadRedemption));

    /// <summary>Those that nobody has put on record as late, the soonest due first. Of a coin or more: dust would cost more than it is.</summary>
    public IReadOnlyList<CoinRedemption> RedemptionsToNote(int most) => database.Read(session => session.Query(SelectRedemptions($" WHERE state = 'open' AND noted IS NULL AND LENGTH(amount) > 6 ORDER BY due_by, id LIMIT {most}"), ReadRedemption));

    public CoinRedemption? Redemption(ulong id) => database.Read(session => session.Find(SelectRedemptions($" WHERE id = {id}"), ReadRedemption));

    public CoinRedemption? RedemptionIn(Hash256 transaction) => database.Read(session => session.Find(SelectRedemptions($" WHERE hash = {transaction}"), ReadRedemption));

    static SqlText SelectRedemptions(SqlText rest) => $"SELECT id, holder, amount, bank_account, due_by, state, payment, late, hash, at, ended, noted FROM {Redemptions}{rest}";

    static CoinRedemption ReadRedemption(SqlRow row) => new(row.Block(0), row.Address(1), row.Amount(2), row.Hash(3), row.Moment(4), row.Text(5), row.HashOrNull(6), row.Yes(7), row.Hash(8), row.Time(9), row.TimeOrNull(10), row.TimeOrNull(11));

    public IReadOnlyList<CoinOrder> OrdersNow(int most) => database.Read(session => session.Query(SelectOrders($" ORDER BY at DESC, document LIMIT {most}"), ReadOrder));

    public CoinOrder? Order(Hash256 document) => database.Read(session => session.Find(SelectOrders($" WHERE document = {document}"), ReadOrder));

    static SqlText SelectOrders(SqlText rest) => $"SELECT document, kind, officer, account, receiver, amount, state, confirmer, hash, at FROM {Orders}{rest}";

    static CoinOrder ReadOrder(SqlRow row) => new(row.Hash(0), row.Text(1), row.Address(2), row.Address(3), row.Address(4), row.Amount(5), row.Text(6), row.AddressOrNull(7), row.Hash(8), row.Time(9));

    public IReadOnlyList<Address> FrozenNow() => database.Read(session => session.Query($"SELECT account FROM {Frozen} ORDER BY account", row => row.Address(0)));
}

/// <param name="Position">Orders entries; a cursor for the next page.</param>
/// <param name="Balance">After it.</param>
public sealed record CoinEntry(long Position, Address Counterparty, bool IsCredit, UInt256 Amount, UInt256 Balance, Hash256 Transaction, ulong Block, DateTimeOffset At);
public sealed record CoinAttestation(DateTimeOffset AsOf, UInt256 Amount, Hash256 Report, Address Auditor, Hash256 Transaction, DateTimeOffset At);
public sealed record CoinMint(Address Minter, Address To, UInt256 Amount, UInt256 Reserve, UInt256 Supply, Hash256 Transaction, DateTimeOffset At);
public sealed record CoinMinter(Address Account, UInt256 Ceiling, UInt256 Daily);
public sealed record CoinMintOrder(ulong Id, Address Minter, Address To, UInt256 Amount, DateTimeOffset Deadline, string State, Address? Officer, Hash256 Transaction, DateTimeOffset At);
/// <param name="BankAccount">The hash of the bank account and a salt.</param>
/// <param name="Payment">The hash of the payment's message, or the reason of a return.</param>
/// <param name="NotedAt">When the ledger put on record that it was late.</param>
public sealed record CoinRedemption(ulong Id, Address Holder, UInt256 Amount, Hash256 BankAccount, DateTimeOffset DueBy, string State, Hash256? Payment, bool IsLate, Hash256 Transaction, DateTimeOffset At, DateTimeOffset? EndedAt, DateTimeOffset? NotedAt);
public sealed record CoinOrder(Hash256 Document, string Kind, Address Officer, Address Account, Address To, UInt256 Amount, string State, Address? Confirmer, Hash256 Transaction, DateTimeOffset At);
