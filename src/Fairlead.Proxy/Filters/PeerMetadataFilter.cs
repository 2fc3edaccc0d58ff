using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// Istio's peer metadata by headers (envoy.md 7): outbound sends ours with the request and takes the answer's away; inbound
/// takes the request's away and answers with ours when the request carried any.
/// </summary>
internal static class PeerMetadataFilter
{
    private static ReadOnlySpan<byte> Metadata => "x-envoy-peer-metadata"u8;

    private static ReadOnlySpan<byte> MetadataId => "x-envoy-peer-metadata-id"u8;

    public static void OnRequest(HttpStream stream, HttpFilterConfig.PeerMetadata config, ClusterConfig cluster, PeerTable peers)
    {
        var headers = stream.RequestHeaders;
        if (config.DiscoverDownstream)
        {
            stream.Info.Peer = peers.Read(headers);
            stream.PeerSentMetadata = headers.Remove(Metadata) | headers.Remove(MetadataId);
        }
        if (!config.PropagateUpstream || cluster.DisableMetadataExchange) return;
        if (config.SkipExternalClusters && (cluster.IsExternal || cluster.Name == "PassthroughCluster")) return;
        Set(headers, config);
    }

    public static void OnResponse(HttpStream stream, HttpFilterConfig.PeerMetadata config, PeerTable peers)
    {
        var headers = stream.ResponseHeaders;
        if (config.DiscoverUpstream)
        {
            stream.Info.Peer = peers.Read(headers);
            headers.Remove(Metadata);
            headers.Remove(MetadataId);
        }
        if (!config.PropagateDownstream || !stream.PeerSentMetadata) return;
        Set(headers, config);
    }

    private static void Set(HeaderBlock headers, HttpFilterConfig.PeerMetadata config)
    {
        if (headers.IndexOf(MetadataId, 0) >= 0 || headers.IndexOf(Metadata, 0) >= 0)
        {
            headers.Set(MetadataId, config.Id);
            headers.Set(Metadata, config.Value);
            return;
        }
        headers.Announce(0, MetadataId, config.Id.Length);
        headers.Announce(config.Lines.Length - HeaderBlock.LineLength(Metadata.Length, config.Value.Length), Metadata, config.Value.Length);
        headers.AddAnnounced(config.Lines);
    }
}
