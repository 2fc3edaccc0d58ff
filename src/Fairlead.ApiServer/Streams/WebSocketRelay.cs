using System.Net.WebSockets;

namespace Fairlead.ApiServer.Streams;

/// <summary>
/// Copies messages both ways between a client's and the node's WebSocket. Both speak channels in the first byte of a message
/// (<c>v5.channel.k8s.io</c>), so nothing is taken apart; v4 differs only in lacking the close message.
/// </summary>
internal static class WebSocketRelay
{
    private const int BufferBytes = 32 << 10;

    /// <summary>How long a client may take to answer our close.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(WebSocket client, WebSocket node, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var upstream = CopyAsync(client, node, stop.Token);
        var downstream = CopyAsync(node, client, stop.Token);
        // The node ends a session: what it said last (the status) has been passed on when its direction is done.
        var first = await Task.WhenAny(upstream, downstream);
        if (first == downstream)
        {
            await CloseAsync(client, cancellation);
            await CloseAsync(node, cancellation);
            // Cancelling a receive cuts the connection, and kubectl takes a cut before its own close for a failure.
            await Task.WhenAny(upstream, Task.Delay(CloseLimit, TimeProvider.System, cancellation));
        }
        await stop.CancelAsync();
        foreach (var direction in (Task[])[upstream, downstream])
            await direction.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task CopyAsync(WebSocket from, WebSocket to, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (read.MessageType == WebSocketMessageType.Close)
                return;
            await to.SendAsync(buffer.AsMemory(0, read.Count), read.MessageType, read.EndOfMessage, cancellation);
        }
    }

    public static async Task CloseAsync(WebSocket socket, CancellationToken cancellation)
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived))
            return;
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation);
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException or IOException)
        {
            // The client has gone first: nobody is left to say goodbye to.
            socket.Abort();
        }
    }
}
