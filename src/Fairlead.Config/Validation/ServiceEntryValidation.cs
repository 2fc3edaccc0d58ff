using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules 1 to 13 of Istio's webhook: ServiceEntry.</summary>
internal static class ServiceEntryValidation
{
    public const string AutoAllocateLabel = "networking.istio.io/enable-autoallocate-ip";

    public static void Check(Report report, Field spec)
    {
        if (!spec.IsObject)
        {
            report.Required(spec, "give the entry's hosts and ports");
            return;
        }
        var resolution = spec["resolution"].Text is { Length: > 0 } text ? text : "NONE";
        Rules.Selector(report, spec["workloadSelector"], "labels");
        if (spec["workloadSelector"].IsSet && spec["endpoints"].Count > 0)
            report.Error(spec["endpoints"], "only one of WorkloadSelector or Endpoints is allowed in Service Entry", "remove endpoints or workloadSelector");
        Hosts(report, spec, resolution);
        Addresses(report, spec, resolution);
        Ports(report, spec);
        ServiceEntryResolution.Check(report, spec, resolution);
        SeveralHosts(report, spec, resolution);
        Rules.ExportTo(report, spec["exportTo"], noneAllowed: true);
    }

    private static void Hosts(Report report, Field spec, string resolution)
    {
        if (spec["hosts"].Count == 0)
            report.Error(spec["hosts"], "service entry must have at least one host", "list the names by which the service is called", "FieldValueRequired");
        foreach (var host in spec["hosts"].Items)
        {
            if (host.Text == "*")
                report.Error(host, "invalid host *", "name the service, for instance *.example.com");
            else if (DnsName.IsPartialWildcard(host.Text) && resolution != "DYNAMIC_DNS")
                report.Warn(host, $"partial wildcard \"{host.Text}\" matches more than whole labels", $"write \"*.{host.Text.TrimStart('*', '-')}\" if names below it are meant");
            else
                Rules.Host(report, host);
        }
    }

    private static void Addresses(Report report, Field spec, string resolution)
    {
        foreach (var address in spec["addresses"].Items)
        {
            var text = address.Text;
            if (!Cidr.TryParse(text, out var block))
                report.Error(address, text.Contains('/', StringComparison.Ordinal) ? $"{text} is not a valid CIDR block" : $"{text} is not a valid IP", "write an address such as 203.0.113.7 or a block such as 203.0.113.0/24");
            else if (!block.IsSingle && resolution is not ("NONE" or "STATIC"))
                report.Error(address, "CIDR addresses are allowed only for NONE/STATIC resolution types", "write single addresses, or use resolution NONE or STATIC");
        }
    }

    private static void Ports(Report report, Field spec)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<long>();
        foreach (var port in spec["ports"].Items)
        {
            if (!port.IsObject)
            {
                report.Error(port, "service entry port may not be null", "give number, name and protocol, or remove the item");
                continue;
            }
            if (!names.Add(port["name"].Text))
                report.Error(port["name"], $"service entry port name \"{port["name"].Text}\" already defined", "give each port its own name", "FieldValueDuplicate");
            if (port["number"].Integer is { } number && !numbers.Add(number))
                report.Error(port["number"], $"service entry port {number} already defined", "list each port once", "FieldValueDuplicate");
            if (!DnsName.IsLabel(port["name"].Text.ToLowerInvariant()))
                report.Error(port["name"], $"invalid port name: \"{port["name"].Text}\"", "use letters, digits and '-', for instance http");
            if (!Protocols.IsSupported(port["protocol"].Text))
                report.Error(port["protocol"], $"unsupported protocol: {port["protocol"].Text}", "write HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, TCP, TLS, MONGO, REDIS, MYSQL or UDP");
            Rules.Port(report, port["number"]);
            if (port["targetPort"].IsSet)
                Rules.Port(report, port["targetPort"]);
            TcpWithoutAddress(report, spec, port);
        }
    }

    private static void TcpWithoutAddress(Report report, Field spec, Field port)
    {
        var protocol = Protocols.Parse(port["protocol"].Text);
        var allocated = report.Target.Labels.GetValueOrDefault(AutoAllocateLabel, "true") != "false" && spec["resolution"].Text is not ("" or "NONE");
        if (spec["addresses"].Count > 0 || allocated || !(protocol.IsTcp() || protocol == Protocol.Auto))
            return;
        report.Warn(port, "addresses are required for ports serving TCP (or unset) protocol when ip auto allocation is not enabled",
            "add addresses: without them the entry captures every connection to this port, whatever its destination", Codes.ServiceEntryAddressesRequired);
    }

    private static void SeveralHosts(Report report, Field spec, string resolution)
    {
        if (spec["hosts"].Count <= 1 || resolution == "NONE")
            return;
        foreach (var port in spec["ports"].Items)
        {
            var protocol = Protocols.Parse(port["protocol"].Text);
            if (!protocol.IsHttp() && !protocol.IsTls() && port["protocol"].Text.Length > 0 && protocol != Protocol.Auto)
                report.Error(port["protocol"], $"multiple hosts provided with non-HTTP, non-TLS ports", "write one entry per host: opaque connections carry no name to tell them apart");
        }
    }
}
