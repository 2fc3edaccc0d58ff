using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules 36 to 38 of Istio's webhook: Sidecar.</summary>
internal static class SidecarValidation
{
    private static readonly string[] EndpointHosts = ["127.0.0.1", "0.0.0.0", "[::1]", "[::]", "::1", "::", ""];

    public static void Check(Report report, Field spec)
    {
        Rules.Selector(report, spec["workloadSelector"], "labels");
        if (spec["egress"].Count == 0 && spec["ingress"].Count == 0 && !spec["outboundTrafficPolicy"].IsSet && !spec["inboundConnectionPool"].IsSet)
            report.Error(spec, "sidecar: empty configuration provided", "add egress, ingress or outboundTrafficPolicy");
        var seen = new HashSet<long>();
        foreach (var listener in spec["ingress"].Items)
            Ingress(report, listener, seen);
        Egress(report, spec["egress"]);
        if (spec["inboundConnectionPool"].IsSet)
            DestinationRuleValidation.ConnectionPool(report, spec["inboundConnectionPool"]);
        Policy(report, spec["outboundTrafficPolicy"]);
    }

    private static void Ingress(Report report, Field listener, HashSet<long> seen)
    {
        if (!listener.IsObject || !listener["port"].IsSet)
        {
            report.Error(listener["port"], "sidecar: port is required for ingress listeners", "write port: {number: 8080, protocol: HTTP, name: http}", "FieldValueRequired");
            return;
        }
        var port = listener["port"];
        Rules.Port(report, port["number"]);
        if (port["number"].Integer is { } number && !seen.Add(number))
            report.Error(port["number"], $"sidecar: ports on IP bound listeners must be unique: {number}", "list each port once", "FieldValueDuplicate");
        if (port["targetPort"].Integer is > 0)
            report.Error(port["targetPort"], "sidecar: targetPort has no meaning here", "use defaultEndpoint");
        Protocol(report, port);
        DefaultEndpoint(report, listener["defaultEndpoint"]);
        Tls(report, listener);
        if (listener["connectionPool"].IsSet)
            DestinationRuleValidation.ConnectionPool(report, listener["connectionPool"]);
        if (listener["connectionPool"]["http"].IsSet && !Protocols.Parse(port["protocol"].Text).IsHttp())
            report.Warn(listener["connectionPool"]["http"], "sidecar: HTTP connection pool settings on a non-HTTP port have no effect", "use connectionPool.tcp");
    }

    private static void Protocol(Report report, Field port)
    {
        if (!Protocols.IsSupported(port["protocol"].Text))
            report.Error(port["protocol"], $"unsupported protocol: {port["protocol"].Text}", "write HTTP, HTTPS, GRPC, HTTP2, TCP, TLS, MONGO, REDIS or MYSQL");
    }

