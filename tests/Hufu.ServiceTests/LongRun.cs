namespace Hufu.ServiceTests;

/// <summary>How long properties of money are tried: a few thousand random operations by default, a million and more with HUFU_FUZZ_CASES.</summary>
static class LongRun
{
    public static int Operations { get; } = int.TryParse(Environment.GetEnvironmentVariable("HUFU_FUZZ_CASES"), out var cases) ? cases : 3_000;
}
