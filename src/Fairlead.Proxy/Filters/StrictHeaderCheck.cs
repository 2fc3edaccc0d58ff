using System.Buffers.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The router's strict_check_headers: values that would be ignored are refused in their place.</summary>
internal static class StrictHeaderCheck
{
    /// <summary>The first header whose value is not valid; null = none.</summary>
    public static string? FindInvalid(HttpFilterConfig.Router router, HeaderBlock headers)
    {
        for (var i = 0; i < router.StrictCheckHeaders.Count; i++)
        {
            var (name, bytes) = router.StrictCheckHeaders[i];
            if (headers.TryGet(bytes, out var value) && !IsValid(name, value)) return name;
        }
        return null;
    }

    private static bool IsValid(string name, ReadOnlySpan<byte> value) => name switch
    {
        "x-envoy-retry-on" => RetryConditionNames.AreKnown(value),
        "x-envoy-retry-grpc-on" => RetryConditionNames.AreKnownGrpc(value),
        _ => Utf8Parser.TryParse(value, out uint _, out var used) && used == value.Length,
    };
}
