using System.Text;
using Fairlead.Config.Primitives;

namespace Fairlead.Capture;

/// <summary>
/// Settings → one nftables script (for <c>nft -f -</c>) that replaces the pod's capture tables in one transaction. Table and chain names and
/// the order of the decisions are istio-init's (its nftables form): what is excluded comes before what is included.
/// </summary>
public static class CaptureRuleset
{
    public const string NatTable = "istio-proxy-nat";
    public const string RawTable = "istio-proxy-raw";

    public static string Render(CaptureOptions options)
    {
        var script = new StringBuilder();
        Replace(script, NatTable);
        script.Append($"table inet {NatTable} {{\n");
        Chain(script, "istio-in-redirect", [$"meta l4proto tcp redirect to :{options.InboundPort}"]);
        Chain(script, "istio-redirect", [$"meta l4proto tcp redirect to :{options.OutboundPort}"]);
        Chain(script, "istio-inbound", Inbound(options));
        if (options.RedirectDns)
            Chain(script, "istio-output-dns", OutputDns(options));
        Chain(script, "istio-output", Output(options));
        Chain(script, "prerouting", Prerouting(options), "type nat hook prerouting priority dstnat; policy accept;");
        Chain(script, "output", Hooked(options), "type nat hook output priority -100; policy accept;");
        script.Append("}\n");
        Replace(script, RawTable);
        if (options.RedirectDns)
            Zones(script, options);
        return script.ToString();
    }

    private static bool CapturesInbound(CaptureOptions options) => options.IncludeInboundPorts is not { Count: 0 };

    private static IEnumerable<string> Prerouting(CaptureOptions options)
    {
        foreach (var name in options.ExcludeInterfaces)
            yield return $"iifname \"{name}\" return";
        foreach (var name in options.RerouteInterfaces)
        {
            if (options.IncludeOutboundRanges is null)
                yield return $"iifname \"{name}\" meta l4proto tcp jump istio-redirect";
            foreach (var range in options.IncludeOutboundRanges ?? [])
                yield return $"iifname \"{name}\" {Daddr(range)} meta l4proto tcp jump istio-redirect";
            yield return $"iifname \"{name}\" return";
        }
        if (CapturesInbound(options))
            yield return "meta l4proto tcp jump istio-inbound";
    }

    private static IEnumerable<string> Hooked(CaptureOptions options)
    {
        foreach (var name in options.ExcludeInterfaces)
            yield return $"oifname \"{name}\" return";
        yield return "jump istio-output";
    }

    private static IEnumerable<string> Inbound(CaptureOptions options)
    {
        if (!CapturesInbound(options))
            yield break;
        yield return $"tcp dport {options.TunnelPort} return";
        if (options.IncludeInboundPorts is { } listed)
        {
            foreach (var port in listed)
                yield return $"tcp dport {port} jump istio-in-redirect";
            yield break;
        }
        foreach (var port in options.ExcludeInboundPorts)
            yield return $"tcp dport {port} return";
        yield return "meta l4proto tcp jump istio-in-redirect";
    }

    private static IEnumerable<string> Output(CaptureOptions options)
    {
        foreach (var port in options.ExcludeOutboundPorts)
        {
            yield return $"tcp dport {port} return";
            yield return $"udp dport {port} return";
        }
        // The sidecar binds 127.0.0.6 to reach the application: what it sends from there is inbound traffic on its way in.
        yield return "oifname \"lo\" ip saddr 127.0.0.6 return";
        yield return "oifname \"lo\" ip6 saddr ::6 return";
        foreach (var owner in options.ProxyUids.Select(uid => ("skuid", uid)).Concat(options.ProxyGids.Select(gid => ("skgid", gid))))
        {
            foreach (var rule in Owner(options, owner.Item1, owner.Item2))
                yield return rule;
        }
        foreach (var rule in OwnerGroups(options))
            yield return rule;
        if (options.RedirectDns)
            yield return "th dport 53 jump istio-output-dns";
        yield return "ip daddr 127.0.0.1 return";
        yield return "ip6 daddr ::1 return";
        foreach (var range in options.ExcludeOutboundRanges)
            yield return $"{Daddr(range)} return";
        foreach (var port in options.IncludeOutboundPorts)
            yield return $"tcp dport {port} jump istio-redirect";
        if (options.IncludeOutboundRanges is null)
            yield return "meta l4proto tcp jump istio-redirect";
        foreach (var range in options.IncludeOutboundRanges ?? [])
            yield return $"{Daddr(range)} meta l4proto tcp jump istio-redirect";
    }

