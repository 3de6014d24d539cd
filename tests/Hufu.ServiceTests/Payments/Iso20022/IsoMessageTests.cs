using System.Text;
using CsCheck;
using Hufu.Primitives;
using Hufu.Services;
using Xunit;

namespace Hufu.ServiceTests.Payments;

/// <summary>Messages of ISO 20022: real ones read, ours valid against the same schemas, sums that are said twice checked.</summary>
public class IsoMessageTests
{
    static IsoSchemas Schemas() => new(name => ServiceData.Open("iso20022.zip").FirstOrDefault(file => file.Key.StartsWith($"xsd/{name}", StringComparison.Ordinal)).Value);

    static IEnumerable<(string Name, byte[] File, IsoMessage Message)> Messages()
    {
        foreach (var (name, file) in ServiceData.Open("iso20022.zip"))
            if (name.EndsWith(".xml", StringComparison.Ordinal) && IsoMessage.TryRead(file, out var message, out _)) yield return (name, file, message);
    }

    [Fact]
    public void What_the_schemas_allow_is_read_and_what_they_refuse_is_refused()
    {
        var (schemas, wrong, read) = (Schemas(), new List<string>(), 0);
        foreach (var (name, file, message) in Messages())
        {
            if (message.Family is not ("pain.001" or "pacs.008" or "camt.052" or "camt.053" or "camt.054")) continue;
            var isValid = schemas.TryCheck(message, out var refusal);
            IReadOnlyList<Refusal> faults;
            var isRead = message.Family.StartsWith("camt", StringComparison.Ordinal) ? AccountStatement.TryRead(message, out _, out faults) : CreditTransferBatch.TryRead(message, out _, out faults);
            read += isRead ? 1 : 0;
            // Sums and check digits are no concern of a schema: those who fill examples with "EXId" do not keep them.
            if (isValid && !isRead && !name.StartsWith("cbpr/", StringComparison.Ordinal)) wrong.Add($"{name}: {string.Join(" | ", faults)}");
            Assert.Equal(isValid, IsoMessage.TryRead(file, out _, out _, schemas));
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(read >= 15, $"{read}");
    }

    [Fact]
    public void Examples_of_cross_border_payments_satisfy_their_schemas()
    {
        var schemas = Schemas();
        foreach (var (name, _, message) in Messages().Where(one => one.Name.StartsWith("cbpr/", StringComparison.Ordinal)))
            Assert.True(schemas.TryCheck(message, out var refusal), $"{name}: {refusal}");
    }

    [Fact]
    public void A_statement_we_write_is_valid_and_reads_as_it_was()
    {
        var schemas = Schemas();
        Gen.Select(Gen.Int[1, 100_000_000], Gen.Bool, Gen.String[0, 40], Gen.Bool).Array[0, 8].Sample(lines =>
        {
            var at = new DateTimeOffset(2026, 7, 22, 8, 0, 0, TimeSpan.Zero);
            AccountEntry[] entries = [.. lines.Select((line, i) => new AccountEntry
            {
                Reference = $"TX{i}", Amount = new IsoAmount("EUR", line.Item1 / 100m), IsCredit = line.Item2, BookedAt = at, Uetr = "8a562c67-ca16-48ba-b074-65581be6f001", EndToEndId = $"E2E-{i}",
                CounterpartName = string.IsNullOrWhiteSpace(line.Item3) ? null : "芒果 " + line.Item3, CounterpartAccount = line.Item4 ? "DE89370400440532013000" : "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"[..34],
                Remittance = "lot 7, 12 crates", Information = "transaction 0x" + new string('a', 64),
            })];
            var statement = new AccountStatement { Id = "S1", Account = new IsoAccount("DE89370400440532013000", null), Currency = "EUR", Owner = "Mango House", CreatedAt = at, From = at.AddDays(-1), To = at, Opening = -5.05m, Entries = entries };
            statement = statement with { Closing = statement.Opening + statement.Movement };

            Assert.True(statement.TryWriteStatement("M1", out var file, out var refusal), refusal?.ToString());
            foreach (var written in new[] { file, statement.WriteAdvice("M2") })
            {
                Assert.True(IsoMessage.TryRead(written, out var message, out refusal, schemas), refusal?.ToString());
                Assert.True(AccountStatement.TryRead(message, out var again, out var faults), string.Join(" | ", faults));
                Assert.Equal(entries.Select(one => (one.Amount, one.IsCredit, one.Reference, one.EndToEndId, one.Uetr, one.CounterpartAccount)), again[0].Entries.Select(one => (one.Amount, one.IsCredit, one.Reference, one.EndToEndId, one.Uetr, one.CounterpartAccount)));
            }
        }, iter: 100);
    }

    [Fact]
    public void A_statement_that_does_not_add_up_is_not_written()
    {
        var statement = new AccountStatement { Id = "S1", Account = new IsoAccount(null, "1"), Currency = "EUR", CreatedAt = DateTimeOffset.UnixEpoch, Opening = 1, Closing = 2 };

        Assert.False(statement.TryWriteStatement("M1", out _, out var refusal));
        Assert.Equal("the statement does not add up", refusal.What);
    }

    [Fact]
    public void A_payment_between_banks_is_answered_with_a_valid_report_that_gives_its_ids_back()
    {
        var file = Pacs008();
        Assert.True(IsoMessage.TryRead(file, out var message, out _, Schemas()));
        Assert.True(CreditTransferBatch.TryRead(message, out var batch, out var faults), string.Join(" | ", faults));

        var answer = PaymentStatusReport.Write("ANSWER-1", DateTimeOffset.UnixEpoch, batch,
            [new(batch.Transfers[0], PaymentStatus.Settled, At: DateTimeOffset.UnixEpoch, Reference: "7"), new(batch.Transfers[1], PaymentStatus.Rejected, "AM04", new string('x', 300))]);

        Assert.True(IsoMessage.TryRead(answer, out var report, out var refusal, Schemas()), refusal?.ToString());
        var text = Encoding.UTF8.GetString(answer);
        Assert.All(["ACSC", "RJCT", "PART", "AM04", batch.MessageId, batch.Transfers[0].Uetr!, batch.Transfers[1].EndToEndId], word => Assert.Contains(word, text));
        Assert.Equal("pacs.002", report.Family);
    }

    [Theory]
    [InlineData("<NbOfTxs>2<", "<NbOfTxs>3<", "is not the number of payments")]
    [InlineData("Ccy=\"EUR\">3.50<", "Ccy=\"EUR\">3.51<", "is not the total")]
    [InlineData("Ccy=\"EUR\">1.25<", "Ccy=\"EUR\">1.255<", "has more digits than its currency")]
    [InlineData("-48ba-b074", "-18ba-b074", "is no UUID of version 4")]
    [InlineData("<EndToEndId>E2E-2<", "<EndToEndId><", "is missing")]
    [InlineData("9b2c1d4e-0f3a-4b5c-8d6e-7f8091a2b3c4", "8a562c67-ca16-48ba-b074-65581be6f001", "stands in the message twice")]
    public void A_message_that_contradicts_itself_is_refused(string from, string to, string what)
    {
        var file = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Pacs008()).Replace(from, to, StringComparison.Ordinal));
        Assert.True(IsoMessage.TryRead(file, out var message, out _));

