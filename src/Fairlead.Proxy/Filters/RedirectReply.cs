using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>A route that redirects: scheme, host, port and path of the request with the parts that the route replaces.</summary>
internal static class RedirectReply
{
    public static void Send(HttpStream stream, RouteEntry route, RouteAction.Redirect redirect)
    {
        var headers = stream.RequestHeaders;
        var scheme = Encoding.Latin1.GetString(redirect.Scheme ?? headers.Scheme);
        var host = Encoding.Latin1.GetString(redirect.Host ?? headers.Authority);
        if (redirect.Port is { } port) host = WithoutPort(host) + PortSuffix(scheme, port);
        else if (redirect.Scheme is not null && redirect.Host is null) host = DropDefaultPort(host, Encoding.Latin1.GetString(headers.Scheme));
        var target = Path(headers, route, redirect);
        stream.SendLocalReply(redirect.Status, default, Detail.DirectResponse, location: Encoding.Latin1.GetBytes($"{scheme}://{host}{target}"));
    }

    /// <summary>VirtualHost.require_tls: the same address by https, port and all (Envoy's SslRedirector).</summary>
    public static void SendToTls(HttpStream stream)
    {
        var headers = stream.RequestHeaders;
        stream.SendLocalReply(301, default, Detail.DirectResponse, location: [.. "https://"u8, .. headers.Authority, .. headers.Path]);
    }

    private static string Path(HeaderBlock headers, RouteEntry route, RouteAction.Redirect redirect)
    {
        var original = Encoding.Latin1.GetString(headers.Path);
        var question = original.IndexOf('?', StringComparison.Ordinal);
        var query = question < 0 || redirect.StripQuery ? string.Empty : original[question..];
        if (redirect.Path is { } fixedPath)
        {
            var text = Encoding.Latin1.GetString(fixedPath);
            return text.Contains('?', StringComparison.Ordinal) ? text : text + query;
        }
        if (redirect.PathRewrite is { } rewrite) return Encoding.Latin1.GetString(PathRewriter.Rewrite(headers.Path, route, rewrite, keepQuery: false)) + query;
        return question < 0 ? original : original[..question] + query;
    }

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }

    private static string PortSuffix(string scheme, int port) =>
        (scheme == "http" && port == 80) || (scheme == "https" && port == 443) ? string.Empty : ":" + port;

    /// <summary>A scheme-only redirect drops the old scheme's default port, which would be wrong for the new one.</summary>
    private static string DropDefaultPort(string host, string oldScheme) =>
        host.EndsWith(oldScheme == "https" ? ":443" : ":80", StringComparison.Ordinal) ? WithoutPort(host) : host;
}
