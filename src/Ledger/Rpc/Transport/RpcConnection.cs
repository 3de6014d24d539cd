using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Hufu.Rpc;

/// <summary>What a lasting connection may hold back and open.</summary>
public sealed record ConnectionLimits
{
    /// <summary>Notifications that may wait while a peer takes none of them for <see cref="Patience"/>.</summary>
    public int MaxWaiting { get; init; } = 1024;

    /// <summary>Notifications that may wait in any case: a peer that reads, but slower than there is news, gets this far.</summary>
    public int MostWaiting { get; init; } = 1 << 16;

    /// <summary>How long a peer may take for one message.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    public int MaxSubscriptions { get; init; } = 1000;
}

/// <summary>
/// One peer on a lasting connection. Its calls are begun in the order they come; answers and news go out through one queue. Who feeds the queue never
/// waits: a peer that does not read is dropped, and nobody else hears of it.
/// </summary>
#pragma warning disable CA1001 // An answer may come after the end; what is left then is memory only.
sealed class RpcConnection
#pragma warning restore CA1001
{
    // Calls of one peer that are begun and whose answers it has not taken yet.
    const int MostUnanswered = 64;

    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(3);

    readonly IMessageChannel _channel;
    readonly Dispatcher _dispatcher;
    readonly Caller _caller;
    readonly ConnectionLimits _limits;
    readonly Channel<Outgoing> _outbox = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    readonly SemaphoreSlim _room = new(MostUnanswered);
    readonly ConcurrentDictionary<string, Subscription> _subscriptions = new(StringComparer.Ordinal);
    readonly CancellationTokenSource _broken;
    CloseReason? _whyDropped;
    int _isDropped;
    int _waiting;
    long _sendingSince;

    /// <summary>An answer, or news for a subscription.</summary>
    readonly record struct Outgoing(Answer? Answer, Subscription? Subscription, ReadOnlyMemory<byte> Payload);

    public RpcConnection(IMessageChannel channel, Dispatcher dispatcher, Caller caller, ConnectionLimits limits, CancellationToken stop)
    {
        (_channel, _dispatcher, _limits) = (channel, dispatcher, limits);
        _caller = caller with { Connection = this };
        _broken = CancellationTokenSource.CreateLinkedTokenSource(stop);
    }

    /// <summary>Serves the peer until either side ends the connection.</summary>
    public async Task RunAsync()
    {
        var sending = SendAllAsync();
        try
        {
            while (await _channel.ReceiveAsync(_broken.Token).ConfigureAwait(false) is { } message)
            {
                await _room.WaitAsync(_broken.Token).ConfigureAwait(false);
                // Calls of one connection are begun in their order; the thread that heard this one has others to hear.
                if (!Thread.CurrentThread.IsThreadPoolThread) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
                var answering = _dispatcher.AnswerAsync(message.Bytes, _caller);
                if (answering.IsCompletedSuccessfully) Post(message, answering.Result);
                else _ = PostLaterAsync(message, answering);
            }
        }
        catch (OperationCanceledException)
        {
            // Dropped, or the node stops.
        }
        foreach (var subscription in _subscriptions.Values) subscription.End();
        _outbox.Writer.TryComplete();
        await sending.ConfigureAwait(false);
        _channel.Dispose();
        _broken.Dispose();
    }

    public bool TryOpen(Subscription subscription, Answer answer)
    {
        if (_subscriptions.Count >= _limits.MaxSubscriptions || !_subscriptions.TryAdd(subscription.Id, subscription)) return false;
        // News come after the answer that tells their id.
        answer.AfterPosted(subscription.Begin);
        return true;
    }

    public bool TryEnd(string id)
    {
        if (!_subscriptions.TryRemove(id, out var subscription)) return false;
        subscription.End();
        return true;
    }

    /// <summary>Takes news for the peer, and never waits: a peer too far behind is dropped instead.</summary>
    public void Offer(Subscription subscription, ReadOnlyMemory<byte> payload)
    {
        if (_isDropped != 0) return;
        var waiting = Interlocked.Increment(ref _waiting);
        var since = Volatile.Read(ref _sendingSince);
        var isStuck = waiting > _limits.MaxWaiting && since != 0 && Stopwatch.GetElapsedTime(since) > _limits.Patience;
        if (isStuck || waiting > _limits.MostWaiting) Drop(CloseReason.TooSlow);
        else _outbox.Writer.TryWrite(new Outgoing(null, subscription, payload));
    }

    /// <summary>Ends the connection and says why, where the peer still listens.</summary>
    public void Drop(CloseReason reason)
    {
        if (Interlocked.Exchange(ref _isDropped, 1) != 0) return;
        _whyDropped = reason;
        foreach (var subscription in _subscriptions.Values) subscription.End();
        _outbox.Writer.TryComplete();
        try
        {
            // The message on its way gets a last chance to leave, so that the reason can follow it.
            _broken.CancelAfter(Farewell);
        }
        catch (ObjectDisposedException)
        {
            // Over already.
        }
    }

    async Task PostLaterAsync(ReceivedMessage message, ValueTask<Answer> answering) => Post(message, await answering.ConfigureAwait(false));

    void Post(ReceivedMessage message, Answer answer)
    {
        message.Dispose();
        var begin = answer.TakeAfterPosted();
        if (answer.IsEmpty || !_outbox.Writer.TryWrite(new Outgoing(answer, null, default)))
        {
            answer.Dispose();
            _room.Release();
        }
        begin?.Invoke();
        // Dropped in between: what has just begun must not go on.
        if (_isDropped != 0)
            foreach (var subscription in _subscriptions.Values) subscription.End();
    }

    async Task SendAllAsync()
    {
        var line = new NotificationLine();
        try
        {
            await foreach (var outgoing in _outbox.Reader.ReadAllAsync(_broken.Token).ConfigureAwait(false))
            {
                if (outgoing.Answer is { } answer)
                {
                    using (answer)
                        if (_isDropped == 0) await SendAsync(answer.Written).ConfigureAwait(false);
                    _room.Release();
                    continue;
                }
                Interlocked.Decrement(ref _waiting);
                if (_isDropped == 0) await SendAsync(line.Of(outgoing.Subscription!, outgoing.Payload.Span)).ConfigureAwait(false);
            }
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            // The peer is gone, or was given up, or the node stops.
        }
        await SayWhyAsync().ConfigureAwait(false);
        Interlocked.Exchange(ref _isDropped, 1);
        while (_outbox.Reader.TryRead(out var unsent)) unsent.Answer?.Dispose();
        // The receiving side may still wait for a peer that says nothing.
        _channel.Dispose();
    }

    async Task SayWhyAsync()
    {
        using var patience = new CancellationTokenSource(Farewell);
        try
        {
            await _channel.CloseAsync(_whyDropped ?? (_broken.IsCancellationRequested ? CloseReason.Stopping : CloseReason.Done), patience.Token).ConfigureAwait(false);
        }
        catch (Exception gone) when (IsEnd(gone))
        {
            // Then nobody is left to be told.
        }
    }

    static bool IsEnd(Exception error) => error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException;

    async ValueTask SendAsync(ReadOnlyMemory<byte> message)
    {
        Volatile.Write(ref _sendingSince, Stopwatch.GetTimestamp());
        await _channel.SendAsync(message, isMoreToCome: _outbox.Reader.TryPeek(out _), _broken.Token).ConfigureAwait(false);
        Volatile.Write(ref _sendingSince, 0);
    }

    /// <summary>A notification as the peer reads it, built in a buffer that is used again and again.</summary>
    sealed class NotificationLine
    {
        byte[] _buffer = [];

        public ReadOnlyMemory<byte> Of(Subscription subscription, ReadOnlySpan<byte> payload)
        {
            var head = subscription.Opening;
            var tail = "}}"u8;
            var length = head.Length + payload.Length + tail.Length;
            if (_buffer.Length < length) _buffer = new byte[length + length / 2];
            head.CopyTo(_buffer, 0);
            payload.CopyTo(_buffer.AsSpan(head.Length));
            tail.CopyTo(_buffer.AsSpan(head.Length + payload.Length));
            return _buffer.AsMemory(0, length);
        }
    }
}
