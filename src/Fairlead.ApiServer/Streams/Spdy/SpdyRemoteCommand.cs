using System.Net.WebSockets;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>
/// exec and attach over SPDY: each of the client's streams (<c>streamtype</c> error, stdin, stdout, stderr, resize) is one channel of the node's WebSocket
/// (<c>v5.channel.k8s.io</c>).
/// </summary>
internal sealed class SpdyRemoteCommand(SpdyConnection connection, WebSocket node) : IDisposable
{
    private const byte Stdin = 0, Stdout = 1, Stderr = 2, Error = 3, Resize = 4, Closed = 255;
    private const int BufferBytes = 32 << 10;
    private static readonly string[] Types = ["stdin", "stdout", "stderr", "error", "resize"];

    /// <summary>How long a client may take to open its streams, as in Kubernetes.</summary>
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim sending = new(1);
    private readonly SpdyStream?[] channels = new SpdyStream?[Types.Length];

    public void Dispose() => sending.Dispose();

    public async Task RunAsync(bool stdin, bool stdout, bool stderr, bool tty, CancellationToken cancellation)
    {
        bool[] wanted = [stdin, stdout, stderr, true, tty];
        using (var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            limit.CancelAfter(OpenLimit);
            while (Enumerable.Range(0, Types.Length).Any(channel => wanted[channel] && channels[channel] is null))
            {
                var stream = await connection.Opened.ReadAsync(limit.Token);
                var channel = Array.IndexOf(Types, stream.Header("streamtype"));
                if (channel < 0 || channels[channel] is not null)
                    throw new SpdyException($"a stream of type '{stream.Header("streamtype")}' is not expected; there is one each of {string.Join(", ", Types)}");
                channels[channel] = stream;
            }
        }
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task[] towards = [PassAsync(Stdin, stop.Token), PassAsync(Resize, stop.Token)];
        try
        {
            await FromNodeAsync(cancellation);
            foreach (var stream in channels.OfType<SpdyStream>())
                await stream.EndAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var stream in channels.OfType<SpdyStream>())
                stream.DropInput();
            foreach (var direction in towards)
                await direction.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task PassAsync(byte channel, CancellationToken cancellation)
    {
        if (channels[channel] is not { } stream)
            return;
        await foreach (var piece in stream.Input.ReadAllAsync(cancellation))
            await SendAsync([channel, .. piece.Span], cancellation);
        if (channel == Stdin)
            await SendAsync([Closed, Stdin], cancellation);
    }

    private async Task SendAsync(byte[] message, CancellationToken cancellation)
    {
        await sending.WaitAsync(cancellation);
        try
        {
            await node.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Until the node closes: it has sent the status then.</summary>
    private async Task FromNodeAsync(CancellationToken cancellation)
    {
        var buffer = new byte[BufferBytes];
        var channel = -1;
        while (true)
        {
            var part = await node.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            var bytes = buffer.AsMemory(0, part.Count);
            // The channel is the first byte of a message, which may come in several parts.
            if (channel < 0 && bytes.Length > 0)
            {
                channel = bytes.Span[0];
                bytes = bytes[1..];
            }
            if (channel is Stdout or Stderr or Error && channels[channel] is { } stream)
                await stream.SendAsync(bytes, cancellation);
            if (part.EndOfMessage)
                channel = -1;
        }
    }
}
