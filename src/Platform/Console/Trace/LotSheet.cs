using System.Globalization;
using System.IO.Compression;
using System.Text;
using Hufu.Primitives;
using Hufu.Services;
using MiniExcelLibs;
using MiniExcelLibs.Csv;

namespace Hufu.WebConsole;

/// <summary>What is wrong in a sheet, and where: the row as the spreadsheet program counts it, and the column by its letter.</summary>
public sealed record SheetFault(int Row, string Column, CaptureFault Fault);

/// <summary>Steps of lots in a spreadsheet (XLSX or CSV), a row each, under headings in either language. Read whole or not at all: every fault is told, by row and column.</summary>
/// <param name="Rows">Each with its row in the sheet.</param>
public sealed record LotSheet(IReadOnlyList<(int Row, LotStep Step)> Rows, IReadOnlyList<SheetFault> Faults)
{
    public const int MostRows = 5_000;
    const long LargestUnpacked = 64 << 20;
    const int LongestCell = 400;

    static readonly Encoding Strict = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The columns: the field, its headings, and an example.</summary>
    public static IReadOnlyList<(string Field, string English, string Chinese, string Example)> Columns { get; } =
    [
        ("gtin", "Product number", "商品编号", "09521141012345"), ("lot", "Lot", "批号", "MANGO-7"), ("step", "Step", "环节", "commissioning"), ("quantity", "Quantity", "数量", "1200"),
        ("unit", "Unit", "单位", "kg"), ("place", "Place (GLN)", "地点 (GLN)", "9521141000007"), ("time", "Time (UTC)", "时间 (UTC)", "2026-11-27 08:30"), ("from", "Made of", "投入批次", ""),
    ];

    /// <summary>An empty sheet with the headings and one row to write over.</summary>
    public static byte[] Template(Tongue tongue, bool isCsv)
    {
        var row = Columns.ToDictionary(column => tongue == Tongue.Chinese ? column.Chinese : column.English, column => (object)(column.Field == "step" && tongue == Tongue.Chinese ? LotStep.Steps[0].Chinese : column.Example));
        using var file = new MemoryStream();
        file.SaveAs(new[] { row }, excelType: isCsv ? ExcelType.CSV : ExcelType.XLSX);
        return file.ToArray();
    }

    /// <exception cref="ProblemException">It is no spreadsheet, or one that cannot be taken as a whole.</exception>
    public static LotSheet Read(byte[] file, DateTimeOffset now)
    {
        var cells = RowsOf(file);
        if (cells.Count == 0) throw ProblemException.Invalid("the sheet is empty", "it has no row", "take the template and fill it in");
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < cells[0].Cells.Count; at++)
            if (FieldOf(cells[0].Cells[at]) is { } field) places.TryAdd(field, at);
        var missing = Columns.Where(column => column.Field is "gtin" or "lot" or "quantity" or "place" or "time" && !places.ContainsKey(column.Field)).ToArray();
        if (missing.Length > 0) throw ProblemException.Invalid("the sheet lacks columns", string.Join(", ", missing.Select(column => $"{column.English} / {column.Chinese}")), "the first row holds the headings; take the template");

