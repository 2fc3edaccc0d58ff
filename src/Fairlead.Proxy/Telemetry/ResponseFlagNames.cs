namespace Fairlead.Proxy.Telemetry;

/// <summary>Short and long names of the response flags (envoy.md 1.5; Envoy's ResponseFlagUtils).</summary>
internal static class ResponseFlagNames
{
    private static readonly (byte[] Short, byte[] Long)[] Names = Build();

    public static ReadOnlySpan<byte> Short(ResponseFlag flag) => Names[(int)flag].Short;

    public static ReadOnlySpan<byte> Long(ResponseFlag flag) => Names[(int)flag].Long;

    /// <summary>Null = not a flag's short name.</summary>
    public static ResponseFlag? Parse(string name)
    {
        var utf8 = System.Text.Encoding.UTF8.GetBytes(name);
        for (var i = 1; i < Names.Length; i++)
        {
            if (Names[i].Short.AsSpan().SequenceEqual(utf8)) return (ResponseFlag)i;
        }
        return null;
    }

    private static (byte[] Short, byte[] Long)[] Build()
    {
        var names = new (byte[], byte[])[(int)ResponseFlag.UnconditionalDropOverload + 1];
        names[0] = ([], []);
        Name(ResponseFlag.FailedLocalHealthCheck, "LH", "FailedLocalHealthCheck");
        Name(ResponseFlag.NoHealthyUpstream, "UH", "NoHealthyUpstream");
        Name(ResponseFlag.UpstreamRequestTimeout, "UT", "UpstreamRequestTimeout");
        Name(ResponseFlag.LocalReset, "LR", "LocalReset");
        Name(ResponseFlag.UpstreamRemoteReset, "UR", "UpstreamRemoteReset");
        Name(ResponseFlag.UpstreamConnectionFailure, "UF", "UpstreamConnectionFailure");
        Name(ResponseFlag.UpstreamConnectionTermination, "UC", "UpstreamConnectionTermination");
        Name(ResponseFlag.UpstreamOverflow, "UO", "UpstreamOverflow");
        Name(ResponseFlag.NoRouteFound, "NR", "NoRouteFound");
        Name(ResponseFlag.DelayInjected, "DI", "DelayInjected");
        Name(ResponseFlag.FaultInjected, "FI", "FaultInjected");
        Name(ResponseFlag.RateLimited, "RL", "RateLimited");
        Name(ResponseFlag.UnauthorizedExternalService, "UAEX", "UnauthorizedExternalService");
        Name(ResponseFlag.RateLimitServiceError, "RLSE", "RateLimitServiceError");
        Name(ResponseFlag.DownstreamConnectionTermination, "DC", "DownstreamConnectionTermination");
        Name(ResponseFlag.UpstreamRetryLimitExceeded, "URX", "UpstreamRetryLimitExceeded");
        Name(ResponseFlag.StreamIdleTimeout, "SI", "StreamIdleTimeout");
        Name(ResponseFlag.InvalidEnvoyRequestHeaders, "IH", "InvalidEnvoyRequestHeaders");
        Name(ResponseFlag.DownstreamProtocolError, "DPE", "DownstreamProtocolError");
        Name(ResponseFlag.UpstreamMaxStreamDurationReached, "UMSDR", "UpstreamMaxStreamDurationReached");
        Name(ResponseFlag.ResponseFromCacheFilter, "RFCF", "ResponseFromCacheFilter");
        Name(ResponseFlag.NoFilterConfigFound, "NFCF", "NoFilterConfigFound");
        Name(ResponseFlag.DurationTimeout, "DT", "DurationTimeout");
        Name(ResponseFlag.UpstreamProtocolError, "UPE", "UpstreamProtocolError");
        Name(ResponseFlag.NoClusterFound, "NC", "NoClusterFound");
        Name(ResponseFlag.OverloadManager, "OM", "OverloadManagerTerminated");
        Name(ResponseFlag.DnsResolutionFailed, "DF", "DnsResolutionFailed");
        Name(ResponseFlag.DropOverload, "DO", "DropOverload");
        Name(ResponseFlag.DownstreamRemoteReset, "DR", "DownstreamRemoteReset");
        Name(ResponseFlag.UnconditionalDropOverload, "UDO", "UnconditionalDropOverload");
        return names;

        void Name(ResponseFlag flag, string shortName, string longName) =>
            names[(int)flag] = (System.Text.Encoding.UTF8.GetBytes(shortName), System.Text.Encoding.UTF8.GetBytes(longName));
    }
}
