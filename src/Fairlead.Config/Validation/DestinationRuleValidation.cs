using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules 30, 31, 32, 34 and 35 of Istio's webhook: DestinationRule.</summary>
internal static class DestinationRuleValidation
{
    public static void Check(Report report, Field spec)
    {
        if (!spec.IsObject)
        {
            report.Required(spec, "give the rule's host");
            return;
        }
        if (spec["host"].Text.Length == 0)
            report.Error(spec["host"], "destination rule must have a host", "name a service", "FieldValueRequired");
        else
            Rules.Host(report, spec["host"], addressAllowed: true);
        Policy(report, spec["trafficPolicy"]);
        Subsets(report, spec["subsets"]);
        Rules.ExportTo(report, spec["exportTo"], noneAllowed: false);
        Selector(report, spec);
    }

    private static void Selector(Report report, Field spec)
    {
        if (!spec["workloadSelector"].IsSet)
            return;
        Rules.Selector(report, spec["workloadSelector"], "matchLabels");
        var beyond = spec["exportTo"].Items.Any(entry => entry.Text != "." && entry.Text != report.Target.Namespace);
        if (spec["exportTo"].Count > 1 || beyond)
            report.Error(spec["exportTo"], "a destination rule with a workload selector can only be exported to its own namespace", "write exportTo: [\".\"]");
    }

