using Fairlead.Config.Kinds;

namespace Fairlead.Capture;

/// <summary>A pod's annotations → settings, by Istio's names and defaults (annotation reference, <c>traffic.sidecar.istio.io/*</c>).</summary>
public static class CaptureAnnotations
{
    private const string Prefix = "traffic.sidecar.istio.io/";

    public static CaptureReading Read(KubeObject pod)
    {
        var lists = new SettingLists();
        var annotations = pod.Annotations;
        string Text(string name, string fallback) => annotations.TryGetValue(Prefix + name, out var value) ? value : fallback;

        var mode = annotations.TryGetValue("sidecar.istio.io/interceptionMode", out var asked) ? asked : "REDIRECT";
        if (mode is not ("REDIRECT" or "NONE"))
            lists.Faults.Add($"sidecar.istio.io/interceptionMode: '{mode}' is not supported; REDIRECT is used (write REDIRECT or NONE)");
        var reroute = annotations.TryGetValue("istio.io/reroute-virtual-interfaces", out var interfaces) ? interfaces : Text("kubevirtInterfaces", "");
        var excludedInbound = lists.Ports(Prefix + "excludeInboundPorts", Text("excludeInboundPorts", ""));
        var statusPort = annotations.TryGetValue("status.sidecar.istio.io/port", out var status)
            ? lists.Ports("status.sidecar.istio.io/port", status)
            : [];
        var options = new CaptureOptions
        {
            IncludeInboundPorts = mode == "NONE" ? [] : lists.PortsOrAll(Prefix + "includeInboundPorts", Text("includeInboundPorts", "*")),
            ExcludeInboundPorts = [.. CaptureOptions.AlwaysExcludedInboundPorts.Concat(statusPort).Concat(excludedInbound).Distinct()],
            IncludeOutboundRanges = mode == "NONE" ? [] : lists.RangesOrAll(Prefix + "includeOutboundIPRanges", Text("includeOutboundIPRanges", "*")),
            ExcludeOutboundRanges = lists.Ranges(Prefix + "excludeOutboundIPRanges", Text("excludeOutboundIPRanges", "")),
            IncludeOutboundPorts = mode == "NONE" ? [] : lists.Ports(Prefix + "includeOutboundPorts", Text("includeOutboundPorts", "")),
            ExcludeOutboundPorts = lists.Ports(Prefix + "excludeOutboundPorts", Text("excludeOutboundPorts", "")),
            ExcludeInterfaces = lists.Interfaces(Prefix + "excludeInterfaces", Text("excludeInterfaces", "")),
            RerouteInterfaces = lists.Interfaces("istio.io/reroute-virtual-interfaces", reroute),
        };
        return new CaptureReading(options, lists.Faults);
    }
}
