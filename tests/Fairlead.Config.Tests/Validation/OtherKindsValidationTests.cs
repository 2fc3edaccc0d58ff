using Fairlead.Config.Validation;

namespace Fairlead.Config.Tests.Validation;

public sealed class OtherKindsValidationTests
{
    [Theory]
    [InlineData("DestinationRule", "{host: a.com, trafficPolicy: {tls: {mode: SIMPLE}, connectionPool: {tcp: {maxConnections: 1, connectTimeout: 1s}}, outlierDetection: {consecutive5xxErrors: 5, interval: 1s}}}")]
    [InlineData("DestinationRule", "{host: a, subsets: [{name: v1, labels: {version: v1}}], trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x, maglev: {tableSize: 65537}}}, portLevelSettings: [{port: {number: 80}, tls: {mode: DISABLE}}]}}")]
    [InlineData("DestinationRule", "{host: a, trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}, warmup: {duration: 10s}}}}")]
    [InlineData("Sidecar", "{egress: [{hosts: ['./*', 'istio-system/*']}]}")]
    [InlineData("Sidecar", "{ingress: [{port: {number: 80, protocol: HTTP, name: http}, defaultEndpoint: '127.0.0.1:8080'}], egress: [{port: {number: 9}, hosts: ['*/a.com']}, {hosts: ['*/*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}")]
    [InlineData("Sidecar", "{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: p.x.svc.cluster.local, port: {number: 80}}}}")]
    [InlineData("WorkloadEntry", "{address: 203.0.113.1, labels: {app: x}}")]
    public void Valid_objects_pass(string kind, string spec) => RuleCase.ShouldPass(Manifest.Networking(kind, spec));

