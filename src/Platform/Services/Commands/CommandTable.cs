using Hufu.Client;
using Hufu.Primitives;

namespace Hufu.Services;

/// <summary>The rows of commands and of the transactions signed for them: the outbox. Not made from events, and never made anew.</summary>
static class CommandTable
{
    public static readonly Table Commands = new Table("command",
        "id text key", "idempotency_key text", "caller text", "kind text", "subject text index", "fingerprint text", "sender text", "target text", "data text", "value text", "gas number",
        "state text index", "nonce number", "hash text", "block number", "created text", "what text", "why text", "mend text", "accepted_at number index", "ended_at number")
        .Indexed("caller", "idempotency_key");

    /// <summary>Every form of a command's transaction that may be out: they differ in nothing but their fees.</summary>
    public static readonly Table Forms = new("command_form", "command text key", "form number key", "hash text", "envelope text", "offered_at number");

    const string Columns = "id, idempotency_key, caller, kind, subject, fingerprint, sender, state, nonce, hash, block, created, what, why, mend, accepted_at, ended_at";

    public static Command? Find(SqlSession session, string id) => session.Find(Select($" WHERE id = {id}"), Read);

    public static Command? FindByKey(SqlSession session, string caller, string key) => session.Find(Select($" WHERE caller = {caller} AND idempotency_key = {key}"), Read);

    public static IReadOnlyList<Command> Latest(SqlSession session, int count) => session.Query(Select($" ORDER BY accepted_at DESC, id DESC LIMIT {count}"), Read);

    /// <summary>Those of one signer that wait to be signed, in the order they were accepted.</summary>
    public static IReadOnlyList<PendingCommand> Accepted(SqlSession session, Address from, int most) => Pending(session, $" WHERE sender = {from} AND state = 'accepted' ORDER BY accepted_at, id LIMIT {most}");

    /// <summary>Those of one signer that may be out.</summary>
    public static IReadOnlyList<PendingCommand> Signed(SqlSession session, Address from) => Pending(session, $" WHERE sender = {from} AND state = 'signed' ORDER BY nonce");

    static IReadOnlyList<PendingCommand> Pending(SqlSession session, SqlText where) => session.Query($"SELECT id, target, data, value, gas, nonce FROM {Commands}{where}", row => new PendingCommand
    {
        Id = row.Text(0),
        Request = new TransactionRequest { To = row.AddressOrNull(1), Data = Hex.Decode(row.Text(2)), Value = row.Amount(3), GasLimit = (ulong)row.Number(4) },
        Nonce = (ulong?)row.NumberOrNull(5),
    });

    public static IReadOnlyList<byte[]> FormsOf(SqlSession session, string id) => session.Query($"SELECT envelope FROM {Forms} WHERE command = {id} ORDER BY form", row => Hex.Decode(row.Text(0)));

    public static IReadOnlyList<Address> Senders(SqlSession session) => session.Query($"SELECT DISTINCT sender FROM {Commands} WHERE state IN ('accepted', 'signed')", row => row.Address(0));

    public static void Insert(SqlSession session, string id, NewCommand command, ulong gas, DateTimeOffset now) => session.Execute(Commands.Insert(
        [id, command.Key, command.Caller, command.Kind, command.Subject, command.Fingerprint, command.From, command.Request.To, Hex.Encode(command.Request.Data.Span), command.Request.Value, gas,
            CommandState.Accepted, null, null, null, null, null, null, null, now, null], replaces: false));

    public static void Sign(SqlSession session, string id, ulong nonce, int form, Transaction transaction, DateTimeOffset now)
    {
        session.Execute(Forms.Insert([id, form, transaction.Hash, Hex.Encode(transaction.Encoded.Span), now], replaces: true));
        session.Execute($"UPDATE {Commands} SET state = 'signed', nonce = {nonce}, hash = {transaction.Hash} WHERE id = {id}");
    }

    /// <summary>Nobody has its transaction, and nobody will: it may be signed anew.</summary>
    public static void Unsign(SqlSession session, string id)
    {
        session.Execute($"DELETE FROM {Forms} WHERE command = {id}");
        session.Execute($"UPDATE {Commands} SET state = 'accepted', nonce = NULL, hash = NULL WHERE id = {id}");
    }

    public static void Note(SqlSession session, string id, Refusal? waitsFor) =>
        session.Execute($"UPDATE {Commands} SET what = {waitsFor?.What}, why = {waitsFor?.Why}, mend = {waitsFor?.Mend} WHERE id = {id}");

    public static void End(SqlSession session, string id, TransactionReceipt? receipt, Refusal? refusal, DateTimeOffset now)
    {
        session.Execute($"UPDATE {Commands} SET state = {(refusal is null ? CommandState.Final : CommandState.Failed)}, what = {refusal?.What}, why = {refusal?.Why}, mend = {refusal?.Mend}, ended_at = {now} WHERE id = {id}");
        if (receipt is not null) session.Execute($"UPDATE {Commands} SET hash = {receipt.TransactionHash}, block = {receipt.BlockNumber}, created = {receipt.ContractAddress} WHERE id = {id}");
    }

    static SqlText Select(SqlText where) => $"SELECT {SqlText.Literal(Columns)} FROM {Commands}{where}";

    static Command Read(SqlRow row) => new()
    {
        Id = row.Text(0),
        Key = row.Text(1),
        Caller = row.Text(2),
        Kind = row.Text(3),
        Subject = row.Text(4),
        Fingerprint = row.Hash(5),
        From = row.Address(6),
        State = Enum.Parse<CommandState>(row.Text(7), ignoreCase: true),
        Nonce = (ulong?)row.NumberOrNull(8),
        Transaction = row.HashOrNull(9),
        Block = (ulong?)row.NumberOrNull(10),
        Created = row.AddressOrNull(11),
        Refusal = row.TextOrNull(12) is { } what ? new Refusal(what, row.TextOrNull(13) ?? "", row.TextOrNull(14) ?? "") : null,
        AcceptedAt = row.Time(15),
        EndedAt = row.TimeOrNull(16),
    };
}

/// <summary>What a lane has to send.</summary>
sealed record PendingCommand
{
    public required string Id { get; init; }
    public required TransactionRequest Request { get; init; }

    /// <summary>Where it is signed already.</summary>
    public ulong? Nonce { get; init; }
}
