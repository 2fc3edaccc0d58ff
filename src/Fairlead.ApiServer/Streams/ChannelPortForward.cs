using System.Buffers.Binary;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Threading.Channels;
using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Streams;

/// <summary>
/// port-forward in WebSocket channels, as client libraries use it: <c>ports</c> in the query; the n-th port's data is channel 2n, its errors channel 2n+1,
/// and the first message of each is the port as two bytes, little-endian. One connection per port and WebSocket.
/// </summary>
internal sealed class ChannelPortForward(WebSocket client) : IDisposable
{
    private const int PortLimit = 100;
    private const int MessageLimit = 1 << 20;
    private const int InputLimit = 16;
    private readonly SemaphoreSlim sending = new(1);

    public static async Task AcceptAsync(HttpContext context, NodeClient nodes, StreamTarget target, string subprotocol)
    {
        var ports = new List<ushort>();
        foreach (var text in context.Request.Query["ports"].SelectMany(line => (line ?? "").Split(',')))
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                throw Refusal.BadRequest($"ports: '{text}' is not a port (1 to 65535)");
            ports.Add(port);
        }
        if (ports.Count is 0 or > PortLimit)
            throw Refusal.BadRequest($"query parameter \"ports\" is required: 1 to {PortLimit} ports");
        using var client = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = subprotocol });
        using var forward = new ChannelPortForward(client);
        try
        {
            await forward.RunAsync(nodes, target, ports, context.RequestAborted);
            await WebSocketRelay.CloseAsync(client, context.RequestAborted);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException or IOException)
        {
            // The client is gone, and its connections with it.
            client.Abort();
        }
    }

    public void Dispose() => sending.Dispose();

    private async Task RunAsync(NodeClient nodes, StreamTarget target, List<ushort> ports, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var inputs = ports.Select(_ => Channel.CreateBounded<ReadOnlyMemory<byte>>(InputLimit)).ToArray();
        for (var index = 0; index < ports.Count; index++)
        {
            var port = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(port, ports[index]);
            await SendAsync(2 * index, port, cancellation);
            await SendAsync((2 * index) + 1, port, cancellation);
        }
        var reading = ReadAsync(inputs, stop.Token);
        var forwards = Task.WhenAll(ports.Select((port, index) => ForwardAsync(nodes, target, port, index, inputs[index].Reader, stop.Token)));
        try
        {
            await (await Task.WhenAny(reading, forwards));
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var part in (Task[])[reading, forwards])
                await part.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ForwardAsync(NodeClient nodes, StreamTarget target, ushort port, int index, ChannelReader<ReadOnlyMemory<byte>> input, CancellationToken cancellation)
    {
        try
        {
            using var node = await nodes.ForwardAsync(target, port, cancellation);
            await PortRelay.RunAsync(node, input, (bytes, cancel) => SendAsync(2 * index, bytes, cancel), _ => Task.CompletedTask, cancellation);
        }
        catch (Refusal refusal)
        {
            await SendAsync((2 * index) + 1, Encoding.UTF8.GetBytes($"error forwarding port {port} to pod {target.Pod}, namespace {target.Namespace}: {refusal.Message}"), cancellation);
        }
    }

    /// <summary>Sorts the client's messages by channel until it closes.</summary>
    private async Task ReadAsync(Channel<ReadOnlyMemory<byte>>[] inputs, CancellationToken cancellation)
    {
        var buffer = new byte[MessageLimit];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await client.ReceiveAsync(buffer.AsMemory(length), cancellation);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                length += part.Count;
                if (length == buffer.Length)
                    throw new IOException($"a message is over the limit of {MessageLimit} bytes");
            }
            while (!part.EndOfMessage);
            // Data channels are the even ones; what a client writes on an error channel has no reader.
            if (length > 1 && buffer[0] % 2 == 0 && buffer[0] / 2 < inputs.Length)
                await inputs[buffer[0] / 2].Writer.WriteAsync(buffer.AsSpan(1, length - 1).ToArray(), cancellation);
        }
    }

    private async Task SendAsync(int channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        await sending.WaitAsync(cancellation);
        try
        {
            await client.SendAsync((byte[])[(byte)channel, .. bytes.Span], WebSocketMessageType.Binary, endOfMessage: true, cancellation);
        }
        finally
        {
            sending.Release();
        }
    }
}
