using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>The part of the ServiceEntry rules that depends on <c>resolution</c> (7 to 10 and 13).</summary>
internal static class ServiceEntryResolution
{
    public static void Check(Report report, Field spec, string resolution)
    {
        switch (resolution)
        {
            case "NONE":
                None(report, spec);
                break;
            case "STATIC":
                Static(report, spec);
                break;
            case "DNS" or "DNS_ROUND_ROBIN":
                Dns(report, spec, resolution);
                break;
            case "DYNAMIC_DNS":
                DynamicDns(report, spec);
                break;
            default:
                report.Error(spec["resolution"], $"unsupported resolution type {resolution}", "write NONE, STATIC, DNS, DNS_ROUND_ROBIN or DYNAMIC_DNS", "FieldValueNotSupported");
                break;
        }
    }

    private static void None(Report report, Field spec)
    {
        if (spec["endpoints"].Count > 0)
            report.Error(spec["endpoints"], "no endpoints should be provided for resolution type none", "remove endpoints, or use resolution STATIC or DNS");
        if (spec["workloadSelector"].IsSet)
            report.Warn(spec["workloadSelector"], "workloadSelector should not be set when resolution mode is NONE", "use resolution STATIC");
    }

    private static void Static(Report report, Field spec)
    {
        foreach (var endpoint in spec["endpoints"].Items)
        {
            WorkloadEntryValidation.Endpoint(report, endpoint, nameAllowed: false);
            if (endpoint["address"].Text.StartsWith(WorkloadEntryValidation.Unix, StringComparison.Ordinal) && spec["ports"].Count != 1)
                report.Error(endpoint["address"], "exactly 1 service port required for unix endpoints", "give the entry one port");
            EndpointPorts(report, spec, endpoint);
        }
    }

    private static void Dns(Report report, Field spec, string resolution)
    {
        if (spec["endpoints"].Count == 0 && !spec["workloadSelector"].IsSet)
        {
            foreach (var host in spec["hosts"].Items)
            {
                if (DnsName.Fault(host.Text) is not null && host.Text != "*")
                    report.Error(host, $"hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode {resolution}",
                        "a wildcard cannot be looked up: list the names, give endpoints, or use resolution DYNAMIC_DNS or NONE");
            }
        }
        if (resolution == "DNS_ROUND_ROBIN" && spec["endpoints"].Count > 1)
            report.Error(spec["endpoints"], "there must only be 0 or 1 endpoint for resolution mode DNS_ROUND_ROBIN", "keep one endpoint, or use resolution DNS");
        foreach (var endpoint in spec["endpoints"].Items)
        {
            WorkloadEntryValidation.Endpoint(report, endpoint, nameAllowed: true);
            EndpointPorts(report, spec, endpoint);
        }
        if (spec["hosts"].Count > 1 && spec["addresses"].Count > 0 && spec["ports"].Items.Any(port => Protocols.Parse(port["protocol"].Text).IsTcp()))
            report.Warn(spec["addresses"], "all hosts of the entry share its addresses: TCP traffic to them cannot be told apart", "write one entry per host, each with its own address");
    }

    private static void DynamicDns(Report report, Field spec)
    {
        foreach (var host in spec["hosts"].Items)
        {
            if (!host.Text.StartsWith('*'))
                report.Error(host, "hosts must be wildcard for resolution mode DYNAMIC_DNS", "use resolution DNS for a whole name");
        }
        foreach (var name in (ReadOnlySpan<string>)["addresses", "endpoints"])
        {
            if (spec[name].Count > 0)
                report.Error(spec[name], $"{name} must not be set for resolution mode DYNAMIC_DNS", $"remove {name}: every name is looked up as it is called");
        }
        foreach (var port in spec["ports"].Items)
        {
            if (Protocols.Parse(port["protocol"].Text) is not (Protocol.Http or Protocol.Tls or Protocol.Grpc or Protocol.Http2))
                report.Error(port["protocol"], "only HTTP, TLS, GRPC and HTTP2 are supported for resolution mode DYNAMIC_DNS", "write TLS for encrypted traffic, HTTP for plain");
        }
        if (spec["location"].Text == "MESH_INTERNAL" && report.Target.Labels.ContainsKey("istio.io/use-waypoint"))
            report.Error(spec["location"], "DYNAMIC_DNS with a waypoint needs location MESH_EXTERNAL", "write MESH_EXTERNAL");
    }

    private static void EndpointPorts(Report report, Field spec, Field endpoint)
    {
        var names = spec["ports"].Items.Select(port => port["name"].Text).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, value) in endpoint["ports"].Entries)
        {
            if (!names.Contains(name))
                report.Error(value, $"endpoint port {name} is not defined by the service entry", $"use a port name of the entry: {string.Join(", ", names)}");
        }
    }
}
