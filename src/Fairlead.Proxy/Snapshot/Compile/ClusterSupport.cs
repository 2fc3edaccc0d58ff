using Envoy.Config.Cluster.V3;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>Refuses clusters whose traffic would go wrong without a feature that this proxy lacks.</summary>
internal static class ClusterSupport
{
    public static void Check(Cluster cluster, string path)
    {
        if (cluster.TransportSocket is { } socket && !IsPlaintext(socket))
        {
            throw new ConfigException(path + ".transport_socket", $"'{socket.Name}' is not supported: traffic would go out in plain text");
        }
        for (var i = 0; i < cluster.TransportSocketMatches.Count; i++)
        {
            var match = cluster.TransportSocketMatches[i];
            if (match.TransportSocket is { } matched && !IsPlaintext(matched))
            {
                throw new ConfigException($"{path}.transport_socket_matches[{i}]", $"'{matched.Name}' is not supported: traffic would go out in plain text");
            }
        }
        if (cluster.LbSubsetConfig is { SubsetSelectors.Count: > 0 })
        {
            throw new ConfigException(path + ".lb_subset_config", "subsets are not supported: requests would reach hosts outside the subset");
        }
        if (cluster.Http2ProtocolOptions is not null) throw new ConfigException(path + ".http2_protocol_options", "HTTP/2 to upstreams is not supported");
        if (cluster.LoadBalancingPolicy is not null)
        {
            throw new ConfigException(path + ".load_balancing_policy", "typed load balancing policies are not supported: use lb_policy");
        }
    }

    /// <summary>Raw buffer, also Istio's spelling of it.</summary>
    public static bool IsPlaintext(Envoy.Config.Core.V3.TransportSocket socket) =>
        socket.TypedConfig is null
            ? socket.Name is "raw_buffer" or "envoy.transport_sockets.raw_buffer"
            : Xds.Names.TypeUrl.MessageName(socket.TypedConfig.TypeUrl) == "envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer";
}