    /// <summary>The sidecar calling its own pod's address goes back in; anyone else on loopback, and the sidecar elsewhere, is left alone.</summary>
    private static IEnumerable<string> Owner(CaptureOptions options, string key, uint id)
    {
        var inwards = options.RedirectDns ? $"{{ 53, {options.TunnelPort} }}" : $"{options.TunnelPort}";
        if (CapturesInbound(options))
        {
            yield return $"oifname \"lo\" meta {key} {id} ip daddr != 127.0.0.1 tcp dport != {inwards} jump istio-in-redirect";
            yield return $"oifname \"lo\" meta {key} {id} ip6 daddr != ::1 tcp dport != {inwards} jump istio-in-redirect";
        }
        yield return options.RedirectDns
            ? $"oifname \"lo\" meta {key} != {id} meta l4proto tcp tcp dport != 53 return"
            : $"oifname \"lo\" meta {key} != {id} return";
        yield return $"meta {key} {id} return";
    }

    private static IEnumerable<string> OwnerGroups(CaptureOptions options)
    {
        if (options.IncludeOwnerGroups is { } included)
        {
            var captured = included.Count == 0 ? "" : $"meta skgid != {{ {string.Join(", ", included)} }} ";
            yield return $"{captured}return";
        }
        foreach (var group in options.ExcludeOwnerGroups)
            yield return $"meta skgid {group} return";
    }

    private static IEnumerable<string> OutputDns(CaptureOptions options)
    {
        var servers = options.DnsServers.Count == 0 ? [""] : options.DnsServers.Select(server => Daddr(server) + " ");
        foreach (var server in servers)
        {
            yield return $"{server}udp dport 53 redirect to :{options.DnsPort}";
            yield return $"{server}tcp dport 53 redirect to :{options.DnsPort}";
        }
    }

    /// <summary>Own conntrack zones for the two halves of a proxied DNS exchange, so that equal five-tuples do not collide.</summary>
    private static void Zones(StringBuilder script, CaptureOptions options)
    {
        var owners = options.ProxyUids.Select(uid => $"meta skuid {uid}").Concat(options.ProxyGids.Select(gid => $"meta skgid {gid}")).ToList();
        script.Append($"table inet {RawTable} {{\n");
        Chain(script, "output",
            [.. owners.Select(owner => $"udp dport 53 {owner} ct zone set 1"), .. owners.Select(owner => $"udp sport {options.DnsPort} {owner} ct zone set 2"), "udp dport 53 ct zone set 2"],
            "type filter hook output priority raw; policy accept;");
        Chain(script, "prerouting", ["udp sport 53 ct zone set 1"], "type filter hook prerouting priority raw; policy accept;");
        script.Append("}\n");
    }

    /// <summary>An empty table is declared first, so that deleting succeeds whether or not there was one.</summary>
    private static void Replace(StringBuilder script, string table) => script.Append($"table inet {table} {{\n}}\ndelete table inet {table}\n");

    private static string Daddr(Cidr range) => $"{(range.IsIPv6 ? "ip6" : "ip")} daddr {range.Address}/{range.Length}";

    private static void Chain(StringBuilder script, string name, IEnumerable<string> rules, string hook = "")
    {
        script.Append($"  chain {name} {{\n");
        if (hook.Length > 0)
            script.Append($"    {hook}\n");
        foreach (var rule in rules)
            script.Append($"    {rule}\n");
        script.Append("  }\n");
    }
}
