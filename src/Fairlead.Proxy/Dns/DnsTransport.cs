using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Fairlead.Proxy.Dns;

/// <summary>Sends one query and waits for its response: UDP, and TCP when the response is cut off (RFC 7766).</summary>
internal sealed class DnsTransport(TimeProvider time)
{
    private const int MaxStrays = 100; // datagrams that are not the answer, after which the server counts as silent

    /// <summary>Null = no answer in time, or none that is one.</summary>
    public async Task<DnsResponse?> AskAsync(
        IPEndPoint server, ushort id, string name, DnsRecordType type, TimeSpan timeout, CancellationToken cancellation)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        var query = new byte[DnsMessage.MaxQueryBytes];
        if (!DnsMessage.TryWriteQuery(id, name, type, query, out var length)) return null;
        try
        {
            var response = await OverUdpAsync(server, query.AsMemory(0, length), id, name, type, either.Token).ConfigureAwait(false);
            if (response is not { IsTruncated: true }) return response;
            return await OverTcpAsync(server, query.AsMemory(0, length), id, name, type, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Refused or unreachable: the next server may answer; the resolver says so when none does.
            return null;
        }
    }

    private static async Task<DnsResponse?> OverUdpAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, ushort id, string name, DnsRecordType type, CancellationToken cancellation)
    {
        // A socket per query: the kernel picks a random source port, and connecting drops datagrams from other addresses.
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        await socket.SendAsync(query, cancellation).ConfigureAwait(false);
        var buffer = new byte[4096];
        for (var strays = 0; strays < MaxStrays; strays++)
        {
            var received = await socket.ReceiveAsync(buffer, cancellation).ConfigureAwait(false);
            if (DnsMessage.ReadResponse(buffer.AsSpan(0, received), id, name, type) is { } response) return response;
        }
        return null;
    }

    private static async Task<DnsResponse?> OverTcpAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, ushort id, string name, DnsRecordType type, CancellationToken cancellation)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        var framed = new byte[query.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, cancellation).ConfigureAwait(false);
        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, cancellation).ConfigureAwait(false);
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(message, cancellation).ConfigureAwait(false);
        return DnsMessage.ReadResponse(message, id, name, type);
    }
}