    private static void DefaultEndpoint(Report report, Field endpoint)
    {
        var text = endpoint.Text;
        if (text.Length == 0)
            return;
        if (text.StartsWith(WorkloadEntryValidation.Unix, StringComparison.Ordinal))
        {
            if (!text[WorkloadEntryValidation.Unix.Length..].StartsWith('/'))
                report.Error(endpoint, "sidecar: unix endpoint must be an absolute path", "write unix:///path");
            return;
        }
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !EndpointHosts.Contains(text[..colon]))
            report.Error(endpoint, "sidecar: defaultEndpoint must be of form 127.0.0.1:<port>, 0.0.0.0:<port>, [::1]:<port>, [::]:<port>, :<port>, or unix://filepath", "write 127.0.0.1:8080");
        else if (!int.TryParse(text[(colon + 1)..], out var port) || !Port.IsValid(port))
            report.Error(endpoint, $"sidecar: defaultEndpoint port ({text[(colon + 1)..]}) is not a number from 1 to 65535", "write 127.0.0.1:8080");
    }

    private static void Tls(Report report, Field listener)
    {
        var tls = listener["tls"];
        if (!tls.IsSet)
            return;
        if (tls["mode"].Text is "ISTIO_MUTUAL" or "AUTO_PASSTHROUGH")
            report.Error(tls["mode"], $"tls mode {tls["mode"].Text} is not allowed in a sidecar's ingress", "write SIMPLE or MUTUAL");
        foreach (var name in (ReadOnlySpan<string>)["credentialName", "credentialNames", "subjectAltNames", "httpsRedirect", "tlsCertificates"])
        {
            if (tls[name].IsSet && (tls[name].Text.Length > 0 || tls[name].Count > 0 || tls[name].IsTrue))
                report.Error(tls[name], $"{name} is not allowed in a sidecar's ingress", $"remove {name}");
        }
        if (!Protocols.Parse(listener["port"]["protocol"].Text).IsTls())
            report.Error(listener["port"]["protocol"], "tls needs a port of protocol HTTPS or TLS", "write protocol: HTTPS");
    }

    private static void Egress(Report report, Field egress)
    {
        var ports = new HashSet<long>();
        var index = 0;
        foreach (var listener in egress.Items)
        {
            index++;
            if (listener["port"].IsSet)
                EgressPort(report, listener, ports);
            else if (index < egress.Count)
                report.Error(listener, "sidecar: the egress listener without a port should be the last listener in the list", "move it to the end, and keep only one");
            if (listener["hosts"].Count == 0)
                report.Error(listener["hosts"], "sidecar: egress listener must contain at least one host", "write \"./*\" or \"*/*\"", "FieldValueRequired");
            Hosts(report, listener["hosts"]);
        }
    }

    private static void EgressPort(Report report, Field listener, HashSet<long> ports)
    {
        var port = listener["port"];
        var number = port["number"].Integer ?? 0;
        var isSocket = listener["bind"].Text.StartsWith(WorkloadEntryValidation.Unix, StringComparison.Ordinal);
        if (number == 0 && !isSocket)
            report.Error(port["number"], "sidecar: egress listener port must be set unless bind is a unix socket", "write a port number");
        else if (number != 0)
            Rules.Port(report, port["number"]);
        if (isSocket && listener["captureMode"].Text is not ("" or "DEFAULT" or "NONE"))
            report.Error(listener["captureMode"], "sidecar: captureMode must be DEFAULT/NONE for unix domain socket listeners", "remove captureMode");
        if (number != 0 && !ports.Add(number))
            report.Error(port["number"], $"sidecar: ports on IP bound listeners must be unique: {number}", "list each port once", "FieldValueDuplicate");
        Protocol(report, port);
    }

    private static void Hosts(Report report, Field hosts)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var host in hosts.Items)
        {
            var parts = host.Text.Split('/');
            if (!seen.Add(host.Text))
                report.Warn(host, $"duplicate host {host.Text}", "list each host once");
            if (parts.Length != 2 || parts.Any(part => part.Length == 0))
            {
                report.Error(host, $"config host {host.Text} must be of form namespace/dnsName", "write ./host, */host or namespace/host");
                continue;
            }
            Host(report, host, parts[0], parts[1]);
        }
        if (hosts.Count > 1 && hosts.Items.Any(host => host.Text == "*/*") && !hosts.Items.Any(host => host.Text.StartsWith('~')))
            report.Warn(hosts, "hosts besides */* are not needed: it imports everything", "keep \"*/*\" alone, or remove it");
    }

    private static void Host(Report report, Field host, string space, string name)
    {
        var scope = space.StartsWith('~') && space.Length > 1 ? space[1..] : space;
        if (scope is not ("*" or "." or "~") && !DnsName.IsLabel(scope))
            report.Error(host, $"sidecar: invalid namespace value {space}", "write a namespace, \".\", \"*\" or \"~\"");
        if (name == "*")
            return;
        if (DnsName.IsPartialWildcard(name))
            report.Error(host, $"sidecar: partial wildcard \"{name}\" is not allowed", "write *.example.com");
        else if (!name.Contains('.', StringComparison.Ordinal) && DnsName.IsLabel(name))
            report.Error(host, $"sidecar: short names are not allowed: {name}", $"write the full name, {name}.<namespace>.svc.cluster.local");
        else
            Rules.Host(report, host with { Node = System.Text.Json.Nodes.JsonValue.Create(name) });
    }

    private static void Policy(Report report, Field policy)
    {
        if (!policy.IsSet)
            return;
        if (policy["mode"].Text == "ALLOW_ANY_DYNAMIC_DNS")
            report.Error(policy["mode"], "sidecar: ALLOW_ANY_DYNAMIC_DNS is supported in the mesh's settings only", "write ALLOW_ANY or REGISTRY_ONLY");
        var proxy = policy["egressProxy"];
        if (!proxy.IsSet)
            return;
        if (policy["mode"].Text != "ALLOW_ANY")
            report.Error(proxy, "sidecar: egress_proxy must be set only with ALLOW_ANY outbound_traffic_policy mode", "write mode: ALLOW_ANY");
        if (DnsName.Fault(proxy["host"].Text) is not null || !proxy["host"].Text.Contains('.', StringComparison.Ordinal))
            report.Error(proxy["host"], DnsName.Fault(proxy["host"].Text) ?? "sidecar: egress proxy host must be a fully qualified name", "write name.namespace.svc.cluster.local");
        if (!proxy["port"].IsSet)
            report.Error(proxy["port"], "sidecar: egress proxy must have a port", "write port: {number: ...}", "FieldValueRequired");
        else
            Rules.PortSelector(report, proxy["port"]);
    }
}
