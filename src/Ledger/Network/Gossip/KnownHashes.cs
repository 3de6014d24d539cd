using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>A set that forgets: holds the last hashes given, at most so many, in two generations. For any thread.</summary>
public sealed class KnownHashes(int most)
{
    readonly Lock _lock = new();
    HashSet<Hash256> _young = [], _old = [];

    /// <returns>False where it was known.</returns>
    public bool Add(in Hash256 hash)
    {
        lock (_lock)
        {
            if (_old.Contains(hash) || !_young.Add(hash)) return false;
            if (_young.Count < most / 2) return true;
            (_young, _old) = (_old, _young);
            _young.Clear();
            return true;
        }
    }

    public bool Contains(in Hash256 hash)
    {
        lock (_lock) return _young.Contains(hash) || _old.Contains(hash);
    }
}