    private static void Subsets(Report report, Field subsets)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var subset in subsets.Items)
        {
            if (!subset.IsObject)
            {
                report.Error(subset, "subset may not be null", "remove the item");
                continue;
            }
            var name = subset["name"].Text;
            if (!DnsName.IsLabel(name))
                report.Error(subset["name"], $"subset name is invalid: \"{name}\"", "use lower-case letters, digits and '-'");
            else if (!names.Add(name))
                report.Error(subset["name"], $"duplicate subset names: \"{name}\"", "give each subset its own name", "FieldValueDuplicate");
            Rules.Labels(report, subset["labels"]);
            Policy(report, subset["trafficPolicy"]);
        }
    }

    private static void Policy(Report report, Field policy)
    {
        if (!policy.IsSet)
            return;
        if (policy.Count == 0)
        {
            report.Error(policy, "traffic policy must have at least one field", "add a block, or remove trafficPolicy");
            return;
        }
        if (policy["tunnel"].IsSet && policy["proxyProtocol"].IsSet)
            report.Error(policy["tunnel"], "tunnel and proxyProtocol must not be set together", "keep one of them");
        Tunnel(report, policy["tunnel"]);
        Blocks(report, policy);
        foreach (var setting in policy["portLevelSettings"].Items)
        {
            if (!setting.IsObject)
                report.Error(setting, "port level settings may not be null", "remove the item");
            else
                PortLevel(report, setting);
        }
        if (policy["retryBudget"]["percent"].Number is < 0 or > 100)
            report.Error(policy["retryBudget"]["percent"], "retry budget percent must be in range 0..100", "write 0 to 100");
        Rules.Duration(report, policy["retryBudget"]["budgetInterval"]);
    }

    private static void PortLevel(Report report, Field setting)
    {
        if (!setting["port"].IsSet)
            report.Error(setting["port"], "portLevelSettings must have a port", "write port: {number: 443}", "FieldValueRequired");
        else
            Rules.Port(report, setting["port"]["number"]);
        if (!setting.Entries.Any(entry => entry.Key != "port" && entry.Value.IsSet))
            report.Error(setting, "port level settings must have at least one field", "add a block, or remove the item");
        Blocks(report, setting);
    }

    private static void Blocks(Report report, Field policy)
    {
        ConnectionPool(report, policy["connectionPool"]);
        Outlier(report, policy["outlierDetection"]);
        LoadBalancerValidation.Check(report, policy);
        Tls(report, policy["tls"]);
    }

    private static void Tunnel(Report report, Field tunnel)
    {
        if (!tunnel.IsSet)
            return;
        if (tunnel["protocol"].Text is { Length: > 0 } protocol and not ("CONNECT" or "POST"))
            report.Error(tunnel["protocol"], $"tunnel protocol must be \"CONNECT\" or \"POST\", got \"{protocol}\"", "write CONNECT");
        Rules.Host(report, tunnel["targetHost"], addressAllowed: true);
        Rules.Port(report, tunnel["targetPort"]);
    }

    public static void ConnectionPool(Report report, Field pool)
    {
        if (!pool.IsSet)
            return;
        if (!pool["tcp"].IsSet && !pool["http"].IsSet)
            report.Error(pool, "connection pool must have at least one field", "add tcp or http, or remove connectionPool");
        var (tcp, http) = (pool["tcp"], pool["http"]);
        Rules.NotNegative(report, tcp, "maxConnections");
        Rules.Duration(report, tcp["connectTimeout"]);
        Rules.Duration(report, tcp["maxConnectionDuration"]);
        Rules.Duration(report, tcp["idleTimeout"], zeroAllowed: true);
        Rules.Duration(report, tcp["tcpKeepalive"]["time"]);
        Rules.Duration(report, tcp["tcpKeepalive"]["interval"]);
        Rules.NotNegative(report, http, "http1MaxPendingRequests", "http2MaxRequests", "maxRequestsPerConnection", "maxRetries", "maxConcurrentStreams");
        Rules.Duration(report, http["idleTimeout"]);
        if (http["h2UpgradePolicy"].Text == "UPGRADE" && http["useClientProtocol"].IsTrue)
            report.Error(http["useClientProtocol"], "use client protocol must not be true when H2UpgradePolicy is UPGRADE", "keep one of them");
        if (!http["http2KeepAlive"].IsSet)
            return;
        foreach (var name in (ReadOnlySpan<string>)["interval", "timeout"])
        {
            if (!http["http2KeepAlive"][name].IsSet)
                report.Error(http["http2KeepAlive"][name], $"http2KeepAlive {name} is required", "write a duration such as \"30s\"", "FieldValueRequired");
            Rules.Duration(report, http["http2KeepAlive"][name]);
        }
    }

    private static void Outlier(Report report, Field outlier)
    {
        if (!outlier.IsSet)
            return;
        if (outlier["consecutiveErrors"].IsSet)
            report.Warn(outlier["consecutiveErrors"], "outlier detection consecutive errors is deprecated, use consecutive gateway errors or consecutive 5xx errors instead", "write consecutive5xxErrors");
        if (outlier["consecutiveLocalOriginFailures"].Integer is > 0 && !outlier["splitExternalLocalOriginErrors"].IsTrue)
            report.Error(outlier["consecutiveLocalOriginFailures"], "outlier detection consecutive local origin failures is specified, but split external local origin errors is set to false", "set splitExternalLocalOriginErrors: true");
        foreach (var name in (ReadOnlySpan<string>)["maxEjectionPercent", "minHealthPercent"])
        {
            if (outlier[name].Number is < 0 or > 100)
                report.Error(outlier[name], $"{name} must be in range 0..100", "write 0 to 100");
        }
        Rules.Duration(report, outlier["interval"]);
        Rules.Duration(report, outlier["baseEjectionTime"]);
    }

    private static void Tls(Report report, Field tls)
    {
        if (!tls.IsSet)
            return;
        var mode = tls["mode"].Text;
        var credential = tls["credentialName"].Text;
        if (tls["insecureSkipVerify"].IsTrue)
        {
            foreach (var name in (ReadOnlySpan<string>)["caCertificates", "subjectAltNames"])
            {
                if (tls[name].IsSet && (tls[name].Count > 0 || tls[name].Text.Length > 0))
                    report.Error(tls[name], $"cannot specify {name} if insecureSkipVerify is set", $"remove {name} or insecureSkipVerify");
            }
            if (mode == "SIMPLE" && credential.Length > 0)
                report.Error(tls["credentialName"], "cannot specify credentialName for SIMPLE if insecureSkipVerify is set", "remove credentialName or insecureSkipVerify");
        }
        if (mode is "SIMPLE" or "MUTUAL" && credential.Length > 0)
        {
            foreach (var name in (ReadOnlySpan<string>)["clientCertificate", "privateKey", "caCertificates", "caCrl"])
            {
                if (tls[name].Text.Length > 0)
                    report.Error(tls[name], $"cannot specify {name} when credentialName is set", $"put it into the secret {credential}");
            }
        }
        if (mode == "MUTUAL" && credential.Length == 0)
        {
            foreach (var name in (ReadOnlySpan<string>)["clientCertificate", "privateKey"])
            {
                if (tls[name].Text.Length == 0)
                    report.Error(tls[name], $"{name} required for mutual tls", $"give {name}, or a credentialName", "FieldValueRequired");
            }
        }
        if (credential.StartsWith("configmap://", StringComparison.Ordinal) && credential["configmap://".Length..].Split('/') is [var space, _] && space != report.Target.Namespace)
            report.Error(tls["credentialName"], "a configmap credential must be in the rule's own namespace", "copy the ConfigMap");
    }
}
