using System.Net;
using System.Text;
using System.Text.Json;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>A bank's day: its pacs.008 is executed once and answered by a valid pacs.002; the statement it gets is valid, and reconciles with itself.</summary>
public class IsoJourneyTests
{
    static IsoSchemas Schemas() => new(name => ServiceData.Open("iso20022.zip").FirstOrDefault(file => file.Key.StartsWith($"xsd/{name}", StringComparison.Ordinal)).Value);

    static string Order(params (string Uetr, string Amount, string Creditor)[] payments) => $"""
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
          <GrpHdr><MsgId>ORDER-1</MsgId><CreDtTm>2026-07-22T08:00:00Z</CreDtTm><NbOfTxs>{payments.Length}</NbOfTxs><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
          {string.Concat(payments.Select((one, i) => $"""
          <CdtTrfTxInf><PmtId><EndToEndId>E2E-{i}</EndToEndId><UETR>{one.Uetr}</UETR></PmtId><IntrBkSttlmAmt Ccy="USD">{one.Amount}</IntrBkSttlmAmt><IntrBkSttlmDt>2026-07-22</IntrBkSttlmDt><ChrgBr>SLEV</ChrgBr>
            <Dbtr><Nm>Alice</Nm></Dbtr><DbtrAcct><Id><Othr><Id>alice</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>ABCDDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><Othr><Id>{one.Creditor}</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>
          """))}
        </FIToFICstmrCdtTrf></Document>
        """;

    [Fact]
    public async Task An_order_is_paid_once_answered_and_reconciled()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100.00"));
        var shop = await platform.Account("shop");
        using var http = new HttpClient { BaseAddress = platform.Platform.Url };
        var order = Order(("8a562c67-ca16-48ba-b074-65581be6f001", "12.50", AccountNumber.Of(shop)), ("8a562c67-ca16-48ba-b074-65581be6f002", "999.00", "shop"), ("8a562c67-ca16-48ba-b074-65581be6f003", "1.00", "nobody"));

