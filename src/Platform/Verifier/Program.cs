using System.Diagnostics;
using System.Runtime.InteropServices.JavaScript;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Hufu.Client;
using Hufu.Primitives;
using Hufu.Services;

[assembly: SupportedOSPlatform("browser")]

namespace Hufu.Verifier;

/// <summary>What the page calls: a file in, the answer as JSON out. Nothing here knows a network.</summary>
static partial class Program
{
    static readonly JsonWriterOptions Form = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static void Main()
    {
    }

    /// <param name="file">A tally, or the proof of an event of a supply chain.</param>
    /// <param name="block">The hash of the block as the reader knows it from elsewhere; empty if unknown.</param>
    [JSExport]
    internal static string Verify(byte[] file, string block)
    {
        var watch = Stopwatch.StartNew();
        TallyFact? fact = null;
        TraceFact? trace = null;
        Refusal? refusal = null;
        TallyTrust? trust = null;
        if (block.Length > 0)
        {
            if (Hash256.TryParse(block, out var hash)) trust = new TallyTrust { Block = hash };
            else refusal = new Refusal("the hash of the block is no hash", block, "write 0x and 64 hexadecimal digits");
        }
        if (refusal is null)
        {
            if (TraceProof.IsOne(file))
            {
                if (TraceProof.TryVerify(file, trust, out trace, out refusal)) fact = trace.Tally;
            }
            else
            {
                TallyFile.TryVerify(file, trust, out fact, out refusal);
            }
        }
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Form)) Write(json, fact, trace, refusal, watch.Elapsed.TotalMilliseconds);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    static void Write(Utf8JsonWriter json, TallyFact? fact, TraceFact? trace, Refusal? refusal, double milliseconds)
    {
        json.WriteStartObject();
        json.WriteBoolean("holds", refusal is null);
        json.WriteNumber("milliseconds", Math.Round(milliseconds, 1));
        if (refusal is not null)
        {
            json.WriteString("what", refusal.What);
            json.WriteString("why", refusal.Why);
            json.WriteString("mend", refusal.Mend);
        }
        if (fact is not null)
        {
            var tally = fact.Tally;
            json.WriteString("en", trace?.English ?? fact.English);
            json.WriteString("zh", trace?.Chinese ?? fact.Chinese);
            json.WriteString("kind", trace is null ? tally.Kind.ToString() : "Trace");
            json.WriteNumber("chainId", tally.ChainId);
            json.WriteString("genesis", tally.Genesis.ToString());
            json.WriteNumber("block", tally.Header.Number);
            json.WriteString("blockHash", tally.Header.Hash.ToString());
            json.WriteNumber("timestamp", tally.Header.Timestamp);
            json.WriteString("finality", tally.Finality is QbftFinality ? "qbft" : "none");
            if (tally.Finality is UnprovenFinality unproven) json.WriteString("said", unproven.Said);
            json.WriteStartArray("trusts");
            foreach (var one in fact.Trusts) json.WriteStringValue(one);
            json.WriteEndArray();
        }
        if (trace is not null)
        {
            json.WriteString("contract", trace.Contract.ToChecksumString());
            json.WriteString("organisation", trace.Organisation.ToChecksumString());
            json.WriteString("eventHash", EventHash.NameOf(trace.EventHash));
            json.WriteStartArray("fields");
            foreach (var (name, value) in trace.Fields)
            {
                json.WriteStartArray();
                json.WriteStringValue(name);
                json.WriteStringValue(value);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}
