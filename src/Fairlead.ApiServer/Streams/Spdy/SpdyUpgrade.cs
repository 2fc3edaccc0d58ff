using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>Requests that ask for SPDY/3.1: kubectl before 1.30 for exec, before 1.31 for port-forward, and newer ones inside a WebSocket for port-forward.</summary>
internal sealed partial class SpdyUpgrade(NodeClient nodes, ILogger logger)
{
    private const string Protocol = "SPDY/3.1";
    private const string ProtocolHeader = "X-Stream-Protocol-Version";
    private const string RemoteCommand = "v4.channel.k8s.io";
    private const string PortForward = "portforward.k8s.io";

    /// <summary>The WebSocket subprotocol whose messages together are a SPDY connection's bytes.</summary>
    public const string Tunnel = "SPDY/3.1+portforward.k8s.io";

    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>How long a client may take to go after our goodbye.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    public static bool Asked(HttpContext context) => context.Request.Headers.Upgrade.ToString().Equals(Protocol, StringComparison.OrdinalIgnoreCase);

    public async Task RemoteCommandAsync(HttpContext context, Uri address, bool stdin, bool stdout, bool stderr, bool tty)
    {
        RequireProtocol(context, RemoteCommand);
        // The node first: its refusal must still be an HTTP answer.
        using var node = await nodes.ConnectAsync(address, StreamEndpoints.Newest, context.RequestAborted);
        await using var transport = await UpgradeAsync(context, RemoteCommand);
        await ServeAsync(context, transport, RunAsync);
        await WebSocketRelay.CloseAsync(node, context.RequestAborted);

        async Task RunAsync(SpdyConnection connection, CancellationToken stop)
        {
            using var command = new SpdyRemoteCommand(connection, node);
            await command.RunAsync(stdin, stdout, stderr, tty, stop);
        }
    }

    public async Task PortForwardAsync(HttpContext context, StreamTarget target)
    {
        RequireProtocol(context, PortForward);
        await using var transport = await UpgradeAsync(context, PortForward);
        await ServeAsync(context, transport, (connection, stop) => new SpdyPortForward(connection, nodes, target).RunAsync(stop));
    }

    public async Task PortForwardInWebSocketAsync(HttpContext context, StreamTarget target)
    {
        using var socket = await AcceptTunnelAsync(context);
        await using var transport = WebSocketStream.Create(socket, WebSocketMessageType.Binary, ownsWebSocket: false);
        await ServeAsync(context, transport, (connection, stop) => new SpdyPortForward(connection, nodes, target).RunAsync(stop));
        await WebSocketRelay.CloseAsync(socket, context.RequestAborted);
    }

    /// <summary>Runs a session on a connection until either ends; a client that goes takes its session with it.</summary>
    private async Task ServeAsync(HttpContext context, Stream transport, Func<SpdyConnection, CancellationToken, Task> run)
    {
        var cancellation = context.RequestAborted;
        using var connection = new SpdyConnection(transport);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = connection.RunAsync(stop.Token);
        var session = run(connection, stop.Token);
        try
        {
            if (await Task.WhenAny(reading, session) == reading)
            {
                await reading;
            }
            else
            {
                await session;
                await connection.SayGoodbyeAsync(cancellation);
                await Task.WhenAny(reading, Task.Delay(CloseLimit, TimeProvider.System, cancellation));
            }
        }
        catch (SpdyException broken)
        {
            LogBroken(context.Request.Path, broken.Message);
        }
        catch (Exception left) when (left is WebSocketException or OperationCanceledException or IOException or ChannelClosedException)
        {
            // The client or the node is gone, and the connection ends with them.
            return;
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var part in (Task[])[reading, session])
                await part.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Accepts by hand (RFC 6455 section 4.2.2): the framework refuses the tunnel's name, whose "/" is no token character (RFC 9110 section 5.6.2).</summary>
    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 section 4.2.2 prescribes SHA-1")]
    private static async Task<WebSocket> AcceptTunnelAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw Refusal.BadRequest("Upgrade request required: a WebSocket over HTTP/1.1");
        var key = Encoding.ASCII.GetBytes(context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(key));
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketProtocol = Tunnel;
        return WebSocket.CreateFromStream(await upgrade.UpgradeAsync(), new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive });
    }

    private static void RequireProtocol(HttpContext context, string served)
    {
        var offered = context.Request.Headers[ProtocolHeader].SelectMany(line => (line ?? "").Split(',', StringSplitOptions.TrimEntries)).ToArray();
        if (!offered.Contains(served))
            throw new Refusal(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [{served}]");
    }

    private static async Task<Stream> UpgradeAsync(HttpContext context, string protocol)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
            throw Refusal.BadRequest($"Upgrade request required: Connection: Upgrade and Upgrade: {Protocol} over HTTP/1.1");
        context.Response.Headers.Upgrade = Protocol;
        context.Response.Headers[ProtocolHeader] = protocol;
        return await upgrade.UpgradeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path}: the SPDY session ended: {Fault}")]
    private partial void LogBroken(string path, string fault);
}
