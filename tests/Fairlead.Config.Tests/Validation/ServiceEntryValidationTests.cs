using Fairlead.Config.Validation;

namespace Fairlead.Config.Tests.Validation;

public sealed class ServiceEntryValidationTests
{
    private const string Http = "ports: [{number: 80, name: http, protocol: HTTP}]";

    [Theory]
    [InlineData("{hosts: [baidu.com], " + Http + ", resolution: DNS}")]
    [InlineData("{hosts: [baidu.com, '*.baidu.com'], " + Http + "}")]
    [InlineData("{hosts: ['*.baidu.com'], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DYNAMIC_DNS}")]
    [InlineData("{hosts: [a.com], addresses: [203.0.113.0/24], ports: [{number: 9, name: t, protocol: TCP}], resolution: STATIC, endpoints: [{address: 203.0.113.9, ports: {t: 99}}]}")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 'unix:///run/a.sock'}]}")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: DNS, endpoints: [{address: b.com}]}")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, workloadSelector: {labels: {app: x}}, exportTo: ['.']}")]
    [InlineData("{hosts: [a.com, b.com], ports: [{number: 443, name: tls, protocol: HTTPS}], resolution: DNS, exportTo: [one, two]}")]
    public void Valid_entries_pass(string spec) => RuleCase.ShouldPass(Manifest.Networking("ServiceEntry", spec));

    [Theory]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, workloadSelector: {labels: {'': x}}}", "spec.workloadSelector.labels.", "empty key is not supported in selector")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, workloadSelector: {labels: {app: '*'}}}", "spec.workloadSelector.labels.app", "wildcard is not supported in selector")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, workloadSelector: {labels: {a: b}}, endpoints: [{address: 203.0.113.1}]}", "spec.endpoints", "only one of WorkloadSelector or Endpoints is allowed")]
    [InlineData("{" + Http + "}", "spec.hosts", "must have at least one host")]
    [InlineData("{hosts: ['*'], " + Http + "}", "spec.hosts[0]", "invalid host *")]
    [InlineData("{hosts: [a_b.com], " + Http + "}", "spec.hosts[0]", "label \"a_b\" invalid")]
    [InlineData("{hosts: [a.*.com], " + Http + "}", "spec.hosts[0]", "invalid")]
    [InlineData("{hosts: [a.123], " + Http + "}", "spec.hosts[0]", "cannot be all-numeric")]
    [InlineData("{hosts: [a.com], addresses: [10.0.0], " + Http + "}", "spec.addresses[0]", "10.0.0 is not a valid IP")]
    [InlineData("{hosts: [a.com], addresses: [10.0.0.0/33], " + Http + "}", "spec.addresses[0]", "is not a valid CIDR block")]
    [InlineData("{hosts: [a.com], addresses: [10.0.0.0/8], " + Http + ", resolution: DNS}", "spec.addresses[0]", "CIDR addresses are allowed only for NONE/STATIC resolution types")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: a, protocol: HTTP}]}", "spec.ports[1].name", "already defined")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: a, protocol: HTTP}, {number: 80, name: b, protocol: HTTP}]}", "spec.ports[1].number", "already defined")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: 'a b', protocol: HTTP}]}", "spec.ports[0].name", "invalid port name")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: a, protocol: HTP}]}", "spec.ports[0].protocol", "unsupported protocol: HTP")]
    [InlineData("{hosts: [a.com], ports: [{number: 0, name: a, protocol: HTTP}]}", "spec.ports[0].number", "must be in the range 1..65535")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: a, protocol: HTTP, targetPort: 70000}]}", "spec.ports[0].targetPort", "must be in the range 1..65535")]
    [InlineData("{hosts: [a.com], ports: [null]}", "spec.ports[0]", "may not be null")]
    [InlineData("{hosts: [a.com], " + Http + ", endpoints: [{address: 203.0.113.1}]}", "spec.endpoints", "no endpoints should be provided for resolution type none")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{}]}", "spec.endpoints[0].address", "address is required")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: b.com}]}", "spec.endpoints[0].address", "is not a valid IP address")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 'unix://run'}]}", "spec.endpoints[0].address", "UDS must be an absolute path")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 'unix:///run/'}]}", "spec.endpoints[0].address", "UDS may not be a dir")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 'unix:///run/a', ports: {http: 1}}]}", "spec.endpoints[0].ports", "UDS may not include ports")]
    [InlineData("{hosts: [a.com], ports: [{number: 80, name: a, protocol: HTTP}, {number: 81, name: b, protocol: HTTP}], resolution: STATIC, endpoints: [{address: 'unix:///run/a'}]}", "spec.endpoints[0].address", "exactly 1 service port required")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 203.0.113.1, ports: {other: 1}}]}", "spec.endpoints[0].ports.other", "endpoint port other is not defined by the service entry")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{address: 203.0.113.1, labels: {'a b': c}}]}", "spec.endpoints[0].labels.a b", "invalid tag key")]
    [InlineData("{hosts: ['*.a.com'], " + Http + ", resolution: DNS}", "spec.hosts[0]", "hosts must be FQDN or contain only prefix wildcards if no endpoints are provided for resolution mode DNS")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: DNS, endpoints: [{address: 'b c'}]}", "spec.endpoints[0].address", "is not a valid FQDN or an IP address")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: DNS_ROUND_ROBIN, endpoints: [{address: b.com}, {address: c.com}]}", "spec.endpoints", "0 or 1 endpoint")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: DYNAMIC_DNS}", "spec.hosts[0]", "hosts must be wildcard")]
    [InlineData("{hosts: ['*.a.com'], " + Http + ", resolution: DYNAMIC_DNS, addresses: [203.0.113.1]}", "spec.addresses", "addresses must not be set")]
    [InlineData("{hosts: ['*.a.com'], ports: [{number: 443, name: a, protocol: HTTPS}], resolution: DYNAMIC_DNS}", "spec.ports[0].protocol", "only HTTP, TLS, GRPC and HTTP2")]
    [InlineData("{hosts: [a.com, b.com], ports: [{number: 9, name: a, protocol: TCP}], resolution: DNS}", "spec.ports[0].protocol", "multiple hosts provided with non-HTTP, non-TLS ports")]
    [InlineData("{hosts: [a.com], " + Http + ", exportTo: [one, one]}", "spec.exportTo[1]", "duplicate entries in exportTo")]
    [InlineData("{hosts: [a.com], " + Http + ", exportTo: ['.', default]}", "spec.exportTo[1]", "duplicate entries in exportTo")]
    [InlineData("{hosts: [a.com], " + Http + ", exportTo: ['*', one]}", "spec.exportTo", "cannot have both public")]
    [InlineData("{hosts: [a.com], " + Http + ", exportTo: ['~', one]}", "spec.exportTo", "cannot export to no one")]
    [InlineData("{hosts: [a.com], " + Http + ", exportTo: ['a b']}", "spec.exportTo[0]", "DNS 1123 label")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: OTHER}", "spec.resolution", "unsupported resolution type OTHER")]
    public void What_the_webhook_refuses_is_an_error(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("ServiceEntry", spec), Severity.Error, path, words);

    [Theory]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, workloadSelector: {}}", "spec.workloadSelector", "without labels")]
    [InlineData("{hosts: ['*foo.com'], " + Http + "}", "spec.hosts[0]", "partial wildcard")]
    [InlineData("{hosts: [a.com], ports: [{number: 9, name: a, protocol: TCP}]}", "spec.ports[0]", "addresses are required")]
    [InlineData("{hosts: [a.com], " + Http + ", workloadSelector: {labels: {a: b}}}", "spec.workloadSelector", "should not be set when resolution mode is NONE")]
    [InlineData("{hosts: [a.com], " + Http + ", resolution: STATIC, endpoints: [{network: n}]}", "spec.endpoints[0].address", "address is empty")]
    [InlineData("{hosts: [a.com, b.com], addresses: [203.0.113.1], ports: [{number: 9, name: a, protocol: TCP}], resolution: DNS}", "spec.addresses", "share its addresses")]
    public void What_the_webhook_warns_of_is_a_warning(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("ServiceEntry", spec), Severity.Warning, path, words);

    [Fact]
    public void All_findings_come_at_once()
    {
        var findings = Validator.Validate(Manifest.Networking("ServiceEntry", "{hosts: ['*'], ports: [{number: 0, name: 'x y', protocol: NOPE}], resolution: NOPE}"));

        findings.Count(finding => finding.Severity == Severity.Error).ShouldBe(5);
    }
}