        for (var sent = 0; sent < 2; sent++)
        {
            var answer = await http.PostAsync("/api/v1/iso20022/pacs008", new StringContent(order, Encoding.UTF8, "application/xml"));
            var report = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(report));
            Assert.True(IsoMessage.TryRead(report, out var message, out var refusal, Schemas()), refusal?.ToString());
            Assert.Equal(["ACSC", "RJCT", "RJCT"], message.Content.Descendants().Where(one => one.Name.LocalName == "TxSts").Select(one => one.Value));
            Assert.Equal(["AM04", "AC01"], message.Content.Descendants().Where(one => one.Name.LocalName == "Rsn").Select(one => one.Value.Trim()));
        }
        Assert.Equal("12.500000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());

        var statement = await http.GetByteArrayAsync("/api/v1/accounts/shop/statement.camt053");
        Assert.True(IsoMessage.TryRead(statement, out var camt, out var wrong, Schemas()), wrong?.ToString());
        Assert.True(AccountStatement.TryRead(camt, out var statements, out _));
        Assert.Equal(("E2E-0", new IsoAmount("USD", 12.5m), true), (statements[0].Entries[0].EndToEndId, statements[0].Entries[0].Amount, statements[0].Entries[0].IsCredit));
        var reconciled = JsonSerializer.Deserialize<JsonElement>(await (await http.PostAsync("/api/v1/iso20022/reconcile?account=shop", new ByteArrayContent(statement))).Content.ReadAsStringAsync());
        Assert.Equal(1, reconciled.GetProperty("matched").GetArrayLength());
        Assert.Equal(0, reconciled.GetProperty("exceptions").GetArrayLength());

        var contradiction = await http.PostAsync("/api/v1/iso20022/pacs008", new StringContent(order.Replace("<NbOfTxs>3<", "<NbOfTxs>2<", StringComparison.Ordinal), Encoding.UTF8, "application/xml"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, contradiction.StatusCode);
    }

    [Fact]
    public async Task A_customers_order_is_answered_block_by_block_and_its_entries_can_be_taken_as_an_advice()
    {
        await using var platform = await TestPlatform.StartAsync();
        await platform.Fund(("alice", "100.00"));
        await platform.Account("shop");
        using var http = new HttpClient { BaseAddress = platform.Platform.Url };
        var order = """
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
              <GrpHdr><MsgId>WAGES-7</MsgId><CreDtTm>2026-07-22T08:00:00Z</CreDtTm><NbOfTxs>3</NbOfTxs><CtrlSum>20.50</CtrlSum><InitgPty><Nm>Alice Ltd</Nm></InitgPty></GrpHdr>
              <PmtInf><PmtInfId>BLOCK-1</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-07-22</Dt></ReqdExctnDt><Dbtr><Nm>Alice</Nm></Dbtr><DbtrAcct><Id><Othr><Id>alice</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt>
                <CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId></PmtId><Amt><InstdAmt Ccy="USD">12.50</InstdAmt></Amt><Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><Othr><Id>shop</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>
                <CdtTrfTxInf><PmtId><EndToEndId>E-2</EndToEndId></PmtId><Amt><InstdAmt Ccy="USD">1.00</InstdAmt></Amt><Cdtr><Nm>Nobody</Nm></Cdtr><CdtrAcct><Id><Othr><Id>nobody</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></PmtInf>
              <PmtInf><PmtInfId>BLOCK-2</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-07-22</Dt></ReqdExctnDt><Dbtr><Nm>Alice</Nm></Dbtr><DbtrAcct><Id><Othr><Id>alice</Id></Othr></Id></DbtrAcct><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt>
                <CdtTrfTxInf><PmtId><EndToEndId>E-3</EndToEndId></PmtId><Amt><InstdAmt Ccy="USD">7.00</InstdAmt></Amt><Cdtr><Nm>Shop</Nm></Cdtr><CdtrAcct><Id><Othr><Id>shop</Id></Othr></Id></CdtrAcct></CdtTrfTxInf></PmtInf>
            </CstmrCdtTrfInitn></Document>
            """;
        for (var sent = 0; sent < 2; sent++)
        {
            var answer = await http.PostAsync("/api/v1/iso20022/pain001", new StringContent(order, Encoding.UTF8, "application/xml"));
            var report = await answer.Content.ReadAsByteArrayAsync();
            Assert.True(answer.IsSuccessStatusCode, Encoding.UTF8.GetString(report));
            Assert.True(IsoMessage.TryRead(report, out var message, out var refusal, Schemas()), refusal?.ToString());
            Assert.Equal("pain.002.001.10", message.Name);
            Assert.Equal(["PART", "ACSC"], Values(message, "PmtInfSts"));
            Assert.Equal(["ACSC", "RJCT", "ACSC"], Values(message, "TxSts"));
            Assert.Equal(["BLOCK-1", "BLOCK-2"], Values(message, "OrgnlPmtInfId"));
        }
        Assert.Equal("19.500000", (await platform.Get("accounts/shop/statement")).GetProperty("closing").GetString());
        // A bank's message does not pass for a customer's.
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsync("/api/v1/iso20022/pacs008", new StringContent(order, Encoding.UTF8, "application/xml"))).StatusCode);

        var advice = await http.GetByteArrayAsync("/api/v1/accounts/shop/advice.camt054");
        Assert.True(IsoMessage.TryRead(advice, out var camt, out var wrong, Schemas()), wrong?.ToString());
        Assert.True(AccountStatement.TryRead(camt, out var told, out _));
        Assert.Equal([12.5m, 7m], told[0].Entries.Select(entry => entry.Amount.Value));

        static string[] Values(IsoMessage message, string element) => [.. message.Content.Descendants().Where(one => one.Name.LocalName == element).Select(one => one.Value)];
    }

    [Fact]
    public void An_address_has_an_account_number_and_a_slip_in_it_is_noticed()
    {
        foreach (var address in new[] { default, Address.FromNumber(1), Address.Parse("0xffffffffffffffffffffffffffffffffffffffff"), Address.Parse("0x70997970C51812dc3A010C7d01b50e0d17dc79C8") })
        {
            var number = AccountNumber.Of(address);
            Assert.True(number.Length <= 34);
            Assert.True(AccountNumber.TryRead(number, out var again));
            Assert.Equal(address, again);
            Assert.False(AccountNumber.TryRead(number[..^1] + (number[^1] == '2' ? '3' : '2'), out _));
        }
    }
}
