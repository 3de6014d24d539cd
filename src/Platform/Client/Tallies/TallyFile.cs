using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hufu.Primitives;

namespace Hufu.Client;

/// <summary>
/// Tallies as files: JSON in one form only. <see cref="TryVerify"/> takes the evidence out of a file, checks it, writes the file anew from nothing but the
/// evidence, and compares every byte. So a changed byte is either evidence that no longer fits, or words that the evidence does not say.
/// </summary>
public static class TallyFile
{
    const int LargestFile = 64 << 20;

    static readonly JsonWriterOptions Form = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Checks a file. No network, no clock, no native library: the same answer everywhere, the browser included.</summary>
    /// <param name="trust">What the reader knows from elsewhere.</param>
    /// <param name="fact">What is proven, in words and in values, and what is left to trust.</param>
    public static bool TryVerify(ReadOnlySpan<byte> file, TallyTrust? trust, [NotNullWhen(true)] out TallyFact? fact, [NotNullWhen(false)] out Refusal? refusal)
    {
        fact = null;
        if (file.Length > LargestFile) refusal = Refused("the file is too large", $"{file.Length} bytes");
        else if (TryRead(file, out var tally, out refusal) && IsTheOneMeant(tally, trust, out refusal) && TallyProof.TryCheck(tally, out var proven, out refusal))
        {
            var expected = Write(proven);
            if (file.SequenceEqual(expected)) fact = proven;
            else refusal = Differs(file, expected);
        }
        return fact is not null;
    }

    static bool IsTheOneMeant(Tally tally, TallyTrust? trust, [NotNullWhen(false)] out Refusal? refusal)
    {
        refusal = trust switch
        {
            { ChainId: { } id } when id != tally.ChainId => Refused("the tally is of another chain", $"its chain id is {tally.ChainId}, not {id}"),
            { Genesis: { } genesis } when genesis != tally.Genesis => Refused("the tally is of another chain", $"its genesis block is {tally.Genesis}, not {genesis}"),
            { Block: { } block } when block != tally.Header.Hash => Refused("the tally is of another block", $"its block is {tally.Header.Hash}, not {block}"),
            _ => null,
        };
        return refusal is null;
    }

    /// <summary>The file of a tally; a tally that does not hold is not written.</summary>
    public static bool TryWrite(Tally tally, [NotNullWhen(true)] out byte[]? file, [NotNullWhen(false)] out Refusal? refusal)
    {
        file = TallyProof.TryCheck(tally, out var fact, out refusal) ? Write(fact) : null;
        return file is not null;
    }

    // ---- writing ----

    static byte[] Write(TallyFact fact)
    {
        // The checksum finds damage early and where the evidence is silent, as in the names of values; it proves nothing by itself.
        var text = Write(fact, checksum: null);
        return Write(fact, Keccak256.Hash(text));
    }

