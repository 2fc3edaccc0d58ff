using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;

namespace Fairlead.Config.Tests.Analysis;

public sealed class AnalyzerTests
{
    private const string Baidu = """
        apiVersion: networking.istio.io/v1
        kind: ServiceEntry
        metadata: {name: baidu, namespace: default}
        spec: {hosts: [baidu.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
        """;

    private const string Httpbin = """
        apiVersion: v1
        kind: Service
        metadata: {name: httpbin, namespace: default}
        spec: {selector: {app: httpbin}, ports: [{name: http, port: 8000}]}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: httpbin-1, namespace: default, labels: {app: httpbin, version: v1}}
        spec: {containers: [{name: httpbin, image: httpbin}]}
        """;

    private static IReadOnlyList<Finding> Analyze(string yaml, MeshConfig? mesh = null, params ObservedDestination[] unknown) =>
        Analyzer.Analyze(new AnalysisInput(Manifest.ReadAll(yaml)) { Mesh = mesh ?? MeshConfig.Default, Unknown = unknown });

    private static Finding ShouldFind(IReadOnlyList<Finding> findings, string code, string path)
    {
        var match = findings.FirstOrDefault(finding => finding.Code == code && finding.Path == path).ShouldNotBeNull($"{code} at {path} in:\n{string.Join("\n", findings)}");
        match.Remedy.ShouldNotBeEmpty();
        return match;
    }

    private static string Istio(string kind, string name, string spec, string more = "") =>
        $"\n---\napiVersion: {(kind == "Telemetry" ? "telemetry" : "networking")}.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: default{more}}}\nspec: {spec}\n";

    [Fact]
    public void A_virtual_service_one_label_away_from_the_declared_host_is_found()
    {
        var findings = Analyze(Baidu + Istio("VirtualService", "vs", "{hosts: [www.baidu.com], http: [{timeout: 3s, route: [{destination: {host: baidu.com}}]}]}"));

        ShouldFind(findings, "FL0001", "spec.hosts[0]").Message.ShouldContain("ServiceEntry default/baidu declares baidu.com");
    }

    [Fact]
    public void The_label_may_be_missing_as_well_as_too_many() =>
        ShouldFind(
            Analyze(Istio("ServiceEntry", "www", "{hosts: [www.baidu.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}")
                + Istio("DestinationRule", "dr", "{host: baidu.com, trafficPolicy: {tls: {mode: DISABLE}}}")),
            "FL0001", "spec.host").Remedy.ShouldContain("www.baidu.com");

    [Fact]
    public void Traffic_to_a_host_one_label_away_is_reported_on_the_entry()
    {
        var finding = ShouldFind(Analyze(Baidu, null, new ObservedDestination("www.baidu.com", "default/sleep", 7)), "FL0001", "spec.hosts[0]");

        finding.Message.ShouldBe("default/sleep called www.baidu.com 7 times; this entry declares baidu.com, which does not match it: the request goes to PassthroughCluster, and no rule for baidu.com applies");
        finding.Remedy.ShouldBe("add www.baidu.com to spec.hosts");
        Analyze(Baidu, null, new ObservedDestination("www.baidu.com", "default/sleep", 7), new ObservedDestination("other.org", "default/sleep", 1)).Count.ShouldBe(1);
    }

    [Fact]
    public void Another_entry_one_label_away_without_the_rules_is_noted() =>
        ShouldFind(
            Analyze(Baidu + Istio("ServiceEntry", "www", "{hosts: [www.baidu.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}")
                + Istio("VirtualService", "vs", "{hosts: [baidu.com], http: [{timeout: 3s, route: [{destination: {host: baidu.com}}]}]}")),
            "FL0001", "spec.hosts[0]").Name.ShouldBe("www");

    [Fact]
    public void A_wildcard_entry_covers_the_name_and_nothing_is_found() =>
        Analyze(Istio("ServiceEntry", "all", "{hosts: [baidu.com, '*.baidu.com'], ports: [{number: 80, name: http, protocol: HTTP}]}")
            + Istio("VirtualService", "vs", "{hosts: [www.baidu.com], http: [{timeout: 3s, route: [{destination: {host: www.baidu.com}}]}]}"),
            null, new ObservedDestination("m.baidu.com", "default/sleep", 1)).ShouldBeEmpty();

    [Fact]
    public void The_walkthrough_itself_has_no_findings() =>
        Analyze(Baidu + Istio("VirtualService", "vs", "{hosts: [baidu.com], http: [{timeout: 3s, route: [{destination: {host: baidu.com}, weight: 100}]}]}")).ShouldBeEmpty();

