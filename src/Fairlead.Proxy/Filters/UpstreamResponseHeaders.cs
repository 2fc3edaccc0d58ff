using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The router's changes to a response that came from an upstream.</summary>
internal static class UpstreamResponseHeaders
{
    public static void Finish(HttpStream stream, HttpFilterConfig.Router? router, long now, long frequency)
    {
        var headers = stream.ResponseHeaders;
        if (router is { SuppressEnvoyHeaders: true } || !stream.RequestComplete) return;
        // Whole milliseconds from the end of the request to the head of the response.
        headers.SetNumber("x-envoy-upstream-service-time"u8, (now - stream.Info.RequestCompleteTimestamp) * 1000 / frequency);
    }
}
