using Fairlead.ApiServer.Serving;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Streams;

/// <summary>Requests that ask for SPDY/3.1, of older kubectl and for port-forward.</summary>
internal static class SpdyUpgrade
{
    public static bool Asked(HttpContext context) =>
        context.Request.Headers.Upgrade.ToString().Equals("SPDY/3.1", StringComparison.OrdinalIgnoreCase);

    public static Task RemoteCommandAsync(HttpContext context, NodeClient nodes, Uri node, bool stdin, bool stdout, bool stderr, bool tty) =>
        throw Refusal.BadRequest("SPDY/3.1 is not served yet; use a client that speaks WebSocket");

    public static Task PortForwardAsync(HttpContext context, NodeClient nodes, StreamTarget target) =>
        throw Refusal.BadRequest("SPDY/3.1 is not served yet");
}
