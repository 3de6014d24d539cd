using System.Buffers.Binary;

namespace Hufu.Primitives;

/// <summary>Which forks a chain has passed, and which it expects next, in twelve bytes (EIP-2124, EIP-6122). Peers compare it before they exchange blocks.</summary>
/// <param name="Hash">CRC-32 over the genesis hash and every fork passed.</param>
/// <param name="Next">The block or timestamp of the next fork known; zero for none.</param>
public readonly record struct ForkId(uint Hash, ulong Next)
{
    // Mainnet's genesis: a smaller number is a block, not a moment.
    const ulong FirstTimestamp = 1_438_269_973;

    /// <summary>The fork id of a chain whose head is a block of this number and timestamp.</summary>
    public static ForkId Of(ForkSchedule schedule, in Hash256 genesisHash, ulong genesisTime, ulong headNumber, ulong headTime)
    {
        var hash = Crc32(0, genesisHash.Bytes);
        foreach (var block in schedule.ForkBlocks)
        {
            if (block > headNumber) return new ForkId(hash, block);
            hash = Pass(hash, block);
        }
        foreach (var time in schedule.ForkTimes)
        {
            if (time <= genesisTime) continue;   // in force from the start, so part of the genesis hash
            if (time > headTime) return new ForkId(hash, time);
            hash = Pass(hash, time);
        }
        return new ForkId(hash, 0);
    }

    /// <summary>Whether a peer with this fork id can be on the same chain (EIP-2124, validation rules), seen from a head of this number and timestamp.</summary>
    public static bool IsCompatible(ForkId remote, ForkSchedule schedule, in Hash256 genesisHash, ulong genesisTime, ulong headNumber, ulong headTime)
    {
        var forks = schedule.ForkBlocks.Select(at => (At: at, Head: headNumber))
            .Concat(schedule.ForkTimes.Where(time => time > genesisTime).Select(at => (At: at, Head: headTime))).ToList();
        var hashes = new uint[forks.Count + 1];
        hashes[0] = Crc32(0, genesisHash.Bytes);
        for (var i = 0; i < forks.Count; i++) hashes[i + 1] = Pass(hashes[i], forks[i].At);

        var passed = forks.TakeWhile(fork => fork.At <= fork.Head).Count();
        if (remote.Hash == hashes[passed])
        {
            // The same forks passed. A fork the peer expects, at a block or at a time, must not be one we have gone by without.
            return remote.Next == 0 || (headNumber < remote.Next && (remote.Next <= FirstTimestamp || headTime < remote.Next));
        }
        // The peer is behind: it must know the fork that came after those it passed.
        for (var i = 0; i < passed; i++)
            if (remote.Hash == hashes[i]) return remote.Next == forks[i].At;
        // The peer is ahead of us, on forks we know.
        return Array.IndexOf(hashes, remote.Hash, passed + 1) >= 0;
    }

    static uint Pass(uint hash, ulong fork)
    {
        Span<byte> big = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(big, fork);
        return Crc32(hash, big);
    }

    // CRC-32 as IEEE 802.3 and zlib have it, going on from an earlier checksum; short inputs only.
    static uint Crc32(uint checksum, ReadOnlySpan<byte> data)
    {
        var crc = ~checksum;
        foreach (var b in data)
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
        }
        return ~crc;
    }
}
