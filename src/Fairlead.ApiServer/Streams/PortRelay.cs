using System.Net.WebSockets;
using System.Threading.Channels;

namespace Fairlead.ApiServer.Streams;

/// <summary>One forwarded connection: what the client sends goes to the node's WebSocket, and back. Each half ends by itself, as TCP's do.</summary>
internal static class PortRelay
{
    private const int BufferBytes = 32 << 10;

    /// <summary>How long the client's half may outlive the pod's: its last bytes have no reader.</summary>
    private static readonly TimeSpan HalfLimit = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(
        WebSocket node,
        ChannelReader<ReadOnlyMemory<byte>> input,
        Func<ReadOnlyMemory<byte>, CancellationToken, Task> send,
        Func<CancellationToken, Task> end,
        CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var towards = TowardsAsync(node, input, stop.Token);
        var back = BackAsync(node, send, stop.Token);
        try
        {
            // A client that breaks off ends the connection; one that only ends its half still reads.
            if (await Task.WhenAny(towards, back) == towards)
                await towards;
            await back;
            await end(cancellation);
            await Task.WhenAny(towards, Task.Delay(HalfLimit, TimeProvider.System, cancellation));
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var direction in (Task[])[towards, back])
                await direction.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task TowardsAsync(WebSocket node, ChannelReader<ReadOnlyMemory<byte>> input, CancellationToken cancellation)
    {
        await foreach (var piece in input.ReadAllAsync(cancellation))
            await node.SendAsync(piece, WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        await node.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellation);
    }

    private static async Task BackAsync(WebSocket node, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send, CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        while (true)
        {
            var part = await node.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            await send(buffer.AsMemory(0, part.Count), cancellation);
        }
    }
}