        var (rows, faults) = (new List<(int, LotStep)>(), new List<SheetFault>());
        foreach (var (row, line) in cells.Skip(1))
        {
            if (line.All(string.IsNullOrWhiteSpace)) continue;
            string? Cell(string field) => places.TryGetValue(field, out var place) && place < line.Count ? line[place] : null;
            if (string.IsNullOrWhiteSpace(Cell("time"))) faults.Add(new SheetFault(row, LetterOf(places["time"]), new CaptureFault("time", "the time is missing", "缺少时间")));
            else if (LotStep.TryRead(Cell, now, out var step, out var wrong)) rows.Add((row, step));
            else faults.AddRange(wrong.Select(one => new SheetFault(row, places.TryGetValue(one.Field, out var place) ? LetterOf(place) : "", one)));
        }
        if (rows.Count == 0 && faults.Count == 0) throw ProblemException.Invalid("the sheet is empty", "below its headings there is nothing", "write a row for each step");
        return new LotSheet(rows, faults);
    }

    /// <summary>The ids under which the rows are recorded: the same file is recorded once, however often it is sent.</summary>
    public IReadOnlyList<(Guid Id, LotStep Step)> Identified(string file) => [.. Rows.Select(row => (IdOf($"{file}/{row.Row}"), row.Step))];

    // A UUID of version 8: made of a hash.
    internal static Guid IdOf(string name)
    {
        var bytes = Keccak256.Hash(Encoding.UTF8.GetBytes(name)).Bytes[..16].ToArray();
        bytes[6] = (byte)(bytes[6] & 0x0f | 0x80);
        bytes[8] = (byte)(bytes[8] & 0x3f | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    static string? FieldOf(string heading) => Columns.FirstOrDefault(column =>
        heading.Trim() is var text && (text.Equals(column.Field, StringComparison.OrdinalIgnoreCase) || text.Equals(column.English, StringComparison.OrdinalIgnoreCase) || text == column.Chinese)).Field;

    static string LetterOf(int column) => column < 26 ? $"{(char)('A' + column)}" : $"{(char)('A' + column / 26 - 1)}{(char)('A' + column % 26)}";

    // ---- files ----

    static List<(int Row, List<string> Cells)> RowsOf(byte[] file)
    {
        try
        {
            return file.AsSpan().StartsWith("PK"u8) ? [.. Take(new MemoryStream(Unpackable(file)).Query(excelType: ExcelType.XLSX)).Select((cells, at) => (at + 1, cells))] : OfText(file);
        }
        catch (Exception error) when (error is not ProblemException and not OutOfMemoryException)
        {
            // Whatever a file that only looks like one makes the library throw.
            throw ProblemException.Invalid("this is no spreadsheet that can be read", error.GetType().Name, "save it as .xlsx or .csv (UTF-8) and try again");
        }
    }

    static List<(int Row, List<string> Cells)> OfText(byte[] file)
    {
        string text;
        try
        {
            text = Strict.GetString(file);
        }
        catch (DecoderFallbackException)
        {
            // Spreadsheet programs in China write CSV so, unless told otherwise.
            text = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!.GetString(file);
        }
        text = text.TrimStart('\uFEFF');
        if (text.Contains('\0', StringComparison.Ordinal)) throw ProblemException.Invalid("this is no spreadsheet that can be read", "it is neither XLSX nor text", "save it as .xlsx or .csv (UTF-8) and try again");
        var heading = text.AsSpan(0, text.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end ? end : text.Length);
        var between = heading.Contains('\t') ? '\t' : heading.Count(';') > heading.Count(',') ? ';' : ',';
        return Numbered(Take(new MemoryStream(Encoding.UTF8.GetBytes(text)).Query(excelType: ExcelType.CSV, configuration: new CsvConfiguration { Seperator = between })), text);
    }

    // The library passes over empty lines, and every row below them would be told by the wrong number.
    static List<(int Row, List<string> Cells)> Numbered(List<List<string>> rows, string text)
    {
        var (numbers, row, isQuoted, isEmpty) = (new List<int>(), 1, false, true);
        foreach (var letter in text)
        {
            if (letter == '"') isQuoted = !isQuoted;
            if (letter == '\n' && !isQuoted)
            {
                if (!isEmpty) numbers.Add(row);
                (row, isEmpty) = (row + 1, true);
            }
            else if (!char.IsWhiteSpace(letter)) isEmpty = false;
        }
        if (!isEmpty) numbers.Add(row);
        return [.. rows.Select((cells, at) => (numbers.Count == rows.Count ? numbers[at] : at + 1, cells))];
    }

    static List<List<string>> Take(IEnumerable<dynamic> rows)
    {
        var taken = new List<List<string>>();
        foreach (IDictionary<string, object?> row in rows)
        {
            if (taken.Count > MostRows) throw ProblemException.Invalid("the sheet is too long", $"it has more than {MostRows} rows", "split it");
            taken.Add([.. row.Values.Select(TextOf)]);
        }
        return taken;
    }

    static string TextOf(object? cell)
    {
        var text = cell switch
        {
            null => "",
            DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
            // Numbers of 14 digits are written whole.
            double number => number == Math.Truncate(number) && Math.Abs(number) < 1e15 ? ((long)number).ToString(CultureInfo.InvariantCulture) : number.ToString("0.###############", CultureInfo.InvariantCulture),
            _ => Convert.ToString(cell, CultureInfo.InvariantCulture) ?? "",
        };
        return text.Length > LongestCell ? text[..LongestCell] : text;
    }

    // A small archive can hold more than any memory: unpacked once to nowhere, before anything reads it.
    static byte[] Unpackable(byte[] file)
    {
        using var archive = new ZipArchive(new MemoryStream(file), ZipArchiveMode.Read);
        var (unpacked, buffer) = (0L, new byte[81_920]);
        foreach (var entry in archive.Entries)
        {
            using var content = entry.Open();
            for (int read; (read = content.Read(buffer)) > 0;)
                if ((unpacked += read) > LargestUnpacked) throw ProblemException.Invalid("the sheet is too large", $"unpacked it has more than {LargestUnpacked >> 20} MiB", "split it");
        }
        return file;
    }
}
