using System.Net;
using System.Net.Sockets;
using Hufu.Primitives;
using Microsoft.Extensions.Logging;

namespace Hufu.Network;

/// <summary>Takes a packet that came, or says that it is of another protocol.</summary>
delegate bool PacketTaker(ReadOnlySpan<byte> packet, IPEndPoint from);

/// <summary>
/// The UDP port that both protocols of discovery share. A packet may cost a signature's check, so that only so many a second are looked at.
/// </summary>
sealed class DiscoverySocket : IDisposable
{
    public const int MostBytes = 1280;

    readonly Socket _socket;
    readonly ILogger _log;
    readonly PacketAllowance _allowance = new();

    DiscoverySocket(Socket socket, ILogger log) => (_socket, _log) = (socket, log);

    public AddressFamily Family => _socket.AddressFamily;
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    public static DiscoverySocket? TryOpen(IPAddress host, int port, ILogger log, out Refusal? refusal)
    {
        refusal = null;
        var socket = new Socket(host.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(host, port));
            return new DiscoverySocket(socket, log);
        }
        catch (SocketException error)
        {
            socket.Dispose();
            refusal = new Refusal($"cannot listen for discovery on {host}:{port}", error.Message, "stop the program that has the port, choose another with --p2p-port, or do without with --no-discovery");
            return null;
        }
    }

    /// <summary>Gives every packet to the first that takes it, one packet at a time.</summary>
    public async Task RunAsync(IReadOnlyList<PacketTaker> takers, CancellationToken stop)
    {
        var buffer = new byte[MostBytes + 1];
        var any = new IPEndPoint(Family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await _socket.ReceiveFromAsync(buffer, any, stop).ConfigureAwait(false);
                var from = (IPEndPoint)received.RemoteEndPoint;
                if (received.ReceivedBytes > MostBytes || !_allowance.MayTake(from.Address)) continue;
                foreach (var taker in takers)
                    if (taker(buffer.AsSpan(0, received.ReceivedBytes), from)) break;
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An answer of ours met a closed port, or a packet was too long for us.
            }
        }
    }

    public void Send(ReadOnlySpan<byte> packet, IPEndPoint to)
    {
        try
        {
            _socket.SendTo(packet, to);
        }
        catch (SocketException error)
        {
            _log.CannotSend(to, error.Message);
        }
        catch (ObjectDisposedException)
        {
            // The node stops.
        }
    }

    public void Dispose() => _socket.Dispose();
}
