namespace Fairlead.Proxy.Http1;

/// <summary>Fields that must not come in a trailer section, as they would change how the message is framed or routed (RFC 9110, 6.5.1).</summary>
internal static class TrailerFields
{
    private static readonly byte[][] Forbidden =
    [
        "connection"u8.ToArray(), "content-length"u8.ToArray(), "host"u8.ToArray(), "keep-alive"u8.ToArray(), "proxy-connection"u8.ToArray(),
        "te"u8.ToArray(), "trailer"u8.ToArray(), "transfer-encoding"u8.ToArray(), "upgrade"u8.ToArray(),
    ];

    public static void RemoveForbidden(HeaderBlock trailers)
    {
        foreach (var name in Forbidden) trailers.Remove(name);
    }
}
