using System.Globalization;
using System.Xml.Linq;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace Hufu.WebConsole;

/// <summary>A series of a chart.</summary>
/// <param name="Name">In the reader's language.</param>
/// <param name="IsBars">Bars from zero; else a line.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsBars);

/// <summary>
/// Draws charts on the server with OxyPlot. Its SVG carries colours as inline styles, which the content policy forbids and which know nothing of light and
/// dark; here each colour stands for a class, so that the page's tokens colour the chart.
/// </summary>
static class ChartDrawing
{
    // So much of its place does a bar fill; the rest is the gap.
    const double BarShare = 0.72;

    // Colours that stand for classes; none of them is ever seen.
    static readonly (OxyColor Color, string Class)[] Roles =
    [
        (OxyColor.FromRgb(1, 1, 1), "c-series"), (OxyColor.FromRgb(1, 1, 2), "c-series-2"),
        (OxyColor.FromRgb(2, 2, 1), "c-line"), (OxyColor.FromRgb(2, 2, 2), "c-line-2"),
        (OxyColor.FromRgb(3, 3, 3), "c-axis"), (OxyColor.FromRgb(4, 4, 4), "c-text"),
    ];

    /// <param name="vertical">How a value of the vertical axis reads.</param>
    /// <param name="horizontal">How a value of the horizontal axis reads.</param>
    /// <returns>An svg element, to stand in a page as it is.</returns>
    public static string Draw(IReadOnlyList<ChartSeries> series, int width, int height, Func<double, string> vertical, Func<double, string> horizontal, string label)
    {
        var model = new PlotModel { PlotAreaBorderThickness = new OxyThickness(0), Background = OxyColors.Undefined, Padding = new OxyThickness(4, 6, 8, 4) };
        model.Axes.Add(Axis(AxisPosition.Bottom, horizontal, hasGrid: false));
        var values = Axis(AxisPosition.Left, vertical, hasGrid: true);
        (values.AbsoluteMinimum, values.Minimum, values.MaximumPadding) = (0, 0, 0.12);
        if (series.All(one => one.Points.All(point => point.Y <= 0))) values.Maximum = 1;
        model.Axes.Add(values);
        // Measured without a font, the words come out wider than they are reckoned.
        var longest = series.SelectMany(one => one.Points).Select(point => vertical(point.Y).Length).DefaultIfEmpty(1).Max();
        model.PlotMargins = new OxyThickness(14 + 8 * longest, double.NaN, double.NaN, double.NaN);
        for (var i = 0; i < series.Count; i++) model.Series.Add(Series(series[i], i));
        return Dress(new SvgExporter { Width = width, Height = height, IsDocument = false }.ExportToString(model), width, height, label);
    }

    static LinearAxis Axis(AxisPosition position, Func<double, string> words, bool hasGrid) => new()
    {
        Position = position,
        LabelFormatter = value => words(value),
        TickStyle = TickStyle.None,
        AxislineStyle = LineStyle.None,
        MajorGridlineStyle = hasGrid ? LineStyle.Solid : LineStyle.None,
        MajorGridlineColor = Roles[4].Color,
        TextColor = Roles[5].Color,
        FontSize = 12,
        IntervalLength = hasGrid ? 50 : 110,
        MinimumPadding = 0.02,
        MaximumPadding = 0.02,
        MinimumMajorStep = 1,
    };

    static XYAxisSeries Series(ChartSeries one, int at)
    {
        var points = one.Points.Select(point => new DataPoint(point.X, point.Y));
        if (!one.IsBars) return new LineSeries { Color = Roles[2 + at % 2].Color, StrokeThickness = 2, ItemsSource = points.ToList() };
        var bars = new RectangleBarSeries { FillColor = Roles[at % 2].Color, StrokeThickness = 0 };
        var step = one.Points.Count > 1 ? Math.Abs(one.Points[1].X - one.Points[0].X) : 1;
        foreach (var (x, y) in one.Points) bars.Items.Add(new RectangleBarItem(x - BarShare * step / 2, 0, x + BarShare * step / 2, y));
        return bars;
    }

    static string Dress(string svg, int width, int height, string label)
    {
        var root = XElement.Parse(svg);
        foreach (var element in root.DescendantsAndSelf())
        {
            var classes = new List<string>();
            if (element.Attribute("style") is { } style)
            {
                foreach (var part in style.Value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                {
                    var (name, value) = (part[..part.IndexOf(':', StringComparison.Ordinal)].Trim(), part[(part.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
                    if (RoleOf(value) is { } role) classes.Add(role);
                    else element.SetAttributeValue(name, value);
                }
                style.Remove();
            }
            foreach (var name in new[] { "fill", "stroke" })
            {
                if (element.Attribute(name) is not { } color || RoleOf(color.Value) is not { } role) continue;
                classes.Add(role);
                color.Remove();
            }
            element.Attribute("font-family")?.Remove();
            if (classes.Count > 0) element.SetAttributeValue("class", string.Join(' ', classes.Distinct()));
        }
        root.SetAttributeValue("width", null);
        root.SetAttributeValue("height", null);
        root.SetAttributeValue("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}"));
        root.SetAttributeValue("class", "chart");
        root.SetAttributeValue("role", "img");
        root.SetAttributeValue("aria-label", label);
        return root.ToString(SaveOptions.DisableFormatting);
    }

    static string? RoleOf(string color) => Roles.Where(role => string.Equals(color, $"#{role.Color.R:x2}{role.Color.G:x2}{role.Color.B:x2}", StringComparison.OrdinalIgnoreCase)
        || color.Replace(" ", "", StringComparison.Ordinal) == string.Create(CultureInfo.InvariantCulture, $"rgb({role.Color.R},{role.Color.G},{role.Color.B})")).Select(role => role.Class).FirstOrDefault();
}
