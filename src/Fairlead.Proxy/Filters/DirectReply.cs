using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>A route that answers by itself. 201 and 3xx carry the request's own address as Location, as Envoy's do.</summary>
internal static class DirectReply
{
    private const int MaxFormattedBytes = 64 * 1024; // Envoy limits direct responses to 4 KiB of configuration; operators may grow them

    public static void Send(HttpStream stream, RouteAction.DirectResponse direct)
    {
        ReadOnlySpan<byte> body = direct.Body;
        if (direct.BodyFormat is { } reply)
        {
            var room = new byte[MaxFormattedBytes];
            if (reply.Format.TryFormat(stream.Info, room, out var written)) body = room.AsSpan(0, written);
        }
        var headers = stream.RequestHeaders;
        byte[] location = direct.Status is 201 or (>= 300 and <= 399) ? [.. headers.Scheme, .. "://"u8, .. headers.Authority, .. headers.Path] : [];
        stream.SendLocalReply(direct.Status, body, Detail.DirectResponse, location: location, contentType: direct.BodyFormat?.ContentType);
    }
}
