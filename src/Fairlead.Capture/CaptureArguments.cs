namespace Fairlead.Capture;

/// <summary>The command line of istio-init (istio-iptables' flags) → settings. A first word that is no flag (the verb) is passed over.</summary>
public static class CaptureArguments
{
    /// <summary>Flags that decide how istio-iptables reports or runs, not what is captured: accepted, of no effect on the rules.</summary>
    private static readonly string[] WithoutEffect = ["--log_output_level", "--run-validation", "--skip-rule-apply", "--iptables-probe-port", "--probe-timeout", "--network-namespace", "--force-apply", "--native-nftables"];

    public static CaptureReading Read(IReadOnlyList<string> arguments)
    {
        var lists = new SettingLists();
        var options = new CaptureOptions();
        for (var i = 0; i < arguments.Count; i++)
        {
            var flag = arguments[i];
            if (!flag.StartsWith('-'))
                continue;
            var value = "";
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                (flag, value) = (flag[..equals], flag[(equals + 1)..]);
            else if (flag is not ("--redirect-dns" or "--dry-run" or "--capture-all-dns") && i + 1 < arguments.Count)
                value = arguments[++i];
            options = Apply(options, flag, value, lists);
        }
        return new CaptureReading(options, lists.Faults);
    }

    private static CaptureOptions Apply(CaptureOptions options, string flag, string value, SettingLists lists)
    {
        switch (flag)
        {
            case "-p" or "--envoy-port":
                return options with { OutboundPort = lists.Port(flag, value, options.OutboundPort) };
            case "-z" or "--inbound-capture-port":
                return options with { InboundPort = lists.Port(flag, value, options.InboundPort) };
            case "-e" or "--inbound-tunnel-port":
                return options with { TunnelPort = lists.Port(flag, value, options.TunnelPort) };
            case "-u" or "--proxy-uid":
                return options with { ProxyUids = lists.Ids(flag, value) };
            case "-g" or "--proxy-gid":
                return options with { ProxyGids = lists.Ids(flag, value) };
            case "-m" or "--istio-inbound-interception-mode":
                if (value is not ("REDIRECT" or ""))
                    lists.Faults.Add($"{flag}: '{value}' is not supported; REDIRECT is used");
                return options;
            case "-b" or "--istio-inbound-ports":
                return options with { IncludeInboundPorts = lists.PortsOrAll(flag, value) };
            case "-d" or "--istio-local-exclude-ports":
                return options with { ExcludeInboundPorts = lists.Ports(flag, value) };
            case "-i" or "--istio-service-cidr":
                return options with { IncludeOutboundRanges = lists.RangesOrAll(flag, value) };
            case "-x" or "--istio-service-exclude-cidr":
                return options with { ExcludeOutboundRanges = lists.Ranges(flag, value) };
            case "-q" or "--istio-outbound-ports":
                return options with { IncludeOutboundPorts = lists.Ports(flag, value) };
            case "-o" or "--istio-local-outbound-ports-exclude":
                return options with { ExcludeOutboundPorts = lists.Ports(flag, value) };
            case "-c" or "--istio-exclude-interfaces":
                return options with { ExcludeInterfaces = lists.Interfaces(flag, value) };
            case "-k" or "--kube-virt-interfaces":
                return options with { RerouteInterfaces = lists.Interfaces(flag, value) };
            case "--redirect-dns":
                return options with { RedirectDns = value is "" or "true" };
            case "--capture-all-dns":
                return options with { DnsServers = [] };
            case "--dns-servers":
                return options with { DnsServers = lists.Ranges(flag, value) };
            case "--dry-run":
                return options;
            default:
                if (!WithoutEffect.Contains(flag))
                    lists.Faults.Add($"{flag}: unknown flag; see 'fairlead capture --help'");
                return options;
        }
    }
}
