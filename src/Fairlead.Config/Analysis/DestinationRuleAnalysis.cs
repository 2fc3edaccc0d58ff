using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0128, IST0129, IST0173, IST0174, FL0004, FL0005: what a DestinationRule is for and the TLS it asks for.</summary>
internal static class DestinationRuleAnalysis
{
    private const int PlainPort = 80;
    private const int TlsPort = 443;

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, rule) in model.DestinationRules)
        {
            if (rule.Host.IsEmpty)
                continue;
            var host = HostName.Resolve(rule.Host, rule.Meta.Namespace);
            var found = model.Registry.Covering(host, rule.Meta.Namespace);
            if (found.Count == 0 && !host.IsWildcard && model.Input.IsComplete)
                sink.Warn(source, AnalysisCodes.UnknownRuleHost, "spec.host", $"Host {rule.Host} defined in the DestinationRule does not match any services in the mesh.",
                    $"create a Service or a ServiceEntry for {host}, or correct the name");
            Subsets(model, sink, source, rule, found);
            Tls(sink, source, rule, found);
        }
    }

    private static void Subsets(AnalysisModel model, FindingSink sink, KubeObject source, DestinationRule rule, IReadOnlyList<RegistryHost> found)
    {
        for (var i = 0; i < rule.Subsets.Count; i++)
        {
            var subset = rule.Subsets[i];
            if (subset.Labels.Count == 0 || found.Count == 0)
                continue;
            var selectable = found.Where(host => host.Service is { Selector: not null } || host.Entry is { WorkloadSelector: not null } || host.Entry is { Endpoints.Count: > 0 }).ToArray();
            if (selectable.Length == 0 || (!model.KnowsWorkloads && selectable.All(host => host.Entry is not { Endpoints.Count: > 0 })))
                continue;
            if (!selectable.Any(host => Matches(model, host, subset.Labels)))
                sink.Error(source, AnalysisCodes.SubsetSelectsNothing, $"spec.subsets[{i}].labels", $"The Subset {subset.Name} defined in the DestinationRule does not select any pods.",
                    $"label the workloads {subset.Labels}, or correct the labels: requests to the subset are answered with 503");
        }
    }

    private static bool Matches(AnalysisModel model, RegistryHost host, ValueMap<string> labels)
    {
        if (host.Entry is { Endpoints.Count: > 0 } entry)
            return entry.Endpoints.Any(endpoint => labels.All(label => endpoint.Labels.TryGetValue(label.Key, out var value) && value == label.Value));
        var selector = host.Service?.Selector ?? host.Entry?.WorkloadSelector;
        return selector is not null && model.SelectsAny(host.Namespace, selector.Concat(labels).ToValueMap())
            && selector.All(pair => !labels.TryGetValue(pair.Key, out var value) || value == pair.Value);
    }

    private static void Tls(FindingSink sink, KubeObject source, DestinationRule rule, IReadOnlyList<RegistryHost> found)
    {
        if (rule.TrafficPolicy is not { } policy)
            return;
        var overridden = policy.PortLevelSettings.Select(setting => setting.Port).ToHashSet();
        if (policy.Tls is { } tls)
        {
            Verification(sink, source, rule, tls, "spec.trafficPolicy.tls", AnalysisCodes.NoVerificationDestination);
            foreach (var port in found.SelectMany(host => host.Ports.Select(port => (host, port))).Where(pair => !overridden.Contains(pair.port.Number)))
                Origination(sink, source, tls, port.host, port.port, "spec.trafficPolicy.tls", wholeRule: true);
        }
        for (var i = 0; i < policy.PortLevelSettings.Count; i++)
        {
            var setting = policy.PortLevelSettings[i];
            if (setting.Policy.Tls is not { } portTls)
                continue;
            var path = $"spec.trafficPolicy.portLevelSettings[{i}].tls";
            Verification(sink, source, rule, portTls, path, AnalysisCodes.NoVerificationPort);
            foreach (var host in found)
            {
                if (host.Port(setting.Port) is { } port)
                    Origination(sink, source, portTls, host, port, path, wholeRule: false);
            }
        }
    }

    // Without caCertificates the sidecar verifies against the system's bundle; only insecureSkipVerify switches it off.
    private static void Verification(FindingSink sink, KubeObject source, DestinationRule rule, ClientTls tls, string path, string code)
    {
        if (tls is { Mode: ClientTlsMode.Simple or ClientTlsMode.Mutual, InsecureSkipVerify: true })
            sink.Warn(source, code, path + ".insecureSkipVerify",
                $"DestinationRule {rule.Meta} has TLS mode set to {ClientTls.Modes[(int)tls.Mode]} but does not validate server identity for host: {rule.Host}",
                "remove insecureSkipVerify; set caCertificates if the server's CA is private");
    }

    private static void Origination(FindingSink sink, KubeObject source, ClientTls tls, RegistryHost host, RegistryPort port, string path, bool wholeRule)
    {
        if (tls.Mode is not (ClientTlsMode.Simple or ClientTlsMode.Mutual))
            return;
        var mode = ClientTls.Modes[(int)tls.Mode];
        if (port.Protocol.IsTls())
            sink.Warn(source, AnalysisCodes.DoubleTls, path + ".mode",
                $"tls {mode} on port {port.Number} ({port.Protocol.Name()}) of {host.Host} wraps the application's TLS in TLS again",
                wholeRule ? $"set tls under portLevelSettings of the plain HTTP port only" : "remove it: the application already encrypts on this port");
        else if (host.Entry is not null && port.Number == PlainPort && port.TargetPort is 0 or PlainPort && port.Protocol.IsHttp())
            sink.Warn(source, AnalysisCodes.TlsToPlainPort, path + ".mode",
                $"tls {mode} is sent to port {PlainPort} of {host.Host}, where servers speak plain HTTP",
                $"add targetPort: {TlsPort} to port {PlainPort} of {host.Source}");
    }
}
