using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// Envoy's notion of internal and edge requests (envoy.md 2.2): internal = one address, inside the configured ranges; edge = use
/// of the peer's address with no trusted hop in front. Requests that are not internal lose the x-envoy-* headers that steer.
/// </summary>
internal readonly record struct DownstreamTrust(bool IsInternal, bool IsEdge)
{
    private const int MaxAddressChars = 45;

    private static readonly byte[][] Steering =
    [
        .. new[]
        {
            "x-envoy-retry-on", "x-envoy-retry-grpc-on", "x-envoy-max-retries", "x-envoy-retriable-status-codes", "x-envoy-retriable-header-names",
            "x-envoy-upstream-alt-stat-name", "x-envoy-upstream-rq-timeout-ms", "x-envoy-upstream-rq-per-try-timeout-ms",
            "x-envoy-upstream-rq-timeout-alt-response", "x-envoy-expected-rq-timeout-ms", "x-envoy-force-trace", "x-envoy-ip-tags",
            "x-envoy-original-url", "x-envoy-hedge-on-per-try-timeout",
        }.Select(Encoding.ASCII.GetBytes),
    ];

    private static readonly byte[][] EdgeOnly =
        [.. new[] { "x-envoy-decorator-operation", "x-envoy-downstream-service-cluster", "x-envoy-downstream-service-node" }.Select(Encoding.ASCII.GetBytes)];

    public static DownstreamTrust Of(HeaderBlock headers, HttpConnectionManagerConfig config, in IpEndpoint peer)
    {
        var hasXff = headers.TryGet("x-forwarded-for"u8, out var xff) && !xff.IsEmpty;
        if (config.UseRemoteAddress)
        {
            var inside = !hasXff && IsInside(peer, config);
            return new(inside, !inside && config.XffTrustedHops == 0);
        }
        if (!hasXff || xff.Contains((byte)',') || xff.Length > MaxAddressChars || config.InternalAddresses.Count == 0) return new(false, false);
        Span<char> text = stackalloc char[MaxAddressChars];
        var length = Encoding.Latin1.GetChars(xff, text);
        return new(IpEndpoint.TryParseAddress(text[..length], 0, out var address) && IsInside(address, config), false);
    }

    public static void StripInternalHeaders(HeaderBlock headers, bool isEdge)
    {
        if (!HasEnvoyHeader(headers)) return;
        foreach (var name in Steering) headers.Remove(name);
        if (!isEdge) return;
        foreach (var name in EdgeOnly) headers.Remove(name);
    }

    private static bool HasEnvoyHeader(HeaderBlock headers)
    {
        for (var slot = 0; slot < headers.SlotCount; slot++)
        {
            if (headers.IsLive(slot) && headers.Name(slot).StartsWith("x-envoy-"u8)) return true;
        }
        return false;
    }

    private static bool IsInside(in IpEndpoint address, HttpConnectionManagerConfig config)
    {
        foreach (var prefix in config.InternalAddresses)
        {
            if (prefix.Contains(address)) return true;
        }
        return false;
    }
}
