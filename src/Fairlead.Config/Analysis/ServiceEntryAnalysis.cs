using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>FL0006, FL0010, FL0011: entries that reach further, or less far, than they look.</summary>
internal static class ServiceEntryAnalysis
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, entry) in model.Entries)
        {
            CapturesPort(sink, source, entry);
            Spoofable(model, sink, source, entry);
            Wildcard(sink, source, entry);
        }
    }

    // Allocated addresses are used only where the proxies capture DNS, which is off by default: they do not help here.
    private static void CapturesPort(FindingSink sink, KubeObject source, ServiceEntry entry)
    {
        for (var i = 0; i < entry.Ports.Count; i++)
        {
            if (entry.Hosts.Count == 0 || entry.Addresses.Count > 0 || !entry.Ports[i].Protocol.IsTcp())
                continue;
            sink.Warn(source, AnalysisCodes.CapturesPort, $"spec.ports[{i}]",
                $"port {entry.Ports[i].Number}/{entry.Ports[i].Protocol.Name()} has no address to recognise its traffic by: every connection to port {entry.Ports[i].Number}, to any destination, goes to {entry.Hosts[0]}",
                "add addresses, or write protocol TLS if the traffic is TLS: then SNI tells the hosts apart");
        }
    }

    private static void Spoofable(AnalysisModel model, FindingSink sink, KubeObject source, ServiceEntry entry)
    {
        if (model.Mesh.OutboundTrafficMode != OutboundTrafficMode.RegistryOnly || entry.Resolution != ServiceResolution.None || entry.Hosts.Count == 0)
            return;
        if (entry.Addresses.Count > 0 || !entry.Ports.Any(port => port.Protocol.IsHttp() || port.Protocol.IsTls()))
            return;
        sink.Warn(source, AnalysisCodes.SpoofableName, "spec.resolution",
            $"with resolution NONE the sidecar trusts the Host header or SNI: a client that says {entry.Hosts[0]} reaches any address, despite REGISTRY_ONLY",
            "use resolution DNS (DYNAMIC_DNS for a wildcard), so that the sidecar looks the name up itself");
    }

    private static void Wildcard(FindingSink sink, KubeObject source, ServiceEntry entry)
    {
        if (entry.Resolution is not (ServiceResolution.Dns or ServiceResolution.DnsRoundRobin) || entry.Endpoints.Count == 0)
            return;
        for (var i = 0; i < entry.Hosts.Count; i++)
        {
            if (entry.Hosts[i].IsWildcard)
                sink.Warn(source, AnalysisCodes.WildcardWithDns, $"spec.hosts[{i}]",
                    $"every name under {entry.Hosts[i]} goes to the same endpoints ({string.Join(", ", entry.Endpoints.Select(endpoint => endpoint.Address).Take(3))})",
                    "use resolution DYNAMIC_DNS to look each name up, or list the names");
        }
    }
}