    [Theory]
    [InlineData("{trafficPolicy: {tls: {mode: SIMPLE}}}", "spec.host", "must have a host")]
    [InlineData("{host: 'a b'}", "spec.host", "invalid")]
    [InlineData("{host: a, subsets: [{name: v1}, {name: v1}]}", "spec.subsets[1].name", "duplicate subset names")]
    [InlineData("{host: a, subsets: [{name: V_1}]}", "spec.subsets[0].name", "subset name is invalid")]
    [InlineData("{host: a, subsets: [null]}", "spec.subsets[0]", "may not be null")]
    [InlineData("{host: a, trafficPolicy: {}}", "spec.trafficPolicy", "at least one field")]
    [InlineData("{host: a, trafficPolicy: {tunnel: {targetHost: b.com, targetPort: 1}, proxyProtocol: {}}}", "spec.trafficPolicy.tunnel", "must not be set together")]
    [InlineData("{host: a, trafficPolicy: {tunnel: {protocol: GET, targetHost: b.com, targetPort: 1}}}", "spec.trafficPolicy.tunnel.protocol", "CONNECT")]
    [InlineData("{host: a, trafficPolicy: {connectionPool: {}}}", "spec.trafficPolicy.connectionPool", "at least one field")]
    [InlineData("{host: a, trafficPolicy: {connectionPool: {tcp: {maxConnections: -1}}}}", "spec.trafficPolicy.connectionPool.tcp.maxConnections", "non-negative")]
    [InlineData("{host: a, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 0.5ms}}}}", "spec.trafficPolicy.connectionPool.tcp.connectTimeout", "ms precision")]
    [InlineData("{host: a, trafficPolicy: {connectionPool: {http: {useClientProtocol: true, h2UpgradePolicy: UPGRADE}}}}", "spec.trafficPolicy.connectionPool.http.useClientProtocol", "must not be true")]
    [InlineData("{host: a, trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}}", "spec.trafficPolicy.connectionPool.http.http2KeepAlive.timeout", "required")]
    [InlineData("{host: a, trafficPolicy: {outlierDetection: {consecutiveLocalOriginFailures: 1}}}", "spec.trafficPolicy.outlierDetection.consecutiveLocalOriginFailures", "split external")]
    [InlineData("{host: a, trafficPolicy: {outlierDetection: {maxEjectionPercent: 101}}}", "spec.trafficPolicy.outlierDetection.maxEjectionPercent", "range 0..100")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {ttl: 1s}}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.name", "name required")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: c, attributes: [{name: x}, {name: x}]}}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie.attributes[1].name", "duplicate")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {minimumRingSize: 1, maglev: {tableSize: 65537}}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize", "only one of")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {maglev: {tableSize: 4}}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize", "prime")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {maglev: {tableSize: 5000011}}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize", "less than")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {}, zoneAwareLbSetting: {}}}}", "spec.trafficPolicy.loadBalancer.zoneAwareLbSetting", "must not be set together")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {warmup: {}}}}", "spec.trafficPolicy.loadBalancer.warmup.duration", "required")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 90}}]}}}}", "spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to", "90 != 100")]
    [InlineData("{host: a, trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: a}]}}}}", "spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0]", "different regions")]
    [InlineData("{host: a, trafficPolicy: {outlierDetection: {}, loadBalancer: {localityLbSetting: {failover: [{from: a, to: b/c}]}}}}", "spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0].to", "only specify region")]
    [InlineData("{host: a, trafficPolicy: {tls: {mode: MUTUAL}}}", "spec.trafficPolicy.tls.clientCertificate", "required for mutual tls")]
    [InlineData("{host: a, trafficPolicy: {tls: {mode: SIMPLE, credentialName: x, caCertificates: /a}}}", "spec.trafficPolicy.tls.caCertificates", "credentialName is set")]
    [InlineData("{host: a, trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true, subjectAltNames: [b]}}}", "spec.trafficPolicy.tls.subjectAltNames", "insecureSkipVerify")]
    [InlineData("{host: a, trafficPolicy: {tls: {mode: SIMPLE, credentialName: 'configmap://other/x'}}}", "spec.trafficPolicy.tls.credentialName", "own namespace")]
    [InlineData("{host: a, trafficPolicy: {portLevelSettings: [{tls: {mode: SIMPLE}}]}}", "spec.trafficPolicy.portLevelSettings[0].port", "must have a port")]
    [InlineData("{host: a, trafficPolicy: {portLevelSettings: [{port: {number: 80}}]}}", "spec.trafficPolicy.portLevelSettings[0]", "at least one field")]
    [InlineData("{host: a, workloadSelector: {matchLabels: {a: b}}, exportTo: ['*']}", "spec.exportTo", "own namespace")]
    public void Destination_rules_that_the_webhook_refuses(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("DestinationRule", spec), Severity.Error, path, words);

    [Theory]
    [InlineData("{host: a, trafficPolicy: {outlierDetection: {consecutiveErrors: 5}}}", "spec.trafficPolicy.outlierDetection.consecutiveErrors", "deprecated")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {consistentHash: {useSourceIp: true, minimumRingSize: 1}}}}", "spec.trafficPolicy.loadBalancer.consistentHash.minimumRingSize", "deprecated")]
    [InlineData("{host: a, trafficPolicy: {loadBalancer: {localityLbSetting: {failover: [{from: a, to: b}]}}}}", "spec.trafficPolicy.loadBalancer.localityLbSetting", "outlier detection policy must be provided")]
    public void Destination_rules_that_the_webhook_warns_of(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("DestinationRule", spec), Severity.Warning, path, words);

    [Theory]
    [InlineData("{}", "spec", "empty configuration")]
    [InlineData("{ingress: [{}]}", "spec.ingress[0].port", "port is required")]
    [InlineData("{ingress: [{port: {number: 80}}, {port: {number: 80}}]}", "spec.ingress[1].port.number", "must be unique")]
    [InlineData("{ingress: [{port: {number: 80, targetPort: 8}}]}", "spec.ingress[0].port.targetPort", "no meaning")]
    [InlineData("{ingress: [{port: {number: 80}, defaultEndpoint: '203.0.113.1:80'}]}", "spec.ingress[0].defaultEndpoint", "must be of form")]
    [InlineData("{ingress: [{port: {number: 80, protocol: HTTPS}, tls: {mode: ISTIO_MUTUAL}}]}", "spec.ingress[0].tls.mode", "not allowed")]
    [InlineData("{ingress: [{port: {number: 80, protocol: HTTP}, tls: {mode: SIMPLE}}]}", "spec.ingress[0].port.protocol", "HTTPS or TLS")]
    [InlineData("{egress: [{hosts: ['*/*']}, {port: {number: 9}, hosts: ['*/*']}]}", "spec.egress[0]", "should be the last listener")]
    [InlineData("{egress: [{port: {number: 9}, hosts: ['*/*']}, {port: {number: 9}, hosts: ['*/*']}]}", "spec.egress[1].port.number", "must be unique")]
    [InlineData("{egress: [{port: {number: 0}, hosts: ['*/*']}]}", "spec.egress[0].port.number", "must be set")]
    [InlineData("{egress: [{port: {number: 0}, bind: 'unix:///a', captureMode: IPTABLES, hosts: ['*/*']}]}", "spec.egress[0].captureMode", "DEFAULT/NONE")]
    [InlineData("{egress: [{}]}", "spec.egress[0].hosts", "at least one host")]
    [InlineData("{egress: [{hosts: [a.com]}]}", "spec.egress[0].hosts[0]", "namespace/dnsName")]
    [InlineData("{egress: [{hosts: ['./a']}]}", "spec.egress[0].hosts[0]", "short names")]
    [InlineData("{egress: [{hosts: ['./*a.com']}]}", "spec.egress[0].hosts[0]", "partial wildcard")]
    [InlineData("{outboundTrafficPolicy: {mode: ALLOW_ANY_DYNAMIC_DNS}}", "spec.outboundTrafficPolicy.mode", "mesh's settings only")]
    [InlineData("{outboundTrafficPolicy: {mode: REGISTRY_ONLY, egressProxy: {host: a.b.com, port: {number: 1}}}}", "spec.outboundTrafficPolicy.egressProxy", "ALLOW_ANY")]
    [InlineData("{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a, port: {number: 1}}}}", "spec.outboundTrafficPolicy.egressProxy.host", "fully qualified")]
    [InlineData("{outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: a.b.com}}}", "spec.outboundTrafficPolicy.egressProxy.port", "must have a port")]
    public void Sidecars_that_the_webhook_refuses(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("Sidecar", spec), Severity.Error, path, words);

    [Theory]
    [InlineData("{egress: [{hosts: ['./a.com', './a.com']}]}", "spec.egress[0].hosts[1]", "duplicate host")]
    [InlineData("{egress: [{hosts: ['*/*', './a.com']}]}", "spec.egress[0].hosts", "not needed")]
    [InlineData("{ingress: [{port: {number: 80, protocol: TCP}, connectionPool: {http: {maxRetries: 1}}}]}", "spec.ingress[0].connectionPool.http", "no effect")]
    public void Sidecars_that_the_webhook_warns_of(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("Sidecar", spec), Severity.Warning, path, words);

    [Theory]
    [InlineData("{selector: {matchLabels: {a: b}}, targetRef: {kind: Service, name: x}}", "spec.selector", "only one of")]
    [InlineData("{accessLogging: [{filter: {expression: 'response.code >='}}]}", "spec.accessLogging[0].filter.expression", "must be a valid CEL expression")]
    [InlineData("{accessLogging: [{providers: [{name: ''}]}]}", "spec.accessLogging[0].providers[0].name", "must not be empty")]
    [InlineData("{tracing: [{randomSamplingPercentage: 101}]}", "spec.tracing[0].randomSamplingPercentage", "range")]
    [InlineData("{tracing: [{customTags: {a: {}}}]}", "spec.tracing[0].customTags.a", "must have literal")]
    [InlineData("{metrics: [{overrides: [{tagOverrides: {a: {operation: UPSERT}}}]}]}", "spec.metrics[0].overrides[0].tagOverrides.a.value", "must be set")]
    [InlineData("{metrics: [{overrides: [{tagOverrides: {a: {operation: REMOVE, value: x}}}]}]}", "spec.metrics[0].overrides[0].tagOverrides.a.value", "must not be set")]
    [InlineData("{metrics: [{overrides: [{match: {customMetric: ''}}]}]}", "spec.metrics[0].overrides[0].match.customMetric", "must not be empty")]
    public void Telemetries_that_the_webhook_refuses(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Telemetry(spec), Severity.Error, path, words);

    [Theory]
    [InlineData("{tracing: [{}, {}]}", "spec.tracing")]
    [InlineData("{tracing: [{providers: [{name: a}, {name: b}]}]}", "spec.tracing[0].providers")]
    public void Telemetries_that_the_webhook_warns_of(string spec, string path) =>
        RuleCase.ShouldBeReported(Telemetry(spec), Severity.Warning, path, "not currently supported");

    [Fact]
    public void A_valid_telemetry_passes() =>
        RuleCase.ShouldPass(Telemetry("{accessLogging: [{providers: [{name: envoy}], filter: {expression: \"response.code >= 400 && !has(request.useragent) || request.url_path.contains('v1')\"}}]}"));

    [Theory]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {}", "spec.containers", "Required value")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c}]}", "spec.containers[0].image", "Required value")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: c, image: i, volumeMounts: [{name: v, mountPath: /v}]}]}", "spec.containers[0].volumeMounts[0].name", "Not found: \"v\"")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {}", "spec.ports", "Required value")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80}, {port: 81}]}", "spec.ports[0].name", "Required value")]
    [InlineData("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{port: 80, protocol: HTTP}]}", "spec.ports[0].protocol", "Unsupported value")]
    [InlineData("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: c}}, spec: {containers: [{name: c, image: i}]}}}", "spec.template.metadata.labels", "does not match")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {'a b': c}", "data.a b", "valid config key")]
    [InlineData("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A_b}", "metadata.name", "RFC 1123")]
    public void Kubernetes_kinds_are_checked_as_the_api_server_checks_them(string yaml, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Read(yaml), Severity.Error, path, words);

    private static Kinds.KubeObject Telemetry(string spec) =>
        Manifest.Read($"apiVersion: telemetry.istio.io/v1\nkind: Telemetry\nmetadata: {{name: a, namespace: default}}\nspec: {spec}\n");
}
