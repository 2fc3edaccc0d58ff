using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Fairlead.Node.Network;

/// <summary>
/// Services and their endpoints → the node's one nftables table: a ClusterIP is translated to one of its ready endpoints, drawn at random per
/// connection; without any, the connection is refused, as kube-proxy does.
/// </summary>
internal static class ServiceRules
{
    /// <summary>Endpoints per service port that are drawn from; nftables maps take more, a person's laptop has fewer.</summary>
    private const int EndpointLimit = 1000;

    /// <summary>The DNS service needs no endpoint object: the node's own server is always behind it.</summary>
    private static string Names => string.Concat(ProtocolNames.Select(protocol => $"    ip daddr {NetworkPlan.DnsServiceAddress} {protocol} dport 53 dnat ip to {NetworkPlan.NodeAddress}:53\n"));

    private static readonly string[] ProtocolNames = ["udp", "tcp"];

    public static string Render(ServiceCatalog catalog, string baseRules)
    {
        var translations = new StringBuilder();
        var refusals = new StringBuilder();
        foreach (var service in catalog.Services.Values.Where(service => IsIPv4(service.ClusterIp)))
        {
            foreach (var port in service.Ports.Where(port => port.Protocol is "TCP" or "UDP"))
            {
                var match = $"ip daddr {service.ClusterIp} {port.Protocol.ToLowerInvariant()} dport {port.Port}";
                var targets = Targets(catalog, service, port);
                if (targets.Count == 0)
                    refusals.Append($"    {match} reject{(port.Protocol == "TCP" ? " with tcp reset" : "")} comment \"{service.Namespace}/{service.Name} has no endpoints\"\n");
                else if (targets.Count == 1)
                    translations.Append($"    {match} dnat ip to {targets[0]}\n");
                else
                    translations.Append($"    {match} dnat ip to numgen random mod {targets.Count} map {{ {string.Join(", ", targets.Select((target, i) => $"{i} : {target.Replace(":", " . ", StringComparison.Ordinal)}"))} }}\n");
            }
        }
        return $"table inet {NetworkPlan.Table} {{\n}}\ndelete table inet {NetworkPlan.Table}\n"
            + $"table inet {NetworkPlan.Table} {{\n"
            + $"  chain services {{\n{translations}  }}\n"
            + $"  chain refused {{\n{refusals}  }}\n"
            + "  chain prerouting {\n    type nat hook prerouting priority dstnat; policy accept;\n" + Names + "    jump services\n  }\n"
            + "  chain output {\n    type nat hook output priority -100; policy accept;\n    jump services\n  }\n"
            + "  chain refuse-forwarded {\n    type filter hook forward priority filter - 1; policy accept;\n    jump refused\n  }\n"
            + "  chain refuse-own {\n    type filter hook output priority filter; policy accept;\n    jump refused\n  }\n"
            + "  chain refuse-input {\n    type filter hook input priority filter; policy accept;\n    jump refused\n  }\n"
            + Hairpin(catalog)
            + baseRules + "}\n";
    }

    /// <summary>A pod that draws itself must not see its own address as the sender.</summary>
    private static string Hairpin(ServiceCatalog catalog)
    {
        var own = catalog.Slices.Values.SelectMany(slice => slice.Endpoints).Select(endpoint => endpoint.Address).Where(IsIPv4).Distinct().Order(StringComparer.Ordinal).ToList();
        var rule = own.Count == 0 ? "" : $"    ct status dnat ip saddr . ip daddr {{ {string.Join(", ", own.Select(address => $"{address} . {address}"))} }} masquerade\n";
        return $"  chain hairpin {{\n    type nat hook postrouting priority srcnat; policy accept;\n{rule}  }}\n";
    }

    /// <summary>A slice's port belongs to the service port of the same name.</summary>
    private static List<string> Targets(ServiceCatalog catalog, ServiceView service, ServicePortView port) => (
        from slice in catalog.SlicesOf(service)
        from target in slice.Ports
        where target.Name == port.Name && target.Protocol == port.Protocol && target.Port > 0
        from endpoint in slice.Endpoints
        where (endpoint.IsReady || service.PublishNotReady) && IsIPv4(endpoint.Address)
        select $"{endpoint.Address}:{target.Port}").Distinct().Take(EndpointLimit).ToList();

    private static bool IsIPv4(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork;
}
