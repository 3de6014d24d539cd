using System.Diagnostics;

namespace Hufu.Network;

/// <summary>How many lines a minute strangers may cause in the log. For any thread.</summary>
sealed class LineAllowance(int perMinute)
{
    static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    readonly Lock _lock = new();
    long _from = Stopwatch.GetTimestamp();
    int _told, _unsaid;

    /// <param name="unsaid">How many were kept back in the minute before; told with the first of the next.</param>
    public bool MayTell(out int unsaid)
    {
        unsaid = 0;
        lock (_lock)
        {
            if (Stopwatch.GetElapsedTime(_from) >= Window) (_from, _told, unsaid, _unsaid) = (Stopwatch.GetTimestamp(), 0, _unsaid, 0);
            if (_told < perMinute)
            {
                _told++;
                return true;
            }
            _unsaid++;
            return false;
        }
    }
}