    static byte[] Write(TallyFact fact, Hash256? checksum)
    {
        var tally = fact.Tally;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Form))
        {
            json.WriteStartObject();
            json.WriteNumber("hufuTally", Tally.Version);
            json.WriteString("kind", Name(tally.Kind));
            json.WriteStartObject("fact");
            json.WriteString("en", fact.English);
            json.WriteString("zh", fact.Chinese);
            WriteFact(json, fact);
            json.WriteEndObject();
            json.WriteStartObject("chain");
            json.WriteNumber("id", tally.ChainId);
            json.WriteString("genesis", tally.Genesis.ToString());
            json.WriteEndObject();
            json.WriteStartObject("proof");
            WriteProof(json, tally);
            json.WriteEndObject();
            json.WriteString("header", Encoded(tally.Header));
            json.WriteStartObject("finality");
            WriteFinality(json, tally.Finality, fact.Trusts);
            json.WriteEndObject();
            if (checksum is { } sum) json.WriteString("checksum", sum.ToString());
            json.WriteEndObject();
        }
        stream.WriteByte((byte)'\n');
        return stream.ToArray();
    }

    static void WriteFact(Utf8JsonWriter json, TallyFact fact)
    {
        var tally = fact.Tally;
        json.WriteNumber("block", tally.Header.Number);
        json.WriteNumber("timestamp", tally.Header.Timestamp);
        if (tally.Kind is TallyKind.Account or TallyKind.Storage)
        {
            json.WriteString("account", tally.Address.ToChecksumString());
            json.WriteBoolean("exists", fact.Account is not null);
            json.WriteString("balance", $"{fact.Account?.Balance ?? UInt256.Zero}");
            json.WriteNumber("nonce", fact.Account?.Nonce ?? 0);
            json.WriteString("codeHash", (fact.Account?.CodeHash ?? Account.EmptyCodeHash).ToString());
            if (tally.Kind == TallyKind.Account) return;
            json.WriteString("slot", tally.Slot.ToHexQuantity());
            json.WriteString("value", Hash256.FromUInt256(fact.Value).ToString());
            return;
        }
        var transaction = fact.Transaction!;
        json.WriteString("transaction", transaction.Hash.ToString());
        json.WriteString("from", fact.Sender!.Value.ToChecksumString());
        if (transaction.To is { } to) json.WriteString("to", to.ToChecksumString());
        json.WriteString("value", $"{transaction.Value}");
        json.WriteBoolean("succeeded", fact.Receipt!.Succeeded);
        json.WriteStartArray("events");
        foreach (var one in fact.Events) WriteEvent(json, one);
        json.WriteEndArray();
    }

    static void WriteEvent(Utf8JsonWriter json, TallyEvent one)
    {
        json.WriteStartObject();
        json.WriteNumber("position", one.Position);
        json.WriteString("contract", one.Log.Address.ToChecksumString());
        json.WriteString("event", one.Event?.Declaration);
        json.WriteStartArray("values");
        for (var i = 0; i < one.Arguments.Count; i++)
        {
            var input = one.Event!.Inputs[i];
            AbiJson.Write(json, input.IsIndexed && !AbiEvent.IsOneWord(input.Type) ? AbiType.Bytes32 : input.Type, one.Arguments[i]);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void WriteProof(Utf8JsonWriter json, Tally tally)
    {
        if (tally.Kind is TallyKind.Account or TallyKind.Storage)
        {
            json.WriteString("address", tally.Address.ToChecksumString());
            WriteNodes(json, "account", tally.AccountProof);
            if (tally.Kind == TallyKind.Account) return;
            json.WriteString("slot", tally.Slot.ToHexQuantity());
            WriteNodes(json, "storage", tally.StorageProof);
            return;
        }
        json.WriteNumber("index", tally.TransactionIndex);
        if (tally.Kind == TallyKind.Log) json.WriteNumber("log", tally.LogPosition);
        json.WriteStartArray("declarations");
        foreach (var declaration in tally.Declarations) json.WriteStringValue(declaration);
        json.WriteEndArray();
        WriteNodes(json, "transaction", tally.TransactionProof);
        WriteNodes(json, "receipt", tally.ReceiptProof);
    }

    static void WriteFinality(Utf8JsonWriter json, Finality finality, IReadOnlyList<string> trusts)
    {
        json.WriteString("kind", finality is QbftFinality ? "qbft" : "none");
        if (finality is UnprovenFinality unproven) json.WriteString("said", unproven.Said);
        if (finality is QbftFinality qbft)
        {
            json.WriteString("genesis", Encoded(qbft.Genesis));
            json.WriteStartArray("steps");
            foreach (var step in qbft.Steps) json.WriteStringValue(Encoded(step));
            json.WriteEndArray();
        }
        json.WriteStartArray("trusts");
        foreach (var trust in trusts) json.WriteStringValue(trust);
        json.WriteEndArray();
    }

    static void WriteNodes(Utf8JsonWriter json, string name, IReadOnlyList<byte[]> nodes)
    {
        json.WriteStartArray(name);
        foreach (var node in nodes) json.WriteStringValue(Hex.Encode(node));
        json.WriteEndArray();
    }

    static string Encoded(Header header)
    {
        using var writer = RlpWriter.Rent();
        header.Write(writer);
        return Hex.Encode(writer.Written);
    }

    static string Name(TallyKind kind) => kind switch { TallyKind.Transaction => "transaction", TallyKind.Log => "log", TallyKind.Account => "account", _ => "storage" };

    // ---- reading ----

    static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out Tally? tally, [NotNullWhen(false)] out Refusal? refusal)
    {
        (tally, refusal) = (null, null);
        try
        {
            var reader = new Utf8JsonReader(file, new JsonReaderOptions { MaxDepth = 64 });
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            var version = root.GetProperty("hufuTally").GetInt32();
            if (version == Tally.Version) tally = Read(root);
            else refusal = Refused($"the tally is of version {version}", $"this verifier reads version {Tally.Version}", "use a newer one");
        }
        catch (Exception error) when (error is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or OverflowException)
        {
            refusal = Refused("this is no tally", error.Message);
        }
        return tally is not null;
    }

    static Tally Read(JsonElement root)
    {
        var (chain, proof, finality) = (root.GetProperty("chain"), root.GetProperty("proof"), root.GetProperty("finality"));
        var kind = Text(root, "kind") switch
        {
            "transaction" => TallyKind.Transaction,
            "log" => TallyKind.Log,
            "account" => TallyKind.Account,
            "storage" => TallyKind.Storage,
            var other => throw new FormatException($"there is no kind '{Short(other)}'"),
        };
        var tally = new Tally { Kind = kind, ChainId = chain.GetProperty("id").GetUInt64(), Genesis = Hash(chain, "genesis"), Header = HeaderOf(root.GetProperty("header")), Finality = ReadFinality(finality) };
        if (kind is TallyKind.Account or TallyKind.Storage)
        {
            tally = tally with { Address = Address.TryParse(Text(proof, "address"), out var address) ? address : throw new FormatException("the address is none"), AccountProof = Nodes(proof, "account") };
            return kind == TallyKind.Account ? tally : tally with
            {
                Slot = Hex.TryDecodeQuantity(Text(proof, "slot"), out UInt256 slot) ? slot : throw new FormatException("the slot is no number"),
                StorageProof = Nodes(proof, "storage"),
            };
        }
        return tally with
        {
            TransactionIndex = Index(proof, "index"),
            LogPosition = kind == TallyKind.Log ? Index(proof, "log") : 0,
            Declarations = [.. proof.GetProperty("declarations").EnumerateArray().Select(one => one.GetString() ?? throw new FormatException("a declaration is null"))],
            TransactionProof = Nodes(proof, "transaction"),
            ReceiptProof = Nodes(proof, "receipt"),
        };
    }

    static Finality ReadFinality(JsonElement json) => Text(json, "kind") switch
    {
        "none" => Text(json, "said") is ("finalized" or "safe" or "latest") and var said ? new UnprovenFinality(said) : throw new FormatException("what the endpoint said is finalized, safe or latest"),
        "qbft" => new QbftFinality(HeaderOf(json.GetProperty("genesis")), [.. json.GetProperty("steps").EnumerateArray().Select(HeaderOf)]),
        var other => throw new FormatException($"there is no finality '{Short(other)}'"),
    };

    static Header HeaderOf(JsonElement json)
    {
        var reader = new RlpReader(Bytes(json).AsSpan());
        var header = Header.Read(ref reader);
        reader.ExpectEnd();
        return reader.Error is { } why ? throw new FormatException($"a header is malformed: {why}") : header;
    }

    static byte[][] Nodes(JsonElement json, string name) => [.. json.GetProperty(name).EnumerateArray().Select(Bytes)];

    static byte[] Bytes(JsonElement json) => Hex.TryDecode(json.GetString(), out var bytes) ? bytes : throw new FormatException($"'{Short(json.GetString())}' is not hexadecimal");

    static Hash256 Hash(JsonElement json, string name) => Hash256.TryParse(Text(json, name), out var hash) ? hash : throw new FormatException($"'{name}' is no hash");

    static int Index(JsonElement json, string name) => json.GetProperty(name).GetInt32() is >= 0 and var index ? index : throw new FormatException($"'{name}' is below zero");

    static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? throw new FormatException($"'{name}' is null");

    static string Short(string? text) => text is { Length: > 40 } ? text[..40] + "…" : text ?? "null";

    // ---- refusing ----

    static Refusal Differs(ReadOnlySpan<byte> file, ReadOnlySpan<byte> expected)
    {
        var at = file.CommonPrefixLength(expected);
        var line = file[..at].Count((byte)'\n') + 1;
        return Refused("the file says something its evidence does not", $"byte {at}, line {line}: it has '{Around(file, at)}', the evidence gives '{Around(expected, at)}'");
    }

    static string Around(ReadOnlySpan<byte> text, int at)
    {
        var from = Math.Min(at, text.Length);
        var shown = Encoding.UTF8.GetString(text[from..Math.Min(text.Length, from + 24)]);
        return string.Concat(shown.Where(letter => !char.IsControl(letter)));
    }

    static Refusal Refused(string what, string why, string mend = "ask whoever gave you the tally for the file as it was made") => new(what, why, mend);
}
