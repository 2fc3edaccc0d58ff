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

    private readonly string _workload;
    private readonly string _namespace;
    private readonly string _canonicalService;
    private readonly string _canonicalRevision;
    private readonly string _app;
    private readonly string _version;
    private readonly string _cluster;

    public IstioLabels(Struct? nodeMetadata)
    {
        var labels = nodeMetadata?.Fields.GetValueOrDefault("LABELS")?.StructValue;
        _workload = Text(nodeMetadata, "WORKLOAD_NAME", Unknown);
        _namespace = Text(nodeMetadata, "NAMESPACE", Unknown);
        _canonicalService = Text(labels, "service.istio.io/canonical-name", _workload);
        _canonicalRevision = Text(labels, "service.istio.io/canonical-revision", "latest");
        _app = Text(labels, "app", Unknown);
        _version = Text(labels, "version", Unknown);
        _cluster = Text(nodeMetadata, "CLUSTER_ID", Unknown);
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
    public StatTag[] Of(StreamInfo info, bool isInbound, string host)
    {
        var isTcp = info.Protocol == StreamProtocol.None;
        var service = (info.Cluster as ClusterSnapshot)?.Config.Service;
        var serviceName = IsBlocked(info) ? BlackHole : IsAllowedUnknown(info) ? Passthrough : service?.Name ?? Unknown;
        var destination = service?.Host ?? (host.Length > 0 ? host : Unknown);
        List<StatTag> tags = [new("reporter", isInbound ? "destination" : "source")];
        AddSource(tags, isInbound);
        AddDestination(tags, isInbound, destination, serviceName, service?.Namespace ?? Unknown);
        tags.Add(new("request_protocol", isTcp ? "tcp" : "http"));
        if (!isTcp)
        {
            tags.Add(new("response_code", info.ResponseCode.ToString()));
            tags.Add(new("grpc_response_status", string.Empty));
        }
        tags.Add(new("response_flags", Flags(info)));
        tags.Add(new("connection_security_policy", isInbound ? "none" : Unknown));
        return [.. tags];
    }

    private static string Text(Struct? value, string key, string fallback) =>
        value is not null && value.Fields.TryGetValue(key, out var text) && text.StringValue.Length > 0 ? text.StringValue : fallback;

    private static string Flags(StreamInfo info)
    {
        if (info.Flags.IsEmpty) return "-";
        return string.Join(',', Enumerable.Range(0, info.Flags.Count).Select(i => Encoding.ASCII.GetString(ResponseFlagNames.Short(info.Flags[i]))));
    }

    private void AddSource(List<StatTag> tags, bool isInbound)
    {
        tags.Add(new("source_workload", isInbound ? Unknown : _workload));
        tags.Add(new("source_canonical_service", isInbound ? Unknown : _canonicalService));
        tags.Add(new("source_canonical_revision", isInbound ? "latest" : _canonicalRevision));
        tags.Add(new("source_workload_namespace", isInbound ? Unknown : _namespace));
        tags.Add(new("source_principal", Unknown));
        tags.Add(new("source_app", isInbound ? Unknown : _app));
        tags.Add(new("source_version", isInbound ? Unknown : _version));
        tags.Add(new("source_cluster", isInbound ? Unknown : _cluster));
    }

    private void AddDestination(List<StatTag> tags, bool isInbound, string service, string serviceName, string serviceNamespace)
    {
        tags.Add(new("destination_workload", isInbound ? _workload : Unknown));
        tags.Add(new("destination_workload_namespace", isInbound ? _namespace : Unknown));
        tags.Add(new("destination_principal", Unknown));
        tags.Add(new("destination_app", isInbound ? _app : Unknown));
        tags.Add(new("destination_version", isInbound ? _version : Unknown));
        tags.Add(new("destination_service", service));
        tags.Add(new("destination_canonical_service", isInbound ? _canonicalService : Unknown));
        tags.Add(new("destination_canonical_revision", isInbound ? _canonicalRevision : "latest"));
        tags.Add(new("destination_service_name", serviceName));
        tags.Add(new("destination_service_namespace", isInbound ? _namespace : serviceNamespace));
        tags.Add(new("destination_cluster", isInbound ? _cluster : Unknown));
    }
}
