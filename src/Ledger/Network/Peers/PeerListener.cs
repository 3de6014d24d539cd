using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>The port on which others connect with this node.</summary>
sealed class PeerListener : IDisposable
{
    const int Backlog = 64;
    static readonly TimeSpan PauseAfterFault = TimeSpan.FromMilliseconds(100);

    readonly Socket _socket;
    readonly ILogger _log;

    PeerListener(Socket socket, ILogger log) => (_socket, _log) = (socket, log);

    public static PeerListener? TryOpen(IPAddress host, int port, ILogger log, out Refusal? refusal)
    {
        refusal = null;
        var socket = new Socket(host.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // A port whose old connections are still fading can be taken again: the runtime asks for that by itself. SocketOptionName.ReuseAddress must not be set
            // here: on Linux it stands for SO_REUSEPORT as well, by which two nodes would share one port, each hearing half of those who mean one of them.
            socket.Bind(new IPEndPoint(host, port));
            socket.Listen(Backlog);
            return new PeerListener(socket, log);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            refusal = new Refusal($"cannot listen for peers on {host}:{port}", error.Message, "stop the program that has the port, or choose another with --p2p-port");
            return null;
        }
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>Accepts until stopped.</summary>
    /// <param name="come">Takes a connection and the address it comes from; not awaited.</param>
    public async Task RunAsync(Action<Socket, IPEndPoint> come, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _socket.AcceptAsync(stop).ConfigureAwait(false);
                if (AddressOf(socket) is { } address) come(socket, address);
                else socket.Dispose();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException error)
            {
                // A connection that broke while it was accepted, or no more handles for a moment.
                _log.CannotAccept(error.Message);
                await Task.Delay(PauseAfterFault, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    static IPEndPoint? AddressOf(Socket socket)
    {
        try
        {
            return socket.RemoteEndPoint is IPEndPoint end ? new IPEndPoint(end.Address.IsIPv4MappedToIPv6 ? end.Address.MapToIPv4() : end.Address, end.Port) : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
