using System.Collections.Concurrent;
using System.Net.Sockets;
using Hufu.Primitives;

namespace Hufu.Rpc;

/// <summary>JSON-RPC over a socket in the file system. Who may open the file is up to the file system: its owner alone.</summary>
sealed class IpcServer : IAsyncDisposable
{
    readonly Socket _listener;
    readonly string _path;
    readonly CancellationTokenSource _stop = new();
    readonly ConcurrentDictionary<Task, bool> _connections = [];
    readonly Task _accepting;

    IpcServer(Socket listener, string path, RpcServerOptions options, Dispatcher dispatcher, Caller caller)
    {
        (_listener, _path) = (listener, path);
        _accepting = AcceptAsync(options, dispatcher, caller);
    }

    /// <summary>Starts to listen. A socket that another process listens on is refused; one that was left behind is taken over.</summary>
    public static (IpcServer? Server, Refusal? Refusal) Start(string path, RpcServerOptions options, Dispatcher dispatcher, Caller caller)
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (File.Exists(path))
            {
                if (IsAlive(path)) return (null, new Refusal($"cannot listen on {path}", "another process does", "stop it, or choose another file with --ipc-path"));
                File.Delete(path);
            }
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            listener.Listen();
            return (new IpcServer(listener, path, options, dispatcher, caller), null);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            listener.Dispose();
            return (null, new Refusal($"cannot listen on {path}", error.Message, "choose another file with --ipc-path: its folder must exist, and the path be shorter than 100 characters"));
        }
    }

    static bool IsAlive(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    async Task AcceptAsync(RpcServerOptions options, Dispatcher dispatcher, Caller caller)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket peer;
            try
            {
                peer = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // That peer went away before it was let in, or the process is out of handles: others may fare better in a moment.
                await Task.Delay(50).ConfigureAwait(false);
                continue;
            }
            var channel = new LocalSocketChannel(new GatheringStream(new NetworkStream(peer, ownsSocket: true)), options.MaxBodyBytes);
            var serving = Task.Run(() => new RpcConnection(channel, dispatcher, caller, options.Connections, _stop.Token).RunAsync());
            _connections[serving] = true;
            _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        _listener.Dispose();
        await Task.WhenAll(_connections.Keys).ConfigureAwait(false);
        File.Delete(_path);
        _stop.Dispose();
    }
}
