using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The connection manager's changes of every response, upstream's or own: hop-by-hop fields, server, date, request id.</summary>
internal static class ResponsePolicy
{
    public static void Apply(StreamContext worker, HttpStream stream, bool upgraded)
    {
        var headers = stream.ResponseHeaders;
        var config = stream.Config;
        headers.Remove("connection"u8);
        if (!upgraded) headers.Remove("upgrade"u8);
        headers.Remove("keep-alive"u8);
        headers.Remove("proxy-connection"u8);
        headers.Remove("transfer-encoding"u8);
        headers.Remove("te"u8);
        if (config.ServerHeader == ServerHeaderMode.Overwrite || (config.ServerHeader == ServerHeaderMode.AppendIfAbsent && !headers.Contains("server"u8)))
            headers.Set("server"u8, config.ServerName);
        if (!headers.Contains("date"u8)) headers.Add("date"u8, worker.Date.Text());
        if (config.Via is { } via) headers.Append("via"u8, via);
        if (config.AlwaysSetRequestIdInResponse && stream.RequestHeaders.TryGet("x-request-id"u8, out var id)) headers.Set("x-request-id"u8, id);
    }
}
