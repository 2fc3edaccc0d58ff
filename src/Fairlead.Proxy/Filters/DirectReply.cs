using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>A route that answers by itself. 201 and 3xx carry the request's own address as Location, as Envoy's do.</summary>
internal static class DirectReply
{
    private const int MaxFormattedBytes = 64 * 1024; // Envoy limits direct responses to 4 KiB of configuration; operators may grow them

    public static void Send(HttpStream stream, RouteAction.DirectResponse direct)
    {
        ReadOnlySpan<byte> body = direct.Body;
        if (direct.BodyFormat is { } format)
        {
            var room = new byte[MaxFormattedBytes];
            if (format.TryFormat(stream.Info, room, out var written)) body = room.AsSpan(0, written);
        }
        stream.SendLocalReply(direct.Status, body, Detail.DirectResponse);
    }
}
