using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.ControlPlane.Translate.Listeners;

/// <summary>Istio's own filters: the exchange of peer metadata and the standard metrics.</summary>
internal static class IstioFilters
{
    private const string PeerMetadata = "io.istio.http.peer_metadata.Config";
    private const string Stats = "stats.PluginConfig";

    /// <summary>Tells the server who calls (two headers) and reads who answered.</summary>
    /// <param name="meshOnly">Destinations outside of the mesh are not told.</param>
    public static HttpFilter PeerMetadataOutbound(bool meshOnly) => new()
    {
        Name = "istio.metadata_exchange",
        TypedConfig = TypedConfig.TypedStruct(PeerMetadata, TypedConfig.Struct(
            ("upstream_discovery", TypedConfig.List(Headers(), WorkloadDiscovery())),
            ("upstream_propagation", TypedConfig.List(meshOnly
                ? TypedConfig.Struct(("istio_headers", Value.ForStruct(TypedConfig.Struct(("skip_external_clusters", Value.ForBool(true))))))
                : Headers())))),
    };

    /// <summary>Reads who calls and answers who serves, when the caller said who it is.</summary>
    public static HttpFilter PeerMetadataInbound() => new()
    {
        Name = "istio.metadata_exchange",
        TypedConfig = TypedConfig.TypedStruct(PeerMetadata, TypedConfig.Struct(
            ("downstream_discovery", TypedConfig.List(Headers(), WorkloadDiscovery())),
            ("downstream_propagation", TypedConfig.List(Headers())))),
    };

    /// <summary>Standard metrics of requests. A server does not take the destination's name from the Host header.</summary>
    public static HttpFilter HttpStats(bool inbound) => new()
    {
        Name = "istio.stats",
        TypedConfig = TypedConfig.TypedStruct(Stats, inbound
            ? TypedConfig.Struct(("disable_host_header_fallback", Value.ForBool(true)))
            : new Struct()),
    };

    /// <summary>Standard metrics of connections.</summary>
    public static Filter NetworkStats() => new()
    {
        Name = "istio.stats",
        TypedConfig = TypedConfig.TypedStruct(Stats, new Struct()),
    };

    private static Struct Headers() => TypedConfig.Struct(("istio_headers", Value.ForStruct(new Struct())));

    private static Struct WorkloadDiscovery() => TypedConfig.Struct(("workload_discovery", Value.ForStruct(new Struct())));
}
