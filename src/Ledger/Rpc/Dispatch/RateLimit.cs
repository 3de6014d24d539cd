using System.Diagnostics;

namespace Hufu.Rpc;

/// <summary>A bucket of calls that fills at a steady rate. A batch takes as many as it has calls, all or none.</summary>
/// <param name="perSecond">Calls that come into the bucket each second.</param>
/// <param name="burst">Calls that the bucket holds; a larger batch is never let through.</param>
public sealed class RateLimit(double perSecond, int burst)
{
    readonly Lock _lock = new();
    double _calls = burst;
    long _filledAt = Stopwatch.GetTimestamp();

    public bool TryTake(int calls)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            _calls = Math.Min(burst, _calls + Stopwatch.GetElapsedTime(_filledAt, now).TotalSeconds * perSecond);
            _filledAt = now;
            if (_calls < calls) return false;
            _calls -= calls;
            return true;
        }
    }
}
