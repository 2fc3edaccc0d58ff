using System.Net;
using System.Net.Sockets;

namespace Fairlead.Node.Dns;

/// <summary>A name server over UDP and TCP: framing, limits and truncation; what a name means is <paramref name="answer"/>'s.</summary>
internal sealed class DnsServer(Func<DnsQuestion, CancellationToken, Task<byte[]>> answer, TimeProvider time, Action<string> report) : IDisposable
{
    /// <summary>Queries that are being answered at once; more wait in the socket's buffer.</summary>
    private const int ConcurrencyLimit = 512;

    private const int ConnectionLimit = 128;

    /// <summary>How long a TCP client may keep silent (RFC 7766 asks for seconds).</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim queries = new(ConcurrencyLimit);
    private readonly SemaphoreSlim connections = new(ConnectionLimit);

    /// <summary>Two sockets on one address, in the network namespace of the calling thread.</summary>
    public static (Socket Datagrams, Socket Listener) Bind(IPEndPoint address)
    {
        var datagrams = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        datagrams.Bind(address);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(address);
        listener.Listen();
        return (datagrams, listener);
    }

    public async Task RunAsync((Socket Datagrams, Socket Listener) sockets, CancellationToken cancel)
    {
        using (sockets.Datagrams)
        using (sockets.Listener)
            await Task.WhenAll(ServeDatagramsAsync(sockets.Datagrams, cancel), ServeConnectionsAsync(sockets.Listener, cancel)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        queries.Dispose();
        connections.Dispose();
    }

    private async Task ServeDatagramsAsync(Socket socket, CancellationToken cancel)
    {
        var buffer = new byte[4096];
        while (!cancel.IsCancellationRequested)
        {
            await queries.WaitAsync(cancel).ConfigureAwait(false);
            var received = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancel).ConfigureAwait(false);
            _ = AnswerAsync(socket, buffer.AsSpan(0, received.ReceivedBytes).ToArray(), received.RemoteEndPoint, cancel);
        }
    }

    private async Task AnswerAsync(Socket socket, byte[] query, EndPoint asker, CancellationToken cancel)
    {
        try
        {
            if (DnsQuestion.Read(query) is not { } question)
                return;
            var reply = await answer(question, cancel).ConfigureAwait(false);
            await socket.SendToAsync(reply.Length <= question.PayloadSize ? reply : DnsAnswer.Truncated(question), asker, cancel).ConfigureAwait(false);
        }
        catch (Exception failed) when (failed is SocketException or OperationCanceledException)
        {
            // The asker is gone, or we are.
            return;
        }
        finally
        {
            queries.Release();
        }
    }

    private async Task ServeConnectionsAsync(Socket listener, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            await connections.WaitAsync(cancel).ConfigureAwait(false);
            var client = await listener.AcceptAsync(cancel).ConfigureAwait(false);
            _ = ServeAsync(client, cancel);
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancel)
    {
        try
        {
            using var stream = new NetworkStream(client, ownsSocket: true);
            while (true)
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                using var timer = time.CreateTimer(_ => limit.Cancel(), null, IdleLimit, Timeout.InfiniteTimeSpan);
                if (await DnsFraming.ReadAsync(stream, limit.Token).ConfigureAwait(false) is not { } query || DnsQuestion.Read(query) is not { } question)
                    return;
                await DnsFraming.WriteAsync(stream, await answer(question, limit.Token).ConfigureAwait(false), limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception failed) when (failed is IOException or OperationCanceledException or SocketException)
        {
            // The client left or kept silent.
            return;
        }
        catch (Exception broken)
        {
            report($"dns: {broken}");
        }
        finally
        {
            connections.Release();
        }
    }
}
