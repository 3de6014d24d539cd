using System.Text;
using CsCheck;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Traceability;

/// <summary>Files of EPCIS that mean harm: refused, in bounded time and memory, and never with an exception.</summary>
public class EpcisHostileTests
{
    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><epcis:EPCISDocument xmlns:epcis=\"urn:epcglobal:epcis:xsd:2\" schemaVersion=\"2.0\" creationDate=\"2026-01-01T00:00:00Z\"><EPCISBody><EventList><ObjectEvent>&a;</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]><EPCISDocument>&b;</EPCISDocument>")]
    [InlineData("<EPCISDocument")]
    [InlineData("<x/>")]
    [InlineData("{\"type\":\"EPCISDocument\",\"type\":\"EPCISDocument\"}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("\uFEFF")]
    [InlineData("not at all")]
    public void What_is_no_document_is_refused(string file)
    {
        Assert.False(EpcisDocument.TryAccept(Encoding.UTF8.GetBytes(file), out _, out var refusal));
        Assert.NotEmpty(refusal.What);
    }

    [Theory]
    [InlineData("<a>", "</a>")]
    [InlineData("{\"a\":", "}")]
    [InlineData("[", "]")]
    public void Nesting_without_end_is_refused(string open, string close)
    {
        foreach (var depth in new[] { 65, 100_000 })
            Assert.False(EpcisDocument.TryRead(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(open, depth)) + "1" + string.Concat(Enumerable.Repeat(close, depth))), out _, out _));
    }

    [Fact]
    public void Damaged_files_never_throw_whatever_is_done_with_them()
    {
        var files = ServiceData.Open("epcis.zip").Where(file => Path.GetExtension(file.Key) is ".json" or ".jsonld" or ".xml" && file.Value.Length < 12_000).Select(file => file.Value).ToArray();
        Gen.Select(Gen.Int[0, files.Length - 1], Gen.Int[0, 1_000_000], Gen.Byte, Gen.Int[0, 20]).Sample(damage =>
        {
            var (which, where, what, cut) = damage;
            var file = files[which].ToArray();
            file[where % file.Length] = what;
            if (cut == 0) file = file[..(where % file.Length)];
            if (!EpcisDocument.TryRead(file, out var document, out _)) return;
            foreach (var one in document.Events) EventHash.Of(one, document.IgnoredFields);
            if (document.Faults.Count > 0) return;
            EpcisJsonWriter.Write(document);
            EpcisXmlWriter.Write(document);
        }, iter: LongRun.Operations / 2);
    }

    [Theory]
    [InlineData("1.2", true)]
    [InlineData("2.0", false)]
    public void A_word_that_the_standard_took_back_is_known_to_old_files_alone(string version, bool isAccepted) =>
        Assert.Equal(isAccepted, EpcisDocument.TryAccept(Encoding.UTF8.GetBytes($"""
            <epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="{version}" creationDate="2012-01-01T00:00:00Z"><EPCISBody><EventList><ObjectEvent>
            <eventTime>2012-01-01T00:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset><epcList><epc>urn:epc:id:sgtin:4012345.011111.9876</epc></epcList><action>OBSERVE</action>
            <disposition>urn:epcglobal:cbv:disp:non_sellable_expired</disposition></ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>
            """), out _, out _));

    [Theory]
    [InlineData("urn:epc:id:sgtin:4012345.011111.9876", "https://id.gs1.org/01/04012345111118/21/9876")]
    [InlineData("urn:epc:id:sscc:4012345.0111111111", "https://id.gs1.org/00/040123451111111110")]
    [InlineData("http://shop.example/x/gtin/4012345111118/lot/A1/ser/9?q=1", "https://id.gs1.org/01/04012345111118/21/9")]
    [InlineData("urn:epc:id:sgln:4012345.00005.0", "https://id.gs1.org/414/4012345000054")]
    [InlineData("urn:epc:id:sgtin:4012345.011111.a/b", null)]
    [InlineData("urn:epc:id:sgtin:401.011111.1", null)]
    [InlineData("https://example.com/no/key", null)]
    public void Identifiers_become_canonical_links(string text, string? link) => Assert.Equal(link, Gs1Uri.TryCanonical(text, out var canonical) ? canonical : null);
}
