using System.Net;
using System.Net.Sockets;
using System.Text;
using Fairlead.Proxy.Bootstrap;

namespace Fairlead.Proxy.Admin;

/// <summary>
/// A small HTTP/1.1 server for operators and probes: one request a connection, on the thread pool, apart from the workers. (A web
/// framework for it would cost more memory than the rest of the sidecar.)
/// </summary>
internal sealed class AdminServer(IPEndPoint address, Func<AdminRequest, Task<AdminResponse>> handle, ProcessLog log, TimeProvider time)
{
    /// <summary>Connections at once; probes and scrapers are a handful.</summary>
    public const int MaxConnections = 64;

    /// <summary>Bytes of a request head.</summary>
    public const int MaxHeadBytes = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // for a client to send its request and take the answer
    private static readonly TimeSpan BindRetry = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var listener = await BindAsync(cancellation).ConfigureAwait(false);
        var room = new SemaphoreSlim(MaxConnections); // not disposed: the last connections outlive this loop
        while (!cancellation.IsCancellationRequested)
        {
            await room.WaitAsync(cancellation).ConfigureAwait(false);
            var connection = await listener.AcceptAsync(cancellation).ConfigureAwait(false);
            _ = ServeAsync(connection, room, cancellation);
        }
    }

    private async Task<Socket> BindAsync(CancellationToken cancellation)
    {
        var warned = false;
        while (true)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(address);
                socket.Listen(MaxConnections);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (!warned) log.Warning("admin", $"cannot listen on {address}: {e.Message}; trying again every {BindRetry.TotalSeconds:0} s");
                warned = true;
            }
            await Task.Delay(BindRetry, time, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ServeAsync(Socket connection, SemaphoreSlim room, CancellationToken cancellation)
    {
        AdminResponse? response = null;
        try
        {
            using var limit = new CancellationTokenSource(Patience, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            var request = await ReadAsync(connection, either.Token).ConfigureAwait(false);
            response = request is null ? AdminResponse.Text("Bad Request\n", 400) : await handle(request).ConfigureAwait(false);
            await SendAsync(connection, response, request?.Method == "HEAD", either.Token).ConfigureAwait(false);
            connection.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or IOException)
        {
            log.Debug("admin", $"{address}: a client went away: {e.Message}");
        }
        finally
        {
            response?.Sent(); // also where the client did not wait for it
            connection.Dispose();
            room.Release();
        }
    }

    /// <summary>Reads the head and lets the body go; null = malformed or too long.</summary>
    private static async Task<AdminRequest?> ReadAsync(Socket connection, CancellationToken cancellation)
    {
        var buffer = new byte[MaxHeadBytes];
        var used = 0;
        while (used < buffer.Length)
        {
            var received = await connection.ReceiveAsync(buffer.AsMemory(used), cancellation).ConfigureAwait(false);
            if (received == 0) return null;
            used += received;
            var end = buffer.AsSpan(0, used).IndexOf("\r\n\r\n"u8);
            if (end < 0) continue;
            var head = Encoding.Latin1.GetString(buffer, 0, end);
            return AdminRequest.Parse(head.Split("\r\n")[0]);
        }
        return null;
    }

    private static async Task SendAsync(Socket connection, AdminResponse response, bool headOnly, CancellationToken cancellation)
    {
        var head = $"HTTP/1.1 {response.Status} {Reason(response.Status)}\r\ncontent-type: {response.ContentType}\r\n"
            + $"content-length: {response.Body.Length}\r\ncache-control: no-cache, max-age=0\r\nx-content-type-options: nosniff\r\n"
            + "server: envoy\r\nconnection: close\r\n\r\n";
        await SendAllAsync(connection, Encoding.ASCII.GetBytes(head), cancellation).ConfigureAwait(false);
        if (!headOnly) await SendAllAsync(connection, response.Body, cancellation).ConfigureAwait(false);
    }

    private static async Task SendAllAsync(Socket connection, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0) bytes = bytes[await connection.SendAsync(bytes, cancellation).ConfigureAwait(false)..];
    }

    private static string Reason(int status) => status switch
    {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        503 => "Service Unavailable",
        _ => "Status",
    };
}
