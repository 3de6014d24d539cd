using System.Net;
using System.Numerics;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>
/// The nodes known, by their distance from this one (Kademlia): buckets of sixteen, the longest known last to go. Of one network of 256 addresses only a
/// few are kept, so that nobody fills the table with nodes of his own. For one thread.
/// </summary>
sealed class NodeTable(NodeId self)
{
    public const int BucketSize = 16;
    const int MostOfSubnetInBucket = 2, MostOfSubnet = 10;

    // Distances of less than this are as good as never met.
    const int Buckets = 17, NearestBucket = 256 - Buckets;

    // In each bucket the least recently seen first.
    readonly List<FoundNode>[] _buckets = [.. Enumerable.Range(0, Buckets).Select(_ => new List<FoundNode>(BucketSize))];

    public int Count => _buckets.Sum(bucket => bucket.Count);
    public IEnumerable<FoundNode> All => _buckets.SelectMany(bucket => bucket);

    /// <summary>Notes that a node is there.</summary>
    /// <returns>Null where it has a place now; else the node whose place it could have if that one does not answer any more, or the node itself where it may have none.</returns>
    public FoundNode? Seen(FoundNode node)
    {
        if (node.Id.Equals(self)) return node;
        var bucket = BucketOf(node.Id);
        if (bucket.FindIndex(known => known.Id.Equals(node.Id)) is var at and >= 0)
        {
            bucket.RemoveAt(at);
            bucket.Add(node);
            return null;
        }
        if (!ConnectionGate.IsPrivate(node.Endpoint.Address))
        {
            var subnet = ConnectionGate.SubnetOf(node.Endpoint.Address);
            if (bucket.Count(known => ConnectionGate.SubnetOf(known.Endpoint.Address) == subnet) >= MostOfSubnetInBucket || All.Count(known => ConnectionGate.SubnetOf(known.Endpoint.Address) == subnet) >= MostOfSubnet) return node;
        }
        if (bucket.Count >= BucketSize) return bucket[0];
        bucket.Add(node);
        return null;
    }

    public void Remove(NodeId id) => BucketOf(id).RemoveAll(known => known.Id.Equals(id));

    public FoundNode? Find(NodeId id) => BucketOf(id).Find(known => known.Id.Equals(id));

    public FoundNode? Find(Hash256 hash) => BucketOf(hash).Find(known => known.Id.Hash == hash);

    /// <summary>The known nodes at a logarithmic distance from this one.</summary>
    public IEnumerable<FoundNode> AtDistance(int distance) => _buckets[BucketAt(distance)].Where(node => LogDistanceOf(self.Hash, node.Id.Hash) == distance);

    /// <summary>Of some bucket, the node heard of least recently; null where none is known.</summary>
    public FoundNode? Stalest(Random chance)
    {
        var filled = _buckets.Where(bucket => bucket.Count > 0).ToArray();
        return filled.Length == 0 ? null : filled[chance.Next(filled.Length)][0];
    }

    /// <summary>The known nodes nearest to a target, nearest first.</summary>
    public IReadOnlyList<FoundNode> Nearest(in Hash256 target, int count)
    {
        var to = target;
        return [.. All.OrderBy(node => DistanceOf(node.Id.Hash, to)).Take(count)];
    }

    /// <summary>The exclusive or of two hashes, as a number.</summary>
    public static UInt256 DistanceOf(in Hash256 a, in Hash256 b) => a.ToUInt256() ^ b.ToUInt256();

    /// <summary>The number of bits of the distance: 0 for the same, 256 for the furthest half.</summary>
    public static int LogDistanceOf(in Hash256 a, in Hash256 b)
    {
        var left = a.Bytes;
        var right = b.Bytes;
        for (var i = 0; i < Hash256.Size; i++)
            if (left[i] != right[i]) return 8 * (Hash256.Size - i) - (BitOperations.LeadingZeroCount((uint)(left[i] ^ right[i])) - 24);
        return 0;
    }

    /// <summary>Whether one node may tell another of this address: public ones are not led into a private network.</summary>
    public static bool MayRelay(IPAddress teller, FoundNode node) =>
        node.Endpoint.UdpPort > 0 && !node.Endpoint.Address.Equals(IPAddress.Any) && !node.Endpoint.Address.IsIPv6Multicast && node.Endpoint.Address.GetAddressBytes()[0] is not (0 or >= 224 and < 255)
        && (!ConnectionGate.IsPrivate(node.Endpoint.Address) || ConnectionGate.IsPrivate(teller));

    List<FoundNode> BucketOf(NodeId id) => BucketOf(id.Hash);

    List<FoundNode> BucketOf(in Hash256 hash) => _buckets[BucketAt(LogDistanceOf(self.Hash, hash))];

    static int BucketAt(int distance) => Math.Max(0, distance - NearestBucket - 1);
}
