using System.Diagnostics;

namespace Hufu.Network;

/// <summary>How much of this machine one peer may keep busy: every message takes from an allowance that fills up with time; who has none left is read later, which it feels as a slow connection.</summary>
sealed class MessageAllowance
{
    // A message counts as 8 KiB and its own length: some 4,000 small messages or 32 MB a second, after a burst of eight times as much.
    const double PerSecond = 32 << 20, Most = 8 * PerSecond;
    const int PerMessage = 8 << 10;

    double _left = Most;
    long _at = Stopwatch.GetTimestamp();

    public ValueTask SpendAsync(int bytes)
    {
        _left = Math.Min(Most, _left + Stopwatch.GetElapsedTime(_at).TotalSeconds * PerSecond) - PerMessage - bytes;
        _at = Stopwatch.GetTimestamp();
        return _left >= 0 ? ValueTask.CompletedTask : new ValueTask(Task.Delay(TimeSpan.FromSeconds(-_left / PerSecond)));
    }
}
