using Fairlead.Config.Validation;

namespace Fairlead.Config.Tests.Validation;

public sealed class VirtualServiceValidationTests
{
    private const string To = "route: [{destination: {host: a}}]";

    [Theory]
    [InlineData("{hosts: [baidu.com], http: [{timeout: 3s, route: [{destination: {host: baidu.com}, weight: 100}]}]}")]
    [InlineData("{hosts: ['*'], gateways: [gw], http: [{" + To + "}]}")]
    [InlineData("{hosts: [a, '*.b.com', 203.0.113.1], http: [{match: [{uri: {prefix: /x}, headers: {end-user: {exact: j}}}], " + To + ", retries: {attempts: 3, perTryTimeout: 2s, retryOn: '5xx,connect-failure,503'}}, {" + To + "}]}")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /x, redirectCode: 302}}]}")]
    [InlineData("{hosts: [a], http: [{directResponse: {status: 503, body: {string: no}}}]}")]
    [InlineData("{hosts: [a], http: [{fault: {delay: {percentage: {value: 0.1}, fixedDelay: 5s}, abort: {httpStatus: 500}}, " + To + "}]}")]
    [InlineData("{hosts: [a], http: [{delegate: {name: b}}]}")]
    [InlineData("{http: [{" + To + "}]}")]
    [InlineData("{hosts: ['*.a.com'], tls: [{match: [{port: 443, sniHosts: [x.a.com]}], " + To + "}], tcp: [{match: [{port: 9}], " + To + "}]}")]
    [InlineData("{hosts: [a], http: [{" + To + ", headers: {request: {set: {host: b}, add: {x-a: '%%1'}}, response: {remove: [x-b]}}}]}")]
    [InlineData("{hosts: [a], http: [{timeout: 0s, " + To + ", corsPolicy: {allowOrigins: [{exact: 'https://a.com'}], allowMethods: [GET], maxAge: 24h}}]}")]
    public void Valid_virtual_services_pass(string spec) => RuleCase.ShouldPass(Manifest.Networking("VirtualService", spec));

    [Theory]
    [InlineData("{gateways: [gw], http: [{" + To + "}]}", "spec.gateways", "delegate virtual service")]
    [InlineData("{hosts: ['a_b'], http: [{" + To + "}]}", "spec.hosts[0]", "invalid")]
    [InlineData("{hosts: ['*'], http: [{" + To + "}]}", "spec.hosts[0]", "wildcard host * is not allowed for virtual services bound to the mesh gateway")]
    [InlineData("{hosts: [a.com, a.com], http: [{" + To + "}]}", "spec.hosts[1]", "duplicate hosts in virtual service")]
    [InlineData("{hosts: ['*.com', b.com], http: [{" + To + "}]}", "spec.hosts[1]", "duplicate hosts in virtual service")]
    [InlineData("{hosts: [a], http: [{match: [{headers: {'@request.auth.claims.sub': {exact: x}}}], " + To + "}]}", "spec.http[0].match[0].headers[\"@request.auth.claims.sub\"]", "JWT claim")]
    [InlineData("{hosts: [a]}", "spec", "http, tcp or tls must be provided")]
    [InlineData("{hosts: [a], http: [null]}", "spec.http[0]", "may not be null")]
    [InlineData("{hosts: [a], http: [{delegate: {name: b}, " + To + "}]}", "spec.http[0].delegate", "cannot contain route or redirect")]
    [InlineData("{http: [{delegate: {name: b}}]}", "spec.http[0].delegate", "cannot contain delegate")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /}, " + To + "}]}", "spec.http[0].redirect", "both route and redirect")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /}, fault: {abort: {httpStatus: 500}}}]}", "spec.http[0].fault", "both fault and redirect")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /}, rewrite: {uri: /}}]}", "spec.http[0].rewrite", "both rewrite and redirect")]
    [InlineData("{hosts: [a], http: [{directResponse: {status: 200}, " + To + "}]}", "spec.http[0].directResponse", "both direct_response and route")]
    [InlineData("{hosts: [a], http: [{timeout: 3s}]}", "spec.http[0]", "HTTP route, redirect or direct_response is required")]
    [InlineData("{hosts: [a], http: [{" + To + ", mirror: {host: b}, mirrors: [{destination: {host: c}}]}]}", "spec.http[0].mirrors", "both mirror and mirrors")]
    [InlineData("{hosts: [a], http: [{match: [{headers: {x: null}}], " + To + "}]}", "spec.http[0].match[0].headers.x", "may not be null")]
    [InlineData("{hosts: [a], http: [{match: [{headers: {'x y': {exact: a}}}], " + To + "}]}", "spec.http[0].match[0].headers.x y", "not a valid header name")]
    [InlineData("{hosts: [a], http: [{match: [{method: {prefix: ''}}], " + To + "}]}", "spec.http[0].match[0].method.prefix", "prefix must not be empty")]
    [InlineData("{hosts: [a], http: [{match: [{uri: {regex: '('}}], " + To + "}]}", "spec.http[0].match[0].uri.regex", "invalid regex")]
    [InlineData("{hosts: [a], http: [{match: [{uri: {regex: 'a(?=b)'}}], " + To + "}]}", "spec.http[0].match[0].uri.regex", "not supported by RE2")]
    [InlineData("{hosts: [a], http: [{match: [{port: 99999}], " + To + "}]}", "spec.http[0].match[0].port", "must be in the range")]
    [InlineData("{hosts: [a], http: [{match: [{sourceNamespace: 'A b'}], " + To + "}]}", "spec.http[0].match[0].sourceNamespace", "invalid")]
    [InlineData("{hosts: [a], gateways: ['x/y/z'], http: [{" + To + "}]}", "spec.gateways[0]", "gateway name")]
    [InlineData("{hosts: [a], http: [{" + To + ", headers: {request: {set: {':path': x}}}}]}", "spec.http[0].headers.request.set.:path", "cannot have : prefix")]
    [InlineData("{hosts: [a], http: [{" + To + ", headers: {response: {remove: [host]}}}]}", "spec.http[0].headers.response.remove[0]", "cannot have : prefix or be host")]
    [InlineData("{hosts: [a], http: [{" + To + ", headers: {request: {set: {x: '50%'}}}}]}", "spec.http[0].headers.request.set.x", "%")]
    [InlineData("{hosts: [a], http: [{route: [{weight: 1}]}]}", "spec.http[0].route[0].destination", "destination may not be null")]
    [InlineData("{hosts: [a], http: [{route: [{destination: {host: '*'}}]}]}", "spec.http[0].route[0].destination.host", "invalid destination host *")]
    [InlineData("{hosts: [a], http: [{route: [{destination: {host: a, subset: A_b}}]}]}", "spec.http[0].route[0].destination.subset", "subset name is invalid")]
    [InlineData("{hosts: [a], http: [{route: [{destination: {host: a, port: {number: 0}}}]}]}", "spec.http[0].route[0].destination.port.number", "must be in the range")]
    [InlineData("{hosts: [a], http: [{route: [{destination: {host: a}, weight: -1}]}]}", "spec.http[0].route[0].weight", "weight -1 < 0")]
    [InlineData("{hosts: [a], http: [{route: [{destination: {host: a}}, {destination: {host: b}}]}]}", "spec.http[0].route", "total destination weight = 0")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /x, prefixRewrite: /y}}]}", "spec.http[0].redirect", "both uri and prefixRewrite")]
    [InlineData("{hosts: [a], http: [{match: [{uri: {exact: /x}}], redirect: {prefixRewrite: /y}}]}", "spec.http[0].redirect.prefixRewrite", "prefix match")]
    [InlineData("{hosts: [a], http: [{redirect: {redirectCode: 301}}]}", "spec.http[0].redirect", "must specify")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /x, redirectCode: 200}}]}", "spec.http[0].redirect.redirectCode", "must be 300-399")]
    [InlineData("{hosts: [a], http: [{redirect: {scheme: ftp}}]}", "spec.http[0].redirect.scheme", "must be http or https")]
    [InlineData("{hosts: [a], http: [{directResponse: {status: 99}}]}", "spec.http[0].directResponse.status", "is not in range")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {}}]}", "spec.http[0].fault", "must have an abort and/or a delay")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {abort: {httpStatus: 500, percentage: {value: 0.00001}}}}]}", "spec.http[0].fault.abort.percentage.value", "neither 0.0, nor in range")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {abort: {http2Error: x}}}]}", "spec.http[0].fault.abort.http2Error", "not supported")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {delay: {exponentialDelay: 1s}}}]}", "spec.http[0].fault.delay.exponentialDelay", "not supported")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {abort: {grpcStatus: NOPE}}}]}", "spec.http[0].fault.abort.grpcStatus", "is not supported")]
    [InlineData("{hosts: [a], http: [{" + To + ", retries: {attempts: -1}}]}", "spec.http[0].retries.attempts", "cannot be negative")]
    [InlineData("{hosts: [a], http: [{" + To + ", retries: {attempts: 0, retryOn: 5xx}}]}", "spec.http[0].retries.retryOn", "attempts are set to 0")]
    [InlineData("{hosts: [a], http: [{" + To + ", retries: {attempts: 1, retryOn: 5xxx}}]}", "spec.http[0].retries.retryOn", "<5xxx> is not a valid retryOn policy")]
    [InlineData("{hosts: [a], http: [{" + To + ", timeout: 1.0005s}]}", "spec.http[0].timeout", "only durations to ms precision are supported")]
    [InlineData("{hosts: [a], http: [{" + To + ", timeout: soon}]}", "spec.http[0].timeout", "invalid duration")]
    [InlineData("{hosts: [a], http: [{" + To + ", retries: {attempts: 1, perTryTimeout: 0s}}]}", "spec.http[0].retries.perTryTimeout", "greater than 1ms")]
    [InlineData("{hosts: [a], http: [{" + To + ", rewrite: {uri: /x, uriRegexRewrite: {match: a, rewrite: b}}}]}", "spec.http[0].rewrite", "only contain one of")]
    [InlineData("{hosts: [a], http: [{" + To + ", rewrite: {}}]}", "spec.http[0].rewrite", "at least one of")]
    [InlineData("{hosts: [a], http: [{" + To + ", rewrite: {uriRegexRewrite: {match: a}}}]}", "spec.http[0].rewrite.uriRegexRewrite", "both match and rewrite")]
    [InlineData("{hosts: [a], http: [{" + To + ", rewrite: {authority: x}, headers: {request: {set: {host: y}}}}]}", "spec.http[0].rewrite.authority", "more than one place")]
    [InlineData("{hosts: [a], http: [{" + To + ", corsPolicy: {allowMethods: [FETCH]}}]}", "spec.http[0].corsPolicy.allowMethods[0]", "not a supported HTTP method")]
    [InlineData("{hosts: [a], http: [{" + To + ", corsPolicy: {maxAge: 1.5s}}]}", "spec.http[0].corsPolicy.maxAge", "seconds precision")]
    [InlineData("{hosts: [a], http: [{" + To + ", mirror: {host: b}, mirrorPercentage: {value: 101}}]}", "spec.http[0].mirrorPercentage.value", "range 0..100")]
    [InlineData("{hosts: [a.com], tls: [{" + To + "}]}", "spec.tls[0].match", "at least one match")]
    [InlineData("{hosts: [a.com], tls: [{match: [{port: 443}], " + To + "}]}", "spec.tls[0].match[0].sniHosts", "at least one SNI host")]
    [InlineData("{hosts: [a.com], tls: [{match: [{sniHosts: [b.com]}], " + To + "}]}", "spec.tls[0].match[0].sniHosts[0]", "not a compatible subset")]
    [InlineData("{hosts: [a.com], tls: [{match: [{sniHosts: [a.com], destinationSubnets: [x]}], " + To + "}]}", "spec.tls[0].match[0].destinationSubnets[0]", "not a valid")]
    [InlineData("{hosts: [a.com], tcp: [{match: [{port: 9}]}]}", "spec.tcp[0].route", "route is required")]
    [InlineData("{hosts: [a], http: [{" + To + "}], exportTo: ['~']}", "spec.exportTo[0]", "not allowed")]
    public void What_the_webhook_refuses_is_an_error(string spec, string path, string words) =>
        RuleCase.ShouldBeReported(Manifest.Networking("VirtualService", spec), Severity.Error, path, words);

    [Theory]
    [InlineData("{hosts: [a], http: [{" + To + "}, {" + To + "}]}", "spec.http[1]", "not used", "IST0130")]
    [InlineData("{hosts: [a], http: [{match: [{uri: {prefix: /}}], " + To + "}, {match: [{uri: {exact: /b}}], " + To + "}]}", "spec.http[1]", "not used", "IST0130")]
    [InlineData("{hosts: [a], http: [{match: [{uri: {prefix: /a}}], " + To + "}, {match: [{uri: {prefix: /ab}}], " + To + "}]}", "spec.http[1]", "covered by earlier", "IST0130")]
    [InlineData("{hosts: [a], http: [{" + To + ", mirror: {host: b}, mirrorPercent: 5}]}", "spec.http[0].mirrorPercent", "deprecated", "IST0133")]
    [InlineData("{hosts: [a], gateways: [x.y.svc.cluster.local], http: [{" + To + "}]}", "spec.gateways[0]", "legacy", "IST0133")]
    [InlineData("{hosts: [a], http: [{" + To + ", fault: {abort: {percentage: {value: 1}}}}]}", "spec.http[0].fault.abort", "not set", "IST0133")]
    [InlineData("{hosts: [203.0.113.1], tls: [{match: [{sniHosts: [203.0.113.1]}], " + To + "}]}", "spec.tls[0].match[0].sniHosts[0]", "against SNI spec", "IST0133")]
    [InlineData("{hosts: [a], http: [{redirect: {uri: /x, redirectCode: 305}}]}", "spec.http[0].redirect.redirectCode", "generates no route", "IST0133")]
    public void What_the_webhook_warns_of_is_a_warning(string spec, string path, string words, string code)
    {
        var target = Manifest.Networking("VirtualService", spec);

        RuleCase.ShouldBeReported(target, Severity.Warning, path, words);
        Validator.Validate(target).ShouldContain(finding => finding.Path == path && finding.Code == code);
    }

    [Fact]
    public void A_narrower_match_before_a_wider_one_is_reachable() =>
        RuleCase.ShouldPass(Manifest.Networking("VirtualService", "{hosts: [a], http: [{match: [{uri: {prefix: /ab}}], " + To + "}, {match: [{uri: {prefix: /a}}], " + To + "}, {" + To + "}]}"));

    [Fact]
    public void A_large_body_is_warned_of_and_a_larger_one_refused()
    {
        RuleCase.ShouldBeReported(Manifest.Networking("VirtualService", $"{{hosts: [a], http: [{{directResponse: {{status: 200, body: {{string: {new string('x', 200_000)}}}}}}}]}}"), Severity.Warning, "spec.http[0].directResponse.body", "large");
        RuleCase.ShouldBeReported(Manifest.Networking("VirtualService", $"{{hosts: [a], http: [{{directResponse: {{status: 200, body: {{string: {new string('x', 1_100_000)}}}}}}}]}}"), Severity.Error, "spec.http[0].directResponse.body", "1MB");
    }
}
