namespace Hufu.Services;

/// <summary>Times as contracts hold them. Anybody may write any number of 64 bits into one: what lies beyond the calendar is its end.</summary>
static class Moments
{
    const ulong Last = 253_402_300_799;

    /// <param name="seconds">Since 1970.</param>
    public static DateTimeOffset Of(ulong seconds) => DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds, Last));
}
