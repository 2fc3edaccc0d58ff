using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules 14 to 16, 20 and 28 of Istio's webhook: VirtualService, its TLS and TCP rules.</summary>
internal static class VirtualServiceValidation
{
    public static void Check(Report report, Field spec)
    {
        if (!spec.IsObject)
        {
            report.Required(spec, "give hosts and at least one rule");
            return;
        }
        var isDelegate = spec["hosts"].Count == 0;
        if (isDelegate)
            Delegate(report, spec);
        var mesh = Gateways(report, spec);
        if (!isDelegate)
            Hosts(report, spec, mesh);
        if (spec["http"].Count == 0 && spec["tcp"].Count == 0 && spec["tls"].Count == 0)
            report.Error(spec, "http, tcp or tls must be provided in virtual service", "add a rule under http, tls or tcp");
        foreach (var route in spec["http"].Items)
            HttpRouteValidation.Check(report, spec, route, isDelegate);
        foreach (var route in spec["tls"].Items)
            Tls(report, spec, route);
        foreach (var route in spec["tcp"].Items)
            Tcp(report, route);
        Rules.ExportTo(report, spec["exportTo"], noneAllowed: false);
        VirtualServiceReachability.Check(report, spec);
    }

    private static void Delegate(Report report, Field spec)
    {
        foreach (var name in (ReadOnlySpan<string>)["gateways", "tls", "tcp"])
        {
            if (spec[name].Count > 0)
                report.Error(spec[name], $"delegate virtual service (one without hosts) must not have {name}", $"add hosts, or remove {name}");
        }
    }

    private static bool Gateways(Report report, Field spec)
    {
        var mesh = spec["gateways"].Count == 0;
        foreach (var gateway in spec["gateways"].Items)
        {
            mesh |= gateway.Text == "mesh";
            GatewayName(report, gateway);
        }
        return mesh;
    }

    public static void GatewayName(Report report, Field gateway)
    {
        var text = gateway.Text;
        if (text == "mesh")
            return;
        var parts = text.Split('/');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0))
            report.Error(gateway, $"config namespace and gateway name cannot be empty: \"{text}\"", "write name or namespace/name");
        else if (parts.Length == 1 && text.Contains('.', StringComparison.Ordinal))
            report.Warn(gateway, $"using legacy gatewayName format \"{text}\"; prefer the <namespace>/<name> format", "write namespace/name");
        else if (!parts.All(part => DnsName.IsLabel(part) || DnsName.Fault(part) is null))
            report.Error(gateway, $"invalid gateway name \"{text}\"", "write name or namespace/name");
    }

    private static void Hosts(Report report, Field spec, bool mesh)
    {
        var seen = new List<(HostName Host, Field Field)>();
        foreach (var host in spec["hosts"].Items)
        {
            if (host.Text == "*" && mesh)
                report.Error(host, "wildcard host * is not allowed for virtual services bound to the mesh gateway", "name the hosts, for instance *.example.com");
            else if (!Rules.Host(report, host, addressAllowed: true))
                continue;
            var name = new HostName(host.Text).Normalized;
            foreach (var (other, _) in seen)
            {
                if (!name.Matches(other))
                    continue;
                report.Error(host, $"duplicate hosts in virtual service: {host.Text} overlaps {other}", "name each host once; a wildcard covers the names below it", "FieldValueDuplicate");
                break;
            }
            seen.Add((name, host));
        }
    }

    private static void Tls(Report report, Field spec, Field route)
    {
        if (!route.IsObject)
        {
            report.Error(route, "TLS route may not be null", "remove the item");
            return;
        }
        if (route["match"].Count == 0)
            report.Error(route["match"], "TLS route must have at least one match condition", "add match with sniHosts", "FieldValueRequired");
        foreach (var match in route["match"].Items)
        {
            if (match["sniHosts"].Count == 0)
                report.Error(match["sniHosts"], "TLS match must have at least one SNI host", "list the server names", "FieldValueRequired");
            foreach (var sni in match["sniHosts"].Items)
                SniHost(report, spec, sni);
            L4(report, match);
        }
        Destinations(report, route);
    }

    private static void SniHost(Report report, Field spec, Field sni)
    {
        if (Cidr.TryParseAddress(sni.Text, out _))
        {
            report.Warn(sni, $"using an IP address ({sni.Text}) goes against SNI spec and most clients do not support this", "write the server's name");
            return;
        }
        if (!Rules.Host(report, sni))
            return;
        var name = new HostName(sni.Text).Normalized;
        if (!spec["hosts"].Items.Any(host => name.IsSubsetOf(new HostName(host.Text).Normalized)))
            report.Error(sni, $"SNI host \"{sni.Text}\" is not a compatible subset of any of the virtual service domains: [{string.Join(", ", spec["hosts"].Items.Select(host => host.Text))}]", "add the name to spec.hosts, or correct it");
    }

    private static void Tcp(Report report, Field route)
    {
        if (!route.IsObject)
        {
            report.Error(route, "TCP route may not be null", "remove the item");
            return;
        }
        foreach (var match in route["match"].Items)
        {
            if (!match.IsObject)
                report.Error(match, "TCP match may not be null", "remove the item");
            else
                L4(report, match);
        }
        Destinations(report, route);
    }

    private static void L4(Report report, Field match)
    {
        foreach (var subnet in match["destinationSubnets"].Items)
            Rules.Cidr(report, subnet);
        if (match["port"].IsSet && match["port"].Integer is not 0)
            Rules.Port(report, match["port"]);
        Rules.Labels(report, match["sourceLabels"]);
        foreach (var gateway in match["gateways"].Items)
            GatewayName(report, gateway);
        if (match["sourceNamespace"].Text is { Length: > 0 } source && !DnsName.IsLabel(source))
            report.Error(match["sourceNamespace"], $"sourceNamespace value \"{source}\" is invalid", "write the name of a namespace");
    }

    private static void Destinations(Report report, Field route)
    {
        if (route["route"].Count == 0)
            report.Error(route["route"], "TCP or TLS route is required", "add a destination under route", "FieldValueRequired");
        Weighted(report, route["route"]);
    }

    /// <summary>Destinations with weights, of any protocol.</summary>
    public static void Weighted(Report report, Field routes)
    {
        var sum = 0L;
        foreach (var item in routes.Items)
        {
            if (!item.IsObject)
            {
                report.Error(item, "weight may not be null", "give a destination, or remove the item");
                continue;
            }
            Destination(report, item["destination"]);
            var weight = item["weight"].Integer ?? 0;
            if (weight < 0)
                report.Error(item["weight"], $"weight {weight} < 0", "write 0 or more");
            sum += Math.Max(0, weight);
        }
        if (routes.Count > 1 && sum == 0)
            report.Error(routes, "total destination weight = 0", "give at least one destination a weight");
    }

    public static void Destination(Report report, Field destination)
    {
        if (!destination.IsObject)
        {
            report.Error(destination, "destination may not be null", "give the destination's host", "FieldValueRequired");
            return;
        }
        var host = destination["host"];
        if (host.Text.Length == 0)
            report.Error(host, "destination host is required", "name a service", "FieldValueRequired");
        else if (host.Text == "*")
            report.Error(host, "invalid destination host *", "name a service");
        else
            Rules.Host(report, host, addressAllowed: true);
        if (destination["subset"].Text is { Length: > 0 } subset && !DnsName.IsLabel(subset))
            report.Error(destination["subset"], $"subset name is invalid: \"{subset}\"", "use lower-case letters, digits and '-'");
        Rules.PortSelector(report, destination["port"]);
    }
}
