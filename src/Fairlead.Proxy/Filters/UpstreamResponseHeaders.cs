using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The router's changes to a response that came from an upstream.</summary>
internal static class UpstreamResponseHeaders
{
    /// <param name="stream">Its response has a head.</param>
    /// <param name="router">Null = defaults.</param>
    /// <param name="milliseconds">From the end of the request to the head of the response.</param>
    public static void Finish(HttpStream stream, HttpFilterConfig.Router? router, long milliseconds)
    {
        var headers = stream.ResponseHeaders;
        if (router is { SuppressEnvoyHeaders: true } || !stream.RequestComplete) return;
        headers.SetNumber("x-envoy-upstream-service-time"u8, milliseconds);
    }
}