    [Fact]
    public void Rules_for_a_host_without_service_can_never_apply()
    {
        var findings = Analyze(Istio("VirtualService", "vs", "{hosts: [a.com], http: [{timeout: 3s, route: [{destination: {host: a.com}}]}]}"));

        ShouldFind(findings, "FL0002", "spec.hosts[0]").Message.ShouldContain("its timeout");
        ShouldFind(findings, "IST0101", "spec.http[0].route[0].destination.host").Message.ShouldBe("Referenced host not found: \"a.com\"");
    }

    [Fact]
    public void References_that_do_not_exist_are_errors()
    {
        var findings = Analyze(Httpbin + Istio("VirtualService", "vs",
            "{hosts: [httpbin], gateways: [mesh, gw], http: [{route: [{destination: {host: httpbin, subset: v2}}]}, {match: [{uri: {prefix: /x}}], delegate: {name: d}}, {match: [{uri: {exact: /p}}], route: [{destination: {host: httpbin, port: {number: 9}}}]}]}"));

        ShouldFind(findings, "IST0101", "spec.http[0].route[0].destination.subset").Message.ShouldContain("httpbin+v2");
        ShouldFind(findings, "IST0101", "spec.gateways[1]").Message.ShouldBe("Referenced gateway not found: \"gw\"");
        ShouldFind(findings, "IST0101", "spec.http[1].delegate");
        ShouldFind(findings, "IST0101", "spec.http[2].route[0].destination.port.number");
    }

