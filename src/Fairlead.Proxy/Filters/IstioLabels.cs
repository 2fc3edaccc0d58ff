using System.Globalization;
using System.Text;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Filters;

/// <summary>The labels of Istio's standard metrics, in their order (envoy.md 6.3; istio_stats.cc). Unknown values are "unknown".</summary>
internal sealed class IstioLabels
{
    private const string Unknown = "unknown";
    private const string Passthrough = "PassthroughCluster";
    private const string BlackHole = "BlackHoleCluster";

    private static readonly PeerWorkload Nobody = new(0, string.Empty, string.Empty, string.Empty, string.Empty, string.Empty);

    private readonly PeerWorkload _own;

    public IstioLabels(Struct? nodeMetadata)
    {
        var labels = nodeMetadata?.Fields.GetValueOrDefault("LABELS")?.StructValue;
        var workload = Text(nodeMetadata, "WORKLOAD_NAME");
        var canonical = Text(labels, "service.istio.io/canonical-name");
        _own = new PeerWorkload(
            0, workload, Text(nodeMetadata, "NAMESPACE"), canonical.Length > 0 ? canonical : workload, Text(labels, "service.istio.io/canonical-revision"),
            Text(nodeMetadata, "CLUSTER_ID"), Text(labels, "app"), Text(labels, "version"));
    }

    /// <summary>Refused because no configuration names the destination.</summary>
    public static bool IsBlocked(StreamInfo info) =>
        info.RouteName.AsSpan().SequenceEqual("block_all"u8) || info.UpstreamClusterName.AsSpan().SequenceEqual("BlackHoleCluster"u8);

    /// <summary>Passed on although no configuration names the destination.</summary>
    public static bool IsAllowedUnknown(StreamInfo info) =>
        info.RouteName.AsSpan().SequenceEqual("allow_any"u8) || info.UpstreamClusterName.AsSpan().SequenceEqual("PassthroughCluster"u8);

    /// <param name="info">The finished stream.</param>
    /// <param name="isInbound">We are the destination.</param>
    /// <param name="host">Host header; empty = not to be used.</param>
    /// <param name="peer">The workload at the other end; null = unknown.</param>
    public StatTag[] Of(StreamInfo info, bool isInbound, string host, PeerWorkload? peer)
    {
        var isTcp = info.Protocol == StreamProtocol.None;
        var service = (info.Cluster as ClusterSnapshot)?.Config.Service;
        var serviceName = IsBlocked(info) ? BlackHole : IsAllowedUnknown(info) ? Passthrough : service?.Name ?? Unknown;
        var destination = service?.Host ?? (host.Length > 0 ? host : Unknown);
        List<StatTag> tags = [new("reporter", isInbound ? "destination" : "source")];
        var (own, other) = (_own, peer ?? Nobody);
        AddSource(tags, isInbound ? other : own);
        AddDestination(tags, isInbound ? own : other, destination, serviceName, isInbound ? own.Namespace : service?.Namespace ?? other.Namespace);
        var isGrpc = GrpcStatus.TryGet(info, out var status);
        tags.Add(new("request_protocol", isTcp ? "tcp" : isGrpc ? "grpc" : "http"));
        if (!isTcp)
        {
            tags.Add(new("response_code", info.ResponseCode.ToString(CultureInfo.InvariantCulture)));
            tags.Add(new("grpc_response_status", isGrpc ? status.ToString(CultureInfo.InvariantCulture) : string.Empty));
        }
        tags.Add(new("response_flags", Flags(info)));
        tags.Add(new("connection_security_policy", isInbound ? "none" : Unknown));
        return [.. tags];
    }

    private static string Text(Struct? value, string key) => value?.Fields.GetValueOrDefault(key)?.StringValue ?? string.Empty;

    private static string Flags(StreamInfo info)
    {
        if (info.Flags.IsEmpty) return "-";
        return string.Join(',', Enumerable.Range(0, info.Flags.Count).Select(i => Encoding.ASCII.GetString(ResponseFlagNames.Short(info.Flags[i]))));
    }

    private static void AddSource(List<StatTag> tags, PeerWorkload source)
    {
        tags.Add(new("source_workload", Known(source.Name)));
        tags.Add(new("source_canonical_service", Known(source.CanonicalService)));
        tags.Add(new("source_canonical_revision", Revision(source)));
        tags.Add(new("source_workload_namespace", Known(source.Namespace)));
        tags.Add(new("source_principal", Unknown));
        tags.Add(new("source_app", Known(source.App)));
        tags.Add(new("source_version", Known(source.Version)));
        tags.Add(new("source_cluster", Known(source.Cluster)));
    }

    private static void AddDestination(List<StatTag> tags, PeerWorkload destination, string service, string serviceName, string serviceNamespace)
    {
        tags.Add(new("destination_workload", Known(destination.Name)));
        tags.Add(new("destination_workload_namespace", Known(destination.Namespace)));
        tags.Add(new("destination_principal", Unknown));
        tags.Add(new("destination_app", Known(destination.App)));
        tags.Add(new("destination_version", Known(destination.Version)));
        tags.Add(new("destination_service", service));
        tags.Add(new("destination_canonical_service", Known(destination.CanonicalService)));
        tags.Add(new("destination_canonical_revision", Revision(destination)));
        tags.Add(new("destination_service_name", serviceName));
        tags.Add(new("destination_service_namespace", Known(serviceNamespace)));
        tags.Add(new("destination_cluster", Known(destination.Cluster)));
    }

    private static string Known(string text) => text.Length > 0 ? text : Unknown;

    private static string Revision(PeerWorkload workload) => workload.CanonicalRevision.Length > 0 ? workload.CanonicalRevision : "latest";
}
