using System.Reflection;
using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Tests.Analysis;

/// <summary>Each message once where it is due, and once in the nearest configuration where it is not. A code without both fails.</summary>
public sealed class MessageCasesTests
{
    private const string Service = "kind: Service|httpbin|{selector: {app: httpbin}, ports: [{name: http, port: 8000}]}";
    private const string Pod = "kind: Pod|httpbin-1 labels: {app: httpbin, version: v1}|{containers: [{name: httpbin, image: httpbin}]}";
    private const string Deployment = "kind: Deployment|x|{selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}";
    private const string Entry = "kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}";
    private const string Https = "kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS}";
    private const string Injector = "kind: ConfigMap|istio-sidecar-injector namespace: istio-system|data: {values: '{\"sidecarInjectorWebhook\":{\"enableNamespacesByDefault\":true},\"global\":{\"hub\":\"hub\",\"tag\":\"1.22\",\"proxy\":{\"image\":\"proxyv2\"}}}'}";
    private const string Route = "http: [{route: [{destination: {host: a.com}}]}]";

    /// <summary>Code, objects where it is found, objects where it is not: one a line as KIND|NAME and more metadata|SPEC.</summary>
    private static readonly (string Code, string[] Found, string[] NotFound)[] Cases =
    [
        ("IST0101", [Entry, $"kind: VirtualService|v|{{hosts: [a.com], http: [{{route: [{{destination: {{host: b.com}}}}]}}]}}"], [Entry, $"kind: VirtualService|v|{{hosts: [a.com], {Route}}}"]),
        ("IST0102", ["kind: Namespace|plain"], ["kind: Namespace|plain labels: {istio-injection: disabled}"]),
        ("IST0103", ["kind: Namespace|default labels: {istio-injection: enabled}", Pod],
            ["kind: Namespace|default labels: {istio-injection: enabled}", "kind: Pod|p|{containers: [{name: c, image: i}, {name: istio-proxy, image: i}]}"]),
        ("IST0107", ["kind: Service|s annotations: {sidecar.istio.io/logLevel: debug}|{ports: [{name: http, port: 80}]}"],
            ["kind: Pod|p annotations: {sidecar.istio.io/logLevel: debug}|{containers: [{name: c, image: i}]}"]),
        ("IST0108", ["kind: Pod|p annotations: {traffic.sidecar.istio.io/nope: x}|{containers: [{name: c, image: i}]}"],
            ["kind: Pod|p annotations: {example.com/nope: x}|{containers: [{name: c, image: i}]}"]),
        ("IST0109", [Entry, $"kind: VirtualService|v|{{hosts: [a.com], {Route}}}", $"kind: VirtualService|w|{{hosts: [a.com], {Route}}}"],
            [Entry, "kind: ServiceEntry|b|{hosts: [b.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}",
                $"kind: VirtualService|v|{{hosts: [a.com], {Route}}}", $"kind: VirtualService|w|{{hosts: [b.com], {Route}}}"]),
        ("IST0110", [Pod, "kind: Sidecar|a|{workloadSelector: {labels: {app: httpbin}}, egress: [{hosts: ['./*']}]}", "kind: Sidecar|b|{workloadSelector: {labels: {version: v1}}, egress: [{hosts: ['./*']}]}"],
            [Pod, "kind: Sidecar|a|{workloadSelector: {labels: {app: httpbin}}, egress: [{hosts: ['./*']}]}", "kind: Sidecar|b|{workloadSelector: {labels: {version: v2}}, egress: [{hosts: ['./*']}]}"]),
        ("IST0111", ["kind: Sidecar|a|{egress: [{hosts: ['./*']}]}", "kind: Sidecar|b|{egress: [{hosts: ['./*']}]}"], ["kind: Sidecar|a|{egress: [{hosts: ['./*']}]}"]),
        ("IST0112", ["kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}], resolution: DNS}", $"kind: VirtualService|v|{{hosts: [a.com], {Route}}}"],
            [Entry, $"kind: VirtualService|v|{{hosts: [a.com], {Route}}}"]),
        ("IST0116", [Deployment, ServiceOnPort("one", "http", 80), ServiceOnPort("two", "tcp", 80)], [Deployment, ServiceOnPort("one", "http", 80), ServiceOnPort("two", "http", 80)]),
        ("IST0118", ["kind: Service|s|{selector: {app: x}, ports: [{name: web, port: 80}]}"], ["kind: Service|s|{selector: {app: x}, ports: [{name: http-web, port: 80}]}"]),
        ("IST0123", ["kind: Namespace|n labels: {istio-injection: enabled, istio.io/rev: x}"], ["kind: Namespace|n labels: {istio.io/rev: x}"]),
        ("IST0125", ["kind: Pod|p annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: 80-90}|{containers: [{name: c, image: i}]}"],
            ["kind: Pod|p annotations: {traffic.sidecar.istio.io/excludeOutboundPorts: '80,90'}|{containers: [{name: c, image: i}]}"]),
        ("IST0127", [Pod, "kind: Sidecar|a|{workloadSelector: {labels: {app: none}}, egress: [{hosts: ['./*']}]}"], [Pod, "kind: Sidecar|a|{workloadSelector: {labels: {app: httpbin}}, egress: [{hosts: ['./*']}]}"]),
        ("IST0128", [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}"],
            [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: SIMPLE, caCertificates: /etc/ca.pem}}}"]),
        ("IST0129", [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE, insecureSkipVerify: true}}]}}"],
            [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE, caCertificates: /etc/ca.pem}}]}}"]),
        ("IST0135", ["kind: Pod|p annotations: {sidecar.istio.io/inject: 'true'}|{containers: [{name: c, image: i}]}"], ["kind: Pod|p labels: {sidecar.istio.io/inject: 'true'}|{containers: [{name: c, image: i}]}"]),
        ("IST0136", ["kind: Pod|p annotations: {sidecar.istio.io/logLevel: debug}|{containers: [{name: c, image: i}]}"],
            ["kind: Pod|p annotations: {proxy.istio.io/config: '{}'}|{containers: [{name: c, image: i}]}"]),
        ("IST0137", [Deployment, ServiceOnPort("one", "http", 80), ServiceOnPort("two", "http", 81)], [Deployment, ServiceOnPort("one", "http", 80), ServiceOnPort("two", "http", 80)]),
        ("IST0139", ["kind: ValidatingWebhookConfiguration|w|webhooks: [{name: a.b.c, clientConfig: {service: {namespace: default, name: nope}}}]"],
            [Service, "kind: ValidatingWebhookConfiguration|w|webhooks: [{name: a.b.c, clientConfig: {service: {namespace: default, name: httpbin}}}]"]),
        ("IST0144", ["kind: Pod|p|{containers: [{name: c, image: i, securityContext: {runAsUser: 1337}}]}"], ["kind: Pod|p|{containers: [{name: c, image: i, securityContext: {runAsUser: 1000}}]}"]),
        ("IST0146", ["kind: Pod|p|{containers: [{name: istio-proxy, image: auto}]}"], ["kind: Pod|p labels: {sidecar.istio.io/inject: 'true'}|{containers: [{name: istio-proxy, image: auto}]}"]),
        ("IST0147", [Deployment.Replace("image: i", "image: auto")], ["kind: Namespace|default labels: {istio-injection: enabled}", Deployment.Replace("image: i", "image: auto")]),
        ("IST0148", ["kind: Namespace|plain", Injector], ["kind: Namespace|plain"]),
        ("IST0150", ["kind: Service|s|{type: ExternalName, externalName: a.com, ports: [{name: tcp, port: 9}]}"], ["kind: Service|s|{type: ExternalName, externalName: a.com, ports: [{name: http, port: 9}]}"]),
        ("IST0157", ["kind: Telemetry|t|{accessLogging: [{disabled: true}]}"], ["kind: Telemetry|t|{accessLogging: [{providers: [{name: envoy}]}]}"]),
        ("IST0158", [Injector, "kind: Pod|p|{containers: [{name: c, image: i}, {name: istio-proxy, image: 'hub/proxyv2:1.21'}]}"], [Injector, "kind: Pod|p|{containers: [{name: c, image: i}, {name: istio-proxy, image: 'hub/proxyv2:1.22'}]}"]),
        ("IST0159", [Pod, "kind: Telemetry|a|{selector: {matchLabels: {app: httpbin}}, accessLogging: [{providers: [{name: envoy}]}]}", "kind: Telemetry|b|{selector: {matchLabels: {version: v1}}, accessLogging: [{providers: [{name: envoy}]}]}"],
            [Pod, "kind: Telemetry|a|{selector: {matchLabels: {app: httpbin}}, accessLogging: [{providers: [{name: envoy}]}]}"]),
        ("IST0160", ["kind: Telemetry|a|{accessLogging: [{providers: [{name: envoy}]}]}", "kind: Telemetry|b|{accessLogging: [{providers: [{name: envoy}]}]}"], ["kind: Telemetry|a|{accessLogging: [{providers: [{name: envoy}]}]}"]),
        ("IST0171", [Entry + "|{conditions: [{type: Reconciled, status: 'False', reason: Why, message: because}]}"], [Entry + "|{conditions: [{type: Reconciled, status: 'True'}]}"]),
        ("IST0173", [Service, Pod, "kind: DestinationRule|d|{host: httpbin, subsets: [{name: v9, labels: {version: v9}}]}"], [Service, Pod, "kind: DestinationRule|d|{host: httpbin, subsets: [{name: v1, labels: {version: v1}}]}"]),
        ("IST0174", [Service, "kind: DestinationRule|d|{host: nowhere.com}"], [Service, "kind: DestinationRule|d|{host: httpbin}"]),
        ("IST0177", [Entry, "kind: ServiceEntry|b|{hosts: [a.com], ports: [{number: 80, name: tls, protocol: TLS}], resolution: DNS}"], [Entry, "kind: ServiceEntry|b|{hosts: [a.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}"]),
        ("FL0001", [Entry, "kind: VirtualService|v|{hosts: [www.a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"], [Entry, "kind: VirtualService|v|{hosts: [a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"]),
        ("FL0002", ["kind: VirtualService|v|{hosts: [a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"], [Entry, "kind: VirtualService|v|{hosts: [a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"]),
        ("FL0003", [Https, "kind: VirtualService|v|{hosts: [a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"], [Https, "kind: VirtualService|v|{hosts: [a.com], tls: [{match: [{port: 443, sniHosts: [a.com]}], route: [{destination: {host: a.com}}]}]}"]),
        ("FL0004", [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: SIMPLE}}}"], [Https, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: DISABLE}}}"]),
        ("FL0005", [Entry, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: SIMPLE}}}"],
            ["kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}], resolution: DNS}", "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tls: {mode: SIMPLE}}}"]),
        ("FL0006", ["kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: DNS}"],
            ["kind: ServiceEntry|a|{hosts: [a.com], addresses: [203.0.113.9], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: DNS}"]),
        ("FL0007", [Entry, "kind: ServiceEntry|b|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: NONE}"], [Entry, "kind: ServiceEntry|b|{hosts: [b.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}"]),
        ("FL0009", [Entry, "kind: VirtualService|v|{hosts: [a.com], http: [{route: [{destination: {host: a.com}, weight: 1}, {destination: {host: a.com}, weight: 3}]}]}"],
            [Entry, "kind: VirtualService|v|{hosts: [a.com], http: [{route: [{destination: {host: a.com}, weight: 25}, {destination: {host: a.com}, weight: 75}]}]}"]),
        ("FL0010", ["registry-only", "kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}]}"], ["kind: ServiceEntry|a|{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}]}"]),
        ("FL0011", ["kind: ServiceEntry|a|{hosts: ['*.a.com'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, endpoints: [{address: b.com}]}"],
            ["kind: ServiceEntry|a|{hosts: ['*.a.com'], ports: [{number: 80, name: http, protocol: HTTP}]}"]),
        ("FL0012", [Entry, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {tunnel: {targetHost: b.com, targetPort: 80}}}"], [Entry, "kind: DestinationRule|d|{host: a.com, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}}"]),
        ("FL0013", ["registry-only", "called a.com", "kind: Namespace|default labels: {istio-injection: enabled}"],
            ["registry-only", "called a.com", "kind: Namespace|default labels: {istio-injection: enabled}", Entry]),
    ];

    public static TheoryData<string> Codes => [.. Cases.Select(one => one.Code)];

    [Fact]
    public void Every_code_has_its_pair() =>
        typeof(AnalysisCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)
            .Except(Cases.Select(one => one.Code)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Codes))]
    public void It_is_found_where_it_is_due_and_only_there(string code)
    {
        var (_, found, notFound) = Cases.Single(one => one.Code == code);
        var findings = Analyze(found);
        var due = findings.FirstOrDefault(finding => finding.Code == code).ShouldNotBeNull($"{code} in:\n{string.Join("\n", findings)}");
        due.Message.ShouldNotBeEmpty();
        due.Remedy.ShouldNotBeEmpty();
        due.Name.ShouldNotBeEmpty();
        Analyze(notFound).ShouldNotContain(finding => finding.Code == code);
    }

    private static IReadOnlyList<Fairlead.Config.Validation.Finding> Analyze(string[] lines)
    {
        var mesh = lines.Contains("registry-only") ? MeshConfig.Default with { OutboundTrafficMode = OutboundTrafficMode.RegistryOnly } : MeshConfig.Default;
        var called = lines.Where(line => line.StartsWith("called ", StringComparison.Ordinal)).Select(line => new ObservedDestination(line["called ".Length..], "default/sleep", 1)).ToList();
        var objects = lines.Where(line => line.StartsWith("kind: ", StringComparison.Ordinal)).Select(Read).ToArray();
        return Analyzer.Analyze(new AnalysisInput(objects) { Mesh = mesh, Unknown = called });
    }

    private static KubeObject Read(string line)
    {
        var parts = line.Split('|');
        var kind = parts[0]["kind: ".Length..];
        var version = kind switch
        {
            "Service" or "Pod" or "Namespace" or "ConfigMap" => "v1",
            "Deployment" => "apps/v1",
            "ValidatingWebhookConfiguration" => "admissionregistration.k8s.io/v1",
            "Telemetry" => "telemetry.istio.io/v1",
            _ => "networking.istio.io/v1",
        };
        var name = parts[1].Split(' ', 2);
        var metadata = $"{{name: {name[0]}{(kind is "Namespace" or "ValidatingWebhookConfiguration" || parts[1].Contains("namespace: ", StringComparison.Ordinal) ? "" : ", namespace: default")}{(name.Length > 1 ? ", " + name[1] : "")}}}";
        var spec = parts.Length < 3 ? "" : parts[2].StartsWith('{') ? "spec: " + parts[2] : parts[2];
        return Manifest.Read($"apiVersion: {version}\nkind: {kind}\nmetadata: {metadata}\n{spec}\n{(parts.Length > 3 ? "status: " + parts[3] + "\n" : "")}");
    }

    private static string ServiceOnPort(string name, string protocol, int port) => $"kind: Service|{name}|{{selector: {{app: x}}, ports: [{{name: {protocol}-web, port: {port}, targetPort: 8080}}]}}";
}