        Assert.False(CreditTransferBatch.TryRead(message, out _, out var faults));
        Assert.Contains(faults, fault => fault.What.Contains(what, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x>&a;</x>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>")]
    [InlineData("<x>")]
    [InlineData("")]
    [InlineData("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08\"/>")]
    [InlineData("<Document xmlns=\"urn:example:pacs.008.001.08\"><a/></Document>")]
    public void Hostile_files_are_refused(string file) => Assert.False(IsoMessage.TryRead(Encoding.UTF8.GetBytes(file), out _, out _));

    [Fact]
    public void A_file_nested_without_end_is_refused() =>
        Assert.False(IsoMessage.TryRead(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("<a>", 100_000))), out _, out _));

    [Fact]
    public void Damaged_messages_never_throw() => Gen.Select(Gen.Int[0, 100_000], Gen.Byte, Gen.Int[0, 1000]).Sample(change =>
    {
        var files = ServiceData.Open("iso20022.zip").Where(file => file.Key.EndsWith(".xml", StringComparison.Ordinal) && file.Value.Length < 20_000).ToArray();
        var file = (byte[])files[change.Item3 % files.Length].Value.Clone();
        file[change.Item1 % file.Length] = change.Item2;
        if (!IsoMessage.TryRead(file, out var message, out _)) return;
        CreditTransferBatch.TryRead(message, out _, out _);
        AccountStatement.TryRead(message, out _, out _);
    }, iter: LongRun.Operations / 6);

