using Hufu.Chain;
using Hufu.Primitives;

namespace Hufu.Network;

/// <summary>A block on its way into the chain, and the peer its body came from.</summary>
sealed record FetchedBlock(Block Block, EthSession From)
{
    public DecodedBlock Decoded { get; } = DecodedBlock.Of(Block);
}

/// <summary>Fetches the bodies of a run of headers from several peers at once; what one does not deliver is asked of another.</summary>
sealed class BodyDownload(EthProtocol protocol)
{
    const int BodiesAtOnce = 48, MostTries = 4, MostPeers = 6;

    /// <param name="leader">The peer the headers came from: the last to be asked for what nobody else has.</param>
    /// <returns>The blocks in order, as many as could be had from the first on; null where not even the first.</returns>
    public async Task<IReadOnlyList<FetchedBlock>?> FetchAsync(IReadOnlyList<Header> headers, EthSession leader, CancellationToken stop)
    {
        var found = new FetchedBlock?[headers.Count];
        var empty = headers.Select((header, at) => (header, at)).Where(entry => IsEmpty(entry.header)).ToList();
        foreach (var (header, at) in empty) found[at] = new FetchedBlock(new Block(header, [], [], header.WithdrawalsRoot is null ? null : []), leader);

        for (var attempt = 0; attempt < MostTries && !stop.IsCancellationRequested; attempt++)
        {
            var missing = Enumerable.Range(0, headers.Count).Where(at => found[at] is null).Chunk(BodiesAtOnce).ToList();
            if (missing.Count == 0) break;
            var helpers = attempt == MostTries - 1 ? [leader] : Helpers(leader, headers[^1].Number);
            await Task.WhenAll(missing.Select((some, index) => FillAsync(found, headers, some, helpers[(index + attempt) % helpers.Count], stop))).ConfigureAwait(false);
        }
        var whole = found.TakeWhile(block => block is not null).Select(block => block!).ToArray();
        return whole.Length == 0 ? null : whole;
    }

    List<EthSession> Helpers(EthSession leader, ulong upTo)
    {
        var helpers = protocol.Sessions.Where(session => session != leader && session.Head.Number >= upTo).Take(MostPeers - 1).ToList();
        helpers.Insert(0, leader);
        return helpers;
    }

    static async Task FillAsync(FetchedBlock?[] found, IReadOnlyList<Header> headers, int[] places, EthSession session, CancellationToken stop)
    {
        if (await session.GetBodiesAsync([.. places.Select(at => headers[at])], stop).ConfigureAwait(false) is not { } blocks) return;
        // A body left out in the middle shows here: every one must be the one its header commits to.
        for (var i = 0; i < blocks.Count && i < places.Length; i++)
        {
            // All of it: what does not match would else be held against the block instead of the peer.
            if (!blocks[i].HasStatedBody)
            {
                session.Peer.Penalise(25, "a body that is not the one asked for");
                return;
            }
            found[places[i]] = new FetchedBlock(blocks[i], session);
        }
        if (blocks.Count == 0) session.Peer.Penalise(5, "none of the bodies asked for");
    }

    static bool IsEmpty(Header header) =>
        header.TransactionsRoot == Account.EmptyTrieRoot && header.OmmersHash == Header.EmptyOmmersHash && (header.WithdrawalsRoot is null || header.WithdrawalsRoot == Account.EmptyTrieRoot);
}
