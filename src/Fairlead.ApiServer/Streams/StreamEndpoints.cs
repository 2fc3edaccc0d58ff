using System.Net.WebSockets;
using System.Text;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Streams.Spdy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fairlead.ApiServer.Streams;

/// <summary>exec, attach, port-forward and logs: kubectl's protocols end here, the node's begin.</summary>
internal sealed class StreamEndpoints(ObjectStore store, NodeClient nodes, SpdyUpgrade spdy)
{
    /// <summary>The subprotocol that the node speaks.</summary>
    public const string Newest = "v5.channel.k8s.io";
    private static readonly string[] Channels = [Newest, "v4.channel.k8s.io"];
    private static readonly string[] LogOptions = ["follow", "previous", "tailLines", "sinceSeconds", "sinceTime", "timestamps", "limitBytes"];

    /// <summary>exec and attach.</summary>
    public async Task RunAsync(HttpContext context, string verb, string @namespace, string pod)
    {
        var query = context.Request.Query;
        var target = StreamTarget.Resolve(store.State, @namespace, pod, query.Text("container"), needsContainer: true);
        var (stdin, stdout, stderr, tty) = (query.Flag("stdin"), query.Flag("stdout"), query.Flag("stderr"), query.Flag("tty"));
        if (!stdin && !stdout && !stderr)
            throw Refusal.BadRequest("you must specify at least 1 of stdin, stdout, stderr");
        if (verb == "exec" && query["command"].Count == 0)
            throw Refusal.BadRequest("you must specify at least 1 command for the container");
        var address = new StringBuilder($"{verb}/{target.Namespace}/{target.Pod}/{target.Container}?");
        foreach (var word in query["command"])
            address.Append("command=").Append(Uri.EscapeDataString(word ?? "")).Append('&');
        foreach (var (name, wanted) in ((string, bool)[])[("stdin", stdin), ("stdout", stdout), ("stderr", stderr && !tty), ("tty", tty)])
        {
            if (wanted)
                address.Append(name).Append("=1&");
        }
        var node = new Uri(target.Node, address.ToString().TrimEnd('&'));
        if (context.WebSockets.IsWebSocketRequest)
            await OverWebSocketAsync(context, node);
        else if (SpdyUpgrade.Asked(context))
            await spdy.RemoteCommandAsync(context, node, stdin, stdout, stderr && !tty, tty);
        else
            throw Refusal.BadRequest("Upgrade request required");
    }

    public async Task PortForwardAsync(HttpContext context, string @namespace, string pod)
    {
        var target = StreamTarget.Resolve(store.State, @namespace, pod, "", needsContainer: false);
        if (SpdyUpgrade.Asked(context))
            await spdy.PortForwardAsync(context, target);
        else if (context.WebSockets.WebSocketRequestedProtocols.Contains(SpdyUpgrade.Tunnel))
            await spdy.PortForwardInWebSocketAsync(context, target);
        else if (context.WebSockets.IsWebSocketRequest)
            await ChannelPortForward.AcceptAsync(context, nodes, target, Chosen(context, Channels));
        else
            throw Refusal.BadRequest("Upgrade request required");
    }

    public async Task LogsAsync(HttpContext context, string @namespace, string pod)
    {
        var query = context.Request.Query;
        var target = StreamTarget.Resolve(store.State, @namespace, pod, query.Text("container"), needsContainer: true);
        var address = new StringBuilder($"containerLogs/{target.Namespace}/{target.Pod}/{target.Container}?");
        foreach (var option in LogOptions)
        {
            if (query.Text(option) is { Length: > 0 } text)
                address.Append(option).Append('=').Append(Uri.EscapeDataString(option is "follow" or "previous" or "timestamps" ? query.Flag(option) ? "true" : "false" : text)).Append('&');
        }
        using var answer = await nodes.GetAsync(new Uri(target.Node, address.ToString().TrimEnd('&', '?')), context.RequestAborted);
        context.Response.ContentType = "text/plain";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await context.Response.StartAsync(context.RequestAborted);
        await using var source = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[16 << 10];
        while (await source.ReadAsync(buffer, context.RequestAborted) is > 0 and var length)
        {
            // Each piece goes on as it comes: a follower reads line by line.
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task OverWebSocketAsync(HttpContext context, Uri address)
    {
        var chosen = Chosen(context, Channels);
        // The node first: its refusal must still be an HTTP answer.
        using var node = await nodes.ConnectAsync(address, Newest, context.RequestAborted);
        using var client = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = chosen });
        try
        {
            await WebSocketRelay.RunAsync(client, node, context.RequestAborted);
        }
        catch (Exception fault) when (fault is WebSocketException or OperationCanceledException or IOException)
        {
            client.Abort();
        }
    }

    private static string Chosen(HttpContext context, string[] served)
    {
        var offered = context.WebSockets.WebSocketRequestedProtocols;
        return served.FirstOrDefault(offered.Contains)
            ?? throw Refusal.BadRequest($"unable to upgrade: none of the subprotocols [{string.Join(' ', offered)}] is known; offer {string.Join(" or ", served)}");
    }
}
