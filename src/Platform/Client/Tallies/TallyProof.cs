using System.Diagnostics.CodeAnalysis;
using Hufu.Crypto;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>Checks a tally's evidence and tells the fact it carries. A pure function: no clock, no file, no network, no native library.</summary>
static class TallyProof
{
    const int MostDeclarations = 256;

    /// <summary>Events so common that a tally need not declare them; their values have the names of the standards.</summary>
    static readonly AbiEvent[] Standard =
    [
        AbiEvent.Parse("event Transfer(address indexed from, address indexed to, uint256 value)"),
        AbiEvent.Parse("event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)"),
        AbiEvent.Parse("event Approval(address indexed owner, address indexed spender, uint256 value)"),
        AbiEvent.Parse("event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId)"),
        AbiEvent.Parse("event ApprovalForAll(address indexed owner, address indexed operator, bool approved)"),
        AbiEvent.Parse("event TransferSingle(address indexed operator, address indexed from, address indexed to, uint256 id, uint256 value)"),
        AbiEvent.Parse("event TransferBatch(address indexed operator, address indexed from, address indexed to, uint256[] ids, uint256[] values)"),
        AbiEvent.Parse("event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)"),
        AbiEvent.Parse("event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)"),
    ];

    public static bool TryCheck(Tally tally, [NotNullWhen(true)] out TallyFact? fact, [NotNullWhen(false)] out Refusal? refusal)
    {
        fact = null;
        if (!FinalityProof.TryCheck(tally, out var trusts, out refusal)) return false;
        var proven = new TallyFact { Tally = tally, Trusts = trusts, English = "", Chinese = "" };
        if (tally.Kind is TallyKind.Transaction or TallyKind.Log)
        {
            if (!TryTransaction(ref proven, out refusal)) return false;
        }
        else if (!TryState(ref proven, out refusal)) return false;
        var (english, chinese) = TallyWords.Of(proven);
        fact = proven with { English = english, Chinese = chinese };
        return true;
    }

    static bool TryTransaction(ref TallyFact fact, [NotNullWhen(false)] out Refusal? refusal)
    {
        var tally = fact.Tally;
        var index = (ulong)tally.TransactionIndex;
        if (!MerkleProof.TryVerifyListEntry(tally.Header.TransactionsRoot, index, tally.TransactionProof, out var envelope, out refusal)
            || !MerkleProof.TryVerifyListEntry(tally.Header.ReceiptsRoot, index, tally.ReceiptProof, out var receiptBytes, out refusal)) return false;
        if (envelope is null || receiptBytes is null) return Refuse(out refusal, "the block has no such transaction", $"its list ends before {index}");
        if (!Transaction.TryDecode(envelope, out var transaction, out refusal)) return false;
        if (transaction.ChainId is { } chainId && chainId != tally.ChainId) return Refuse(out refusal, "the transaction is of another chain", $"it is signed for chain {chainId}, the tally says {tally.ChainId}");
        if (!SenderRecovery.TryRecover(transaction, requireLowS: false, out var sender)) return Refuse(out refusal, "the transaction's signature is nobody's", $"transaction {transaction.Hash}");
        if (ReadReceipt(receiptBytes, out var why) is not { } receipt) return Refuse(out refusal, "the receipt cannot be read", why);
        if (tally.Kind == TallyKind.Log && tally.LogPosition >= receipt.Logs.Count) return Refuse(out refusal, "the receipt has no such event", $"it has {receipt.Logs.Count}, and number {tally.LogPosition} is meant, counted from 0");

        if (!TryDeclarations(tally, out var declared, out refusal)) return false;
        var used = new HashSet<AbiEvent>();
        var events = new List<TallyEvent>();
        for (var i = 0; i < receipt.Logs.Count; i++)
            if (tally.Kind == TallyKind.Transaction || i == tally.LogPosition) events.Add(ReadEvent(i, receipt.Logs[i], declared, used));
        if (declared.FirstOrDefault(one => !used.Contains(one)) is { } idle) return Refuse(out refusal, "a declaration is of no event in the tally", idle.Declaration);

        fact = fact with { Transaction = transaction, Sender = sender, Receipt = receipt, Events = events };
        return true;
    }

    // The trie holds a typed receipt as it is, a list of receipts holds it as a byte string.
    static Receipt? ReadReceipt(byte[] envelope, out string why)
    {
        using var writer = RlpWriter.Rent();
        if (envelope is [>= 0xC0, ..]) writer.WriteRaw(envelope);
        else writer.Write(envelope);
        var reader = new RlpReader(writer.Written);
        var receipt = Receipt.Read(ref reader);
        reader.ExpectEnd();
        why = reader.Error ?? "";
        return reader.Failed ? null : receipt;
    }

    static TallyEvent ReadEvent(int position, Log log, IReadOnlyList<AbiEvent> declared, HashSet<AbiEvent> used)
    {
        // What the standards say goes before what anyone declares: names that everybody knows cannot be turned around.
        foreach (var one in Standard)
            if (one.TryDecode(log, out var values, out _, canonical: true)) return new TallyEvent(position, log, one, values);
        foreach (var one in declared)
        {
            if (!one.TryDecode(log, out var values, out _, canonical: true)) continue;
            used.Add(one);
            return new TallyEvent(position, log, one, values);
        }
        return new TallyEvent(position, log, null, []);
    }

    internal static bool IsStandard(Log log) => Array.Exists(Standard, one => one.TryDecode(log, out _, out _, canonical: true));

    static bool TryDeclarations(Tally tally, out List<AbiEvent> declared, [NotNullWhen(false)] out Refusal? refusal)
    {
        (declared, refusal) = ([], null);
        if (tally.Declarations.Count > MostDeclarations) return Refuse(out refusal, "too many declarations", $"{tally.Declarations.Count} of at most {MostDeclarations}");
        foreach (var text in tally.Declarations)
        {
            if (!AbiEvent.TryParse(text, out var one, out refusal)) return false;
            if (one.Declaration != text) return Refuse(out refusal, "a declaration is not in its one form", $"write '{one.Declaration}'");
            declared.Add(one);
        }
        return true;
    }

    static bool TryState(ref TallyFact fact, [NotNullWhen(false)] out Refusal? refusal)
    {
        var tally = fact.Tally;
        if (!MerkleProof.TryVerifyAccount(tally.Header.StateRoot, tally.Address, tally.AccountProof, out var account, out refusal)) return false;
        var value = UInt256.Zero;
        if (tally.Kind == TallyKind.Storage && !MerkleProof.TryVerifyStorage(account?.StorageRoot ?? Account.EmptyTrieRoot, tally.Slot, tally.StorageProof, out value, out refusal)) return false;
        fact = fact with { Account = account, Value = value };
        return true;
    }

    static bool Refuse(out Refusal refusal, string what, string why)
    {
        refusal = new Refusal(what, why, "ask whoever gave you the tally for another");
        return false;
    }
}
