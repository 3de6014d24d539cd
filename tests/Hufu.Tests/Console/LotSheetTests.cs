using System.IO.Compression;
using System.Text;
using Hufu.Services;
using Hufu.WebConsole;
using Xunit;

namespace Hufu.Tests;

/// <summary>Steps of lots as people write them: in a spreadsheet, whatever program made it, and hostile files too.</summary>
public sealed class LotSheetTests
{
    const string Headings = "Product number,Lot,Step,Quantity,Unit,Place (GLN),Time (UTC),Made of";

    static readonly DateTimeOffset Now = new(2026, 11, 27, 9, 0, 0, TimeSpan.Zero);

    static LotSheet Read(params string[] lines) => LotSheet.Read(Encoding.UTF8.GetBytes(string.Join("\r\n", lines)), Now);

    [Theory]
    [InlineData(Tongue.English, false)]
    [InlineData(Tongue.English, true)]
    [InlineData(Tongue.Chinese, false)]
    [InlineData(Tongue.Chinese, true)]
    public void A_template_that_is_given_back_as_it_is_holds_one_step(Tongue tongue, bool isCsv)
    {
        var sheet = LotSheet.Read(LotSheet.Template(tongue, isCsv), Now);

        Assert.Empty(sheet.Faults);
        var (row, step) = Assert.Single(sheet.Rows);
        Assert.Equal((2, "https://id.gs1.org/01/09521141012345/10/MANGO-7", "commissioning", 1200m, "KGM", "9521141000007"), (row, step.Link, step.Step, step.Quantity, step.Unit, step.Place));
        Assert.Equal(new DateTimeOffset(2026, 11, 27, 8, 30, 0, TimeSpan.Zero), step.At);
    }

    [Fact]
    public void Every_fault_is_told_by_its_row_and_column_in_both_languages()
    {
        var sheet = Read(Headings, "09521141012345,OK-1,packing,1,kg,9521141000007,2026-07-20 06:00,", ",,,,,,,", "09521141012346,,wrapping,-1,stone,9521141000008,yesterday,x");

        Assert.Equal([(4, "A"), (4, "C"), (4, "D"), (4, "E"), (4, "F"), (4, "G"), (4, "H")], sheet.Faults.Select(one => (one.Row, one.Column)).Order());
        Assert.All(sheet.Faults, one => Assert.True(one.Fault.English.Length > 0 && one.Fault.Chinese.Any(letter => letter > '\u4e00')));
        Assert.Equal((4, "G"), (Read(Headings, "", "", "09521141012345,L,,1,,9521141000007,,").Faults.Select(one => (one.Row, one.Column)).Single()));
        Assert.Equal("time", Read(Headings, "09521141012345,L,,1,,9521141000007,2030-01-01,").Faults.Single().Fault.Field);
    }

    [Fact]
    public void Semicolons_tabs_Chinese_headings_and_the_encoding_of_Chinese_programs_are_read()
    {
        string[] lines = ["商品编号;批号;环节;数量;单位;地点 (GLN);时间 (UTC)", "9521141012345;MANGO7;采摘或制成;1,200.5;千克;9521141000007;2026/7/20 6:00"];
        foreach (var file in new[] { Encoding.UTF8.GetBytes(string.Join('\n', lines)), CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!.GetBytes(string.Join('\n', lines)), Encoding.UTF8.GetBytes(string.Join('\n', lines).Replace(';', '\t')) })
        {
            var (_, step) = Assert.Single(LotSheet.Read(file, Now).Rows);
            Assert.Equal(("commissioning", 1200.5m), (step.Step, step.Quantity));
        }
    }

    [Fact]
    public void A_lot_made_of_others_names_them_with_their_quantities()
    {
        var (_, step) = Assert.Single(Read(Headings, "09521141012352,JUICE-1,,300,kg,9521141000007,2026-07-20,09521141012345/FARM-7/400; 09521141012345/FARM-8/100").Rows);

        Assert.Equal([("https://id.gs1.org/01/09521141012345/10/FARM-7", 400m), ("https://id.gs1.org/01/09521141012345/10/FARM-8", 100m)], step.MadeOf.Select(one => (one.Link, one.Quantity)));
        Assert.Equal("TransformationEvent", step.ToEvent(Guid.NewGuid())["type"]!.GetValue<string>());
    }

    [Fact]
    public void The_same_row_of_the_same_file_is_the_same_event()
    {
        var sheet = Read(Headings, "09521141012345,A,,1,kg,9521141000007,2026-07-20,", "09521141012345,A,,1,kg,9521141000007,2026-07-20,");

        Assert.Equal(sheet.Identified("file").Select(one => one.Id), sheet.Identified("file").Select(one => one.Id));
        Assert.Equal(4, sheet.Identified("file").Concat(sheet.Identified("other")).Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public void What_is_no_sheet_is_refused_and_breaks_nothing()
    {
        var whole = LotSheet.Template(Tongue.English, isCsv: false);
        var random = new Random(7);
        List<byte[]> files = [[], "PK"u8.ToArray(), new byte[5_000], Encoding.UTF8.GetBytes(Headings), Encoding.UTF8.GetBytes("a,b\n1,2"), Bomb()];
        for (var i = 0; i < 300; i++)
        {
            var file = i % 3 == 0 ? whole[..random.Next(whole.Length)] : (byte[])whole.Clone();
            for (var flips = random.Next(1, 20); file.Length > 0 && flips > 0; flips--) file[random.Next(file.Length)] ^= (byte)(1 << random.Next(8));
            files.Add(file);
        }
        foreach (var file in files)
        {
            try
            {
                var sheet = LotSheet.Read(file, Now);
                Assert.True(sheet.Rows.Count + sheet.Faults.Count > 0);
            }
            catch (ProblemException refused)
            {
                Assert.NotEmpty(refused.Refusal.Mend);
            }
        }
        Assert.Contains("MiB", Assert.Throws<ProblemException>(() => LotSheet.Read(Bomb(), Now)).Refusal.Why);
    }

    // A small file that unpacks to more than is taken.
    static byte[] Bomb()
    {
        using var file = new MemoryStream();
        using (var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("xl/worksheets/sheet1.xml").Open();
            var nothing = new byte[1 << 20];
            for (var i = 0; i < 70; i++) entry.Write(nothing);
        }
        return file.ToArray();
    }

    [Fact]
    public void Every_act_names_its_right_and_a_command_leads_back_to_its_act()
    {
        Assert.All(ActList.All, act => Assert.Matches("^[a-z]+\\.[a-z-]+$", act.Right));
        Assert.Equal(ActList.All.Count, ActList.All.Select(act => act.Key).Distinct().Count());
        Assert.Equal("pay", ActList.OfCommand("payments.pay")!.Key);
        // What stands in an address stands in the browser's history.
        Assert.True(ActList.Find("redeem")!.Fields.Single(field => field.Name == "bank").IsPrivate);
    }
}
