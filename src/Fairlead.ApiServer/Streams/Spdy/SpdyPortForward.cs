using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Fairlead.ApiServer.Serving;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>
/// port-forward over SPDY: per connection, a stream <c>streamtype: error</c> and one <c>data</c> with the same <c>requestid</c> and <c>port</c>;
/// each pair is one WebSocket to the node, which is one TCP connection in the pod.
/// </summary>
internal sealed class SpdyPortForward(SpdyConnection connection, NodeClient nodes, StreamTarget target)
{
    public async Task RunAsync(CancellationToken cancellation)
    {
        var waiting = new Dictionary<string, SpdyStream>(StringComparer.Ordinal);
        var forwards = new List<Task>();
        try
        {
            await foreach (var stream in connection.Opened.ReadAllAsync(cancellation))
            {
                var isData = stream.Header("streamtype") == "data";
                if (!isData && stream.Header("streamtype") != "error")
                    throw new SpdyException($"a stream of type '{stream.Header("streamtype")}' is not expected; there are error and data");
                // Clients before requestid open the error stream and then the data stream.
                var request = stream.Headers.TryGetValue("requestid", out var named) ? named : $"#{(isData ? stream.Id - 2 : stream.Id)}";
                if (!waiting.Remove(request, out var other))
                {
                    waiting.Add(request, stream);
                    continue;
                }
                forwards.RemoveAll(one => one.IsCompleted);
                forwards.Add(isData ? ForwardAsync(other, stream, cancellation) : ForwardAsync(stream, other, cancellation));
            }
        }
        finally
        {
            foreach (var forward in forwards)
                await forward.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ForwardAsync(SpdyStream error, SpdyStream data, CancellationToken cancellation)
    {
        try
        {
            if (!ushort.TryParse(data.Header("port"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                throw Refusal.BadRequest($"'{data.Header("port")}' is not a port (1 to 65535)");
            using var node = await nodes.ForwardAsync(target, port, cancellation);
            await PortRelay.RunAsync(node, data.Input, data.SendAsync, data.EndAsync, cancellation);
        }
        catch (Refusal refusal)
        {
            var text = $"error forwarding port {data.Header("port")} to pod {target.Pod}, namespace {target.Namespace}: {refusal.Message}";
            await error.SendAsync(Encoding.UTF8.GetBytes(text), cancellation);
        }
        catch (Exception left) when (left is WebSocketException or SpdyException or IOException)
        {
            // Either end is gone: so is the connection.
            await data.EndAsync(cancellation);
        }
        data.DropInput();
        await error.EndAsync(cancellation);
        await data.EndAsync(cancellation);
    }
}
