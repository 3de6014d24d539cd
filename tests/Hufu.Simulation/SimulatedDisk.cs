using Hufu.Consensus;

namespace Hufu.Simulation;

/// <summary>How a write ends when the machine stops in the middle of it.</summary>
enum WriteFate
{
    Whole,
    Lost,
    Torn,
}

/// <summary>What one validator's disk holds: its chain, and the log of what it signed. A write that the machine did not live to finish is whole, lost or torn.</summary>
sealed class SimulatedDisk
{
    readonly List<byte[]> _log = [SigningRecord.Empty.Encode()];

    public List<QbftBlock> Chain { get; } = [];

    public void Write(SigningRecord record, WriteFate fate)
    {
        var bytes = record.Encode();
        if (fate == WriteFate.Lost) return;
        _log.Add(fate == WriteFate.Torn ? bytes[..(bytes.Length / 2)] : bytes);
        if (_log.Count > 8) _log.RemoveRange(0, _log.Count - 4);
    }

    /// <summary>The latest whole record; null where the disk was lost.</summary>
    public SigningRecord? Read()
    {
        for (var i = _log.Count - 1; i >= 0; i--)
            if (SigningRecord.Decode(_log[i]) is { } record) return record;
        return null;
    }

    public void Wipe()
    {
        _log.Clear();
        Chain.RemoveRange(1, Chain.Count - 1);
    }
}