    [Theory]
    [InlineData("JPY", "100", 6, "100000000")]
    [InlineData("EUR", "0.01", 6, "10000")]
    [InlineData("BHD", "999999999999999.999", 18, "999999999999999999000000000000000")]
    public void Amounts_become_units_of_a_token_and_back_exactly(string currency, string text, int decimals, string units)
    {
        Assert.True(IsoAmount.TryParse(currency, text, out var amount));
        Assert.True(amount.TryToUnits(decimals, out var value));
        Assert.Equal(UInt256.Parse(units), value);
        Assert.True(IsoAmount.TryFromUnits(currency, value, decimals, out var again));
        Assert.Equal(amount, again);
        Assert.Equal(text, again.Value.Text);
    }

    [Theory]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("GB82WEST12345698765432", true)]
    [InlineData("DE88370400440532013000", false)]
    [InlineData("DE8937040044053201300", false)]
    [InlineData("LT007180000000000000", false)]
    public void The_check_digits_of_an_account_tell_a_slip(string iban, bool isPossible) => Assert.Equal(isPossible, new IsoAccount(iban, null).IsPossible);

    [Theory]
    [InlineData("EUR", "-1")]
    [InlineData("EUR", "1e3")]
    [InlineData("EUR", "1,000")]
    [InlineData("EUR", "1.000001")]
    [InlineData("eur", "1")]
    [InlineData("EUR", "")]
    [InlineData("EUR", "1000000000000000000")]
    public void What_is_no_amount_is_not_read_as_one(string currency, string text) => Assert.False(IsoAmount.TryParse(currency, text, out _));

    static byte[] Pacs008() => """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08"><FIToFICstmrCdtTrf>
          <GrpHdr><MsgId>ORDER-1</MsgId><CreDtTm>2026-07-22T08:00:00Z</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>3.50</CtrlSum><TtlIntrBkSttlmAmt Ccy="EUR">3.50</TtlIntrBkSttlmAmt><IntrBkSttlmDt>2026-07-22</IntrBkSttlmDt><SttlmInf><SttlmMtd>CLRG</SttlmMtd></SttlmInf></GrpHdr>
          <CdtTrfTxInf><PmtId><InstrId>I-1</InstrId><EndToEndId>E2E-1</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR></PmtId><IntrBkSttlmAmt Ccy="EUR">1.25</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr>
            <Dbtr><Nm>Alice</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>ABCDDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Bob</Nm></Cdtr><CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct></CdtTrfTxInf>
          <CdtTrfTxInf><PmtId><EndToEndId>E2E-2</EndToEndId><UETR>9b2c1d4e-0f3a-4b5c-8d6e-7f8091a2b3c4</UETR></PmtId><IntrBkSttlmAmt Ccy="EUR">2.25</IntrBkSttlmAmt><ChrgBr>SHAR</ChrgBr>
            <Dbtr><Nm>Alice</Nm></Dbtr><DbtrAgt><FinInstnId><BICFI>ABCDGBEFXXX</BICFI></FinInstnId></DbtrAgt><CdtrAgt><FinInstnId><BICFI>ABCDDEFFXXX</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Carol</Nm></Cdtr></CdtTrfTxInf>
        </FIToFICstmrCdtTrf></Document>
        """u8.ToArray();
}