    [Fact]
    public void A_service_with_several_ports_needs_a_port_in_the_destination() =>
        ShouldFind(
            Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}, {number: 443, name: tls, protocol: TLS}], resolution: DNS}")
                + Istio("VirtualService", "vs", "{hosts: [a.com], http: [{route: [{destination: {host: a.com}}]}]}")),
            "IST0112", "spec.http[0].route[0].destination").Message.ShouldContain("[80 443]");

    [Fact]
    public void Two_virtual_services_for_a_mesh_host_conflict()
    {
        const string Route = "http: [{route: [{destination: {host: baidu.com}}]}]";
        var both = Analyze(Baidu + Istio("VirtualService", "one", $"{{hosts: [baidu.com], {Route}}}") + Istio("VirtualService", "two", $"{{hosts: [baidu.com], {Route}}}"));

        both.Count(finding => finding.Code == "IST0109").ShouldBe(2);
        both[0].Message.ShouldContain("default/one,default/two");
    }

    [Fact]
    public void Timeouts_on_an_encrypted_port_cannot_act() =>
        ShouldFind(
            Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS}")
                + Istio("VirtualService", "vs", "{hosts: [a.com], http: [{timeout: 3s, retries: {attempts: 2}, route: [{destination: {host: a.com}}]}]}")),
            "FL0003", "spec.http[0].timeout").Message.ShouldContain("timeout, retries cannot act on a.com port 443/HTTPS");

    [Fact]
    public void Tls_on_an_encrypted_port_is_double() =>
        ShouldFind(
            Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 443, name: https, protocol: HTTPS}], resolution: DNS}")
                + Istio("DestinationRule", "dr", "{host: a.com, trafficPolicy: {tls: {mode: SIMPLE}}}")),
            "FL0004", "spec.trafficPolicy.tls.mode");

    [Fact]
    public void Tls_on_port_80_wants_a_target_port()
    {
        const string Rule = "{host: a.com, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE}}]}}";

        ShouldFind(Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}") + Istio("DestinationRule", "dr", Rule)),
            "FL0005", "spec.trafficPolicy.portLevelSettings[0].tls.mode");
        Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}], resolution: DNS}") + Istio("DestinationRule", "dr", Rule))
            .ShouldNotContain(finding => finding.Code == "FL0005");
    }

    [Fact]
    public void A_tcp_entry_without_addresses_captures_its_port() =>
        ShouldFind(Analyze(Istio("ServiceEntry", "se", "{hosts: [db.com], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: DNS}")), "FL0006", "spec.ports[0]");

    [Fact]
    public void The_entry_that_loses_is_told_why()
    {
        var older = Istio("ServiceEntry", "older", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}", ", creationTimestamp: '2026-01-01T00:00:00Z'");
        var younger = Istio("ServiceEntry", "younger", "{hosts: [a.com], ports: [{number: 81, name: http, protocol: HTTP}], resolution: NONE}", ", creationTimestamp: '2026-01-02T00:00:00Z'");

        var finding = ShouldFind(Analyze(younger + older), "FL0007", "spec.hosts[0]");

        finding.Name.ShouldBe("younger");
        finding.Message.ShouldContain("is older");
    }

    [Fact]
    public void A_service_hides_an_entry_of_its_name() =>
        ShouldFind(Analyze(Httpbin + Istio("ServiceEntry", "se", "{hosts: [httpbin.default.svc.cluster.local], ports: [{number: 8000, name: http, protocol: HTTP}], resolution: DNS}")),
            "FL0007", "spec.hosts[0]").Message.ShouldContain("a Kubernetes Service always wins");

    [Fact]
    public void Entries_with_different_protocols_conflict() =>
        Analyze(Istio("ServiceEntry", "a", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}")
            + Istio("ServiceEntry", "b", "{hosts: [a.com], ports: [{number: 80, name: tls, protocol: TLS}], resolution: DNS}"))
            .Count(finding => finding.Code == "IST0177").ShouldBe(2);

    [Fact]
    public void Under_registry_only_resolution_none_lets_names_be_claimed() =>
        ShouldFind(Analyze(Istio("ServiceEntry", "se", "{hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}]}"), MeshConfig.Default with { OutboundTrafficMode = OutboundTrafficMode.RegistryOnly }),
            "FL0010", "spec.resolution");

    [Fact]
    public void Names_under_a_wildcard_with_dns_share_the_endpoints() =>
        ShouldFind(Analyze(Istio("ServiceEntry", "se", "{hosts: ['*.a.com'], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, endpoints: [{address: b.com}]}")), "FL0011", "spec.hosts[0]");

    [Theory]
    [InlineData("DestinationRule", "{host: baidu.com, trafficPolicy: {proxyProtocol: {version: V1}}}", "spec.trafficPolicy.proxyProtocol", "no PROXY header is sent")]
    [InlineData("DestinationRule", "{host: baidu.com, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 5}}}", "spec.trafficPolicy.outlierDetection", "not ejected")]
    [InlineData("DestinationRule", "{host: baidu.com, trafficPolicy: {tls: {mode: SIMPLE}}}", "spec.trafficPolicy.tls", "TLS of mode SIMPLE is not originated")]
    [InlineData("DestinationRule", "{host: baidu.com, trafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {consistentHash: {useSourceIp: true}}}]}}",
        "spec.trafficPolicy.portLevelSettings[0].loadBalancer.consistentHash", "without affinity")]
    [InlineData("VirtualService", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}}], mirrors: [{destination: {host: baidu.com}}]}]}", "spec.http[0].mirrors", "not mirrored")]
    [InlineData("VirtualService", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}}], fault: {delay: {fixedDelay: 5s, percentage: {value: 100}}}}]}",
        "spec.http[0].fault.delay", "not delayed")]
    [InlineData("VirtualService", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}}], corsPolicy: {allowCredentials: true}}]}", "spec.http[0].corsPolicy", "CORS")]
    [InlineData("Telemetry", "{tracing: [{customTags: {a: {literal: {value: b}}}}]}", "spec.tracing[0]", "no spans are reported")]
    [InlineData("Telemetry", "{accessLogging: [{filter: {expression: 'response.code >= 400'}}]}", "spec.accessLogging[0].filter", "every request is logged")]
    [InlineData("Sidecar", "{ingress: [{port: {number: 80, protocol: HTTP, name: http}, defaultEndpoint: 127.0.0.1:8080}]}", "spec.ingress", "follow the Services")]
    public void Settings_that_do_not_act_are_said_to(string kind, string spec, string path, string instead) =>
        ShouldFind(Analyze(Baidu + Istio(kind, "it", spec)), "FL0012", path).Message.ShouldContain(instead);

    [Theory]
    [InlineData("DestinationRule", "{host: baidu.com, trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}, loadBalancer: {simple: ROUND_ROBIN}}}")]
    [InlineData("VirtualService", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}}], timeout: 3s, retries: {attempts: 2, perTryTimeout: 1s}}]}")]
    [InlineData("Telemetry", "{accessLogging: [{providers: [{name: envoy}]}]}")]
    [InlineData("Sidecar", "{egress: [{hosts: ['./*']}]}")]
    public void Settings_that_act_are_not_said_not_to(string kind, string spec) =>
        Analyze(Baidu + Istio(kind, "it", spec)).ShouldNotContain(finding => finding.Code == "FL0012");

    [Fact]
    public void Weights_that_are_no_percentages_are_explained() =>
        ShouldFind(Analyze(Baidu + Istio("VirtualService", "vs", "{hosts: [baidu.com], http: [{route: [{destination: {host: baidu.com}, weight: 1}, {destination: {host: baidu.com}, weight: 3}]}]}")),
            "FL0009", "spec.http[0].route").Message.ShouldContain("25 %, 75 %");

    [Fact]
    public void A_rule_for_an_unknown_host_and_a_subset_of_nothing_are_found()
    {
        var findings = Analyze(Httpbin + Istio("DestinationRule", "dr", "{host: httpbin, subsets: [{name: v1, labels: {version: v1}}, {name: v9, labels: {version: v9}}]}")
            + Istio("DestinationRule", "other", "{host: nowhere.com}"));

        ShouldFind(findings, "IST0173", "spec.subsets[1].labels").Message.ShouldBe("The Subset v9 defined in the DestinationRule does not select any pods.");
        ShouldFind(findings, "IST0174", "spec.host").Name.ShouldBe("other");
        findings.Count(finding => finding.Code == "IST0173").ShouldBe(1);
    }

    [Theory]
    [InlineData("{host: baidu.com, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}}", "IST0128", "spec.trafficPolicy.tls.insecureSkipVerify")]
    [InlineData("{host: baidu.com, trafficPolicy: {portLevelSettings: [{port: {number: 80}, tls: {mode: SIMPLE, insecureSkipVerify: true}}]}}", "IST0129", "spec.trafficPolicy.portLevelSettings[0].tls.insecureSkipVerify")]
    public void Servers_that_are_not_verified_are_named(string spec, string code, string path) =>
        ShouldFind(Analyze(Baidu + Istio("DestinationRule", "dr", spec)), code, path);

    [Fact]
    public void Selectors_that_match_nothing_or_meet_are_found()
    {
        var findings = Analyze(Httpbin
            + Istio("Sidecar", "a", "{workloadSelector: {labels: {app: httpbin}}, egress: [{hosts: ['./*']}]}")
            + Istio("Sidecar", "b", "{workloadSelector: {labels: {version: v1}}, egress: [{hosts: ['./*']}]}")
            + Istio("Sidecar", "c", "{workloadSelector: {labels: {app: none}}, egress: [{hosts: ['./*']}]}")
            + Istio("Sidecar", "d", "{egress: [{hosts: ['./*']}]}")
            + Istio("Sidecar", "e", "{egress: [{hosts: ['./*']}]}"));

        findings.Where(finding => finding.Code == "IST0110").Select(finding => finding.Name).ShouldBe(["a", "b"]);
        findings.Where(finding => finding.Code == "IST0111").Select(finding => finding.Name).ShouldBe(["d", "e"]);
        findings.Where(finding => finding.Code == "IST0127").Select(finding => finding.Name).ShouldBe(["c"]);
    }

    [Fact]
    public void Injection_is_judged()
    {
        var findings = Analyze("""
            apiVersion: v1
            kind: Namespace
            metadata: {name: plain}
            ---
            apiVersion: v1
            kind: Namespace
            metadata: {name: both, labels: {istio-injection: enabled, istio.io/rev: x}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: bare, namespace: both}
            spec: {containers: [{name: c, image: i, securityContext: {runAsUser: 1337}}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: refuses, namespace: both, labels: {sidecar.istio.io/inject: 'false'}}
            spec: {containers: [{name: c, image: i}]}
            """);

        findings.Select(finding => (finding.Code, finding.Name)).ShouldBe([("IST0144", "bare"), ("IST0103", "bare"), ("IST0123", "both"), ("IST0102", "plain")], ignoreOrder: true);
    }

    [Fact]
    public void Services_are_read_as_the_mesh_reads_them()
    {
        var findings = Analyze("""
            apiVersion: v1
            kind: Service
            metadata: {name: odd, namespace: default}
            spec: {selector: {app: x}, ports: [{name: web, port: 80, targetPort: 8080}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: even, namespace: default}
            spec: {selector: {app: x}, ports: [{name: tcp-web, port: 80, targetPort: 8080}, {name: http-other, port: 81, targetPort: 8080}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: ext, namespace: default}
            spec: {type: ExternalName, externalName: a.com, ports: [{name: tcp, port: 9}]}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: x, namespace: default}
            spec: {selector: {matchLabels: {app: x}}, template: {metadata: {labels: {app: x}}, spec: {containers: [{name: c, image: i}]}}}
            """);

        findings.Select(finding => (finding.Code, finding.Name)).ShouldBe([("IST0116", "x"), ("IST0137", "x"), ("IST0150", "ext"), ("IST0118", "odd")], ignoreOrder: true);
    }

    [Theory]
    [InlineData("Pod", "traffic.sidecar.istio.io/excludeOutboundIPRange", "x", "IST0108")]
    [InlineData("Pod", "traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/99", "IST0125")]
    [InlineData("Pod", "traffic.sidecar.istio.io/excludeOutboundPorts", "80-90", "IST0125")]
    [InlineData("Service", "sidecar.istio.io/logLevel", "debug", "IST0107")]
    [InlineData("Pod", "sidecar.istio.io/inject", "true", "IST0135")]
    public void Annotations_are_checked(string kind, string name, string value, string code)
    {
        var spec = kind == "Pod" ? "{containers: [{name: c, image: i}]}" : "{ports: [{name: http, port: 80}]}";
        var finding = Analyze($"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a, namespace: default, annotations: {{{name}: '{value}'}}}}\nspec: {spec}\n").ShouldHaveSingleItem();

        finding.Code.ShouldBe(code);
        finding.Path.ShouldBe($"metadata.annotations[\"{name}\"]");
    }

    [Fact]
    public void Telemetries_that_conflict_or_name_no_provider_are_found()
    {
        var findings = Analyze(Httpbin
            + Istio("Telemetry", "a", "{accessLogging: [{providers: [{name: nobody}]}]}")
            + Istio("Telemetry", "b", "{accessLogging: [{providers: [{name: envoy}]}]}")
            + Istio("Telemetry", "c", "{selector: {matchLabels: {app: httpbin}}, accessLogging: [{disabled: true}]}")
            + Istio("Telemetry", "d", "{selector: {matchLabels: {version: v1}}, accessLogging: [{providers: [{name: envoy}]}]}"));

        ShouldFind(findings, "IST0101", "spec.accessLogging[0].providers[0].name").Name.ShouldBe("a");
        findings.Where(finding => finding.Code == "IST0160").Select(finding => finding.Name).ShouldBe(["a", "b"]);
        findings.Where(finding => finding.Code == "IST0159").Select(finding => finding.Name).ShouldBe(["c", "d"]);
        ShouldFind(findings, "IST0157", "spec.accessLogging").Name.ShouldBe("c");
    }

    [Theory]
    [InlineData("Accepted")]
    [InlineData("Analyzed")]
    [InlineData("Healthy")]
    public void What_our_own_status_says_is_not_said_again(string type) =>
        Analyze($$"""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: a, namespace: default}
            spec: {hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
            status: {conditions: [{type: {{type}}, status: 'False', reason: Why, message: because}]}
            """).ShouldBeEmpty();

    [Fact]
    public void A_negative_condition_is_reported() =>
        Analyze("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: a, namespace: default}
            spec: {hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS}
            status: {conditions: [{type: Reconciled, status: 'False', reason: Why, message: because}]}
            """).ShouldHaveSingleItem().Code.ShouldBe("IST0171");

    [Fact]
    public void A_webhook_without_its_service_is_reported() =>
        Analyze("""
            apiVersion: admissionregistration.k8s.io/v1
            kind: ValidatingWebhookConfiguration
            metadata: {name: w}
            webhooks: [{name: a.b.c, clientConfig: {service: {namespace: x, name: y}}}]
            """).ShouldHaveSingleItem().Code.ShouldBe("IST0139");

    [Theory]
    [InlineData("FL0006")]
    [InlineData("IST0101, FL0006")]
    [InlineData("*")]
    public void The_annotation_suppresses(string codes) =>
        Analyze(Istio("ServiceEntry", "se", "{hosts: [db.com], ports: [{number: 5432, name: tcp, protocol: TCP}], resolution: DNS}", $", annotations: {{galley.istio.io/analyze-suppress: '{codes}'}}")).ShouldBeEmpty();

    [Fact]
    public void Exported_elsewhere_is_not_found()
    {
        var findings = Analyze("""
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata: {name: a, namespace: other}
            spec: {hosts: [a.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: DNS, exportTo: ['.']}
            """ + Istio("VirtualService", "vs", "{hosts: [a.com], http: [{route: [{destination: {host: a.com}}]}]}"));

        ShouldFind(findings, "IST0101", "spec.http[0].route[0].destination.host");
    }
}
