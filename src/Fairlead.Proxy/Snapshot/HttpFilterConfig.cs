namespace Fairlead.Proxy.Snapshot;

/// <summary>One HTTP filter of a connection manager. The list of derived types is closed; others are refused, or skipped when optional.</summary>
internal abstract class HttpFilterConfig
{
    /// <summary>The filter's name in the chain, the key of typed_per_filter_config.</summary>
    public required string Name { get; init; }

    public sealed class Router : HttpFilterConfig
    {
        /// <summary>Neither x-envoy-upstream-service-time nor x-envoy-expected-rq-timeout-ms nor x-envoy-attempt-count's kin are written.</summary>
        public bool SuppressEnvoyHeaders { get; init; }

        /// <summary>x-envoy-expected-rq-timeout-ms, which an egress proxy in front has set, is the timeout.</summary>
        public bool RespectExpectedRequestTimeout { get; init; }

        /// <summary>Names of x-envoy headers whose values must be valid, lower case, as text and as bytes.</summary>
        public IReadOnlyList<(string Name, byte[] Utf8)> StrictCheckHeaders { get; init; } = [];
    }

    /// <summary>Istio's peer metadata (envoy.md, X-Envoy-Peer-Metadata): send, read and remove the two headers.</summary>
    public sealed class PeerMetadata : HttpFilterConfig
    {
        private byte[]? _lines;

        /// <summary>Base64 of the node's metadata; the value of x-envoy-peer-metadata.</summary>
        public required byte[] Value { get; init; }

        /// <summary>The node's id; the value of x-envoy-peer-metadata-id.</summary>
        public required byte[] Id { get; init; }

        /// <summary>Both fields as they are sent, the id first.</summary>
        public byte[] Lines => _lines ??= [.. "x-envoy-peer-metadata-id: "u8, .. Id, .. "\r\nx-envoy-peer-metadata: "u8, .. Value, .. "\r\n"u8];

        public bool PropagateUpstream { get; init; }

        public bool PropagateDownstream { get; init; }

        public bool DiscoverUpstream { get; init; }

        public bool DiscoverDownstream { get; init; }

        public bool SkipExternalClusters { get; init; }
    }

    /// <summary>Istio's standard metrics.</summary>
    public sealed class IstioStats : HttpFilterConfig
    {
        public required IstioStatsOptions Options { get; init; }
    }

    /// <summary>
    /// A filter whose work is nothing on the traffic this proxy carries: grpc_stats, istio.alpn and cors (no policy on any
    /// route). Kept so that dumps show it.
    /// </summary>
    public sealed class Inert : HttpFilterConfig;
}
