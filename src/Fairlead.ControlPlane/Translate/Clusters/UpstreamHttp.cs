using Envoy.Config.Core.V3;
using Fairlead.Config.Primitives;
using Options = Envoy.Extensions.Upstreams.Http.V3.HttpProtocolOptions;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>Which HTTP an upstream is spoken to in, and the limits of its connections.</summary>
internal static class UpstreamHttp
{
    public const string ExtensionName = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

    /// <summary>HTTP/2 streams of a connection when nothing is said (Istio: 2^31 - 1).</summary>
    private const uint UnlimitedStreams = 2147483647;

    /// <summary>Null when Envoy's default (HTTP/1.1 without limits) is what is wanted.</summary>
    public static Options? OptionsFor(Protocol protocol, ClusterPolicy policy)
    {
        var choice = policy.Protocol switch
        {
            UpstreamProtocol.AsDownstream => UpstreamProtocol.AsDownstream,
            UpstreamProtocol.Http2 when protocol is Protocol.Http or Protocol.Auto => UpstreamProtocol.Http2,
            _ when protocol.IsHttp2() => UpstreamProtocol.Http2,
            _ when protocol == Protocol.Auto => UpstreamProtocol.AsDownstream,
            _ => UpstreamProtocol.ByPort,
        };
        var common = CommonOf(policy);
        if (choice == UpstreamProtocol.ByPort && common is null)
            return null;
        var options = new Options { CommonHttpProtocolOptions = common };
        switch (choice)
        {
            case UpstreamProtocol.AsDownstream:
                options.UseDownstreamProtocolConfig = new Options.Types.UseDownstreamHttpConfig
                {
                    HttpProtocolOptions = new Http1ProtocolOptions(),
                    Http2ProtocolOptions = Http2(policy),
                };
                break;
            case UpstreamProtocol.Http2:
                options.ExplicitHttpConfig = new Options.Types.ExplicitHttpConfig { Http2ProtocolOptions = Http2(policy) };
                break;
            default:
                options.ExplicitHttpConfig = new Options.Types.ExplicitHttpConfig { HttpProtocolOptions = new Http1ProtocolOptions() };
                break;
        }

        return options;
    }

    private static HttpProtocolOptions? CommonOf(ClusterPolicy policy)
    {
        if (policy.HttpIdleTimeout is null && policy.MaxConnectionDuration is null && policy.MaxRequestsPerConnection == 0)
            return null;
        var common = new HttpProtocolOptions();
        if (policy.HttpIdleTimeout is { } idle)
            common.IdleTimeout = Durations.Of(idle);
        if (policy.MaxConnectionDuration is { } limit)
            common.MaxConnectionDuration = Durations.Of(limit);
        if (policy.MaxRequestsPerConnection > 0)
            common.MaxRequestsPerConnection = policy.MaxRequestsPerConnection;
        return common;
    }

    private static Http2ProtocolOptions Http2(ClusterPolicy policy) => new()
    {
        MaxConcurrentStreams = policy.MaxConcurrentStreams > 0 ? policy.MaxConcurrentStreams : UnlimitedStreams,
    };
}
