using System.Collections.Immutable;
using System.Threading.Channels;
using Hufu.Primitives;

namespace Hufu.Chain;

/// <summary>One move of the head: the blocks that left the chain to it, newest first, and those that joined, oldest first.</summary>
public sealed record ChainMove(IReadOnlyList<Block> Reverted, IReadOnlyList<Block> Committed, ChainHead Head);

/// <summary>Tells readers how the head moves, in order and without gaps. A reader that falls far behind is cut off and must begin again from the head: the writer waits for nobody.</summary>
public sealed class ChainFeed
{
    const int Backlog = 4096;

    ImmutableArray<Subscription> _subscriptions = [];

    public Subscription Subscribe()
    {
        var subscription = new Subscription(this);
        ImmutableInterlocked.Update(ref _subscriptions, all => all.Add(subscription));
        return subscription;
    }

    internal void Publish(ChainMove move)
    {
        foreach (var subscription in _subscriptions) subscription.Offer(move);
    }

    internal void Close()
    {
        foreach (var subscription in _subscriptions) subscription.Dispose();
    }

    /// <summary>One reader's view of the feed; dispose to end it.</summary>
    public sealed class Subscription : IDisposable
    {
        readonly Channel<ChainMove> _moves = Channel.CreateBounded<ChainMove>(Backlog);
        readonly ChainFeed _feed;

        internal Subscription(ChainFeed feed) => _feed = feed;

        /// <summary>Ends with a <see cref="FeedOverrun"/> where the reader fell behind.</summary>
        public ChannelReader<ChainMove> Moves => _moves.Reader;

        internal void Offer(ChainMove move)
        {
            if (!_moves.Writer.TryWrite(move)) End(new FeedOverrun());
        }

        public void Dispose() => End(null);

        void End(Exception? why)
        {
            _moves.Writer.TryComplete(why);
            ImmutableInterlocked.Update(ref _feed._subscriptions, all => all.Remove(this));
        }
    }
}

/// <summary>The reader of a feed was too slow; what it missed must be read from the chain.</summary>
public sealed class FeedOverrun() : Exception($"the reader fell more than {4096} moves of the head behind; subscribe again and read what was missed from the chain");
