using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Capture.Tests;

public sealed class CaptureRulesetTests
{
    [Fact]
    public void By_default_everything_but_the_sidecars_own_ports_is_captured()
    {
        var script = CaptureRuleset.Render(CaptureAnnotations.Read(Pod()).Options);
        script.ShouldContain("tcp dport 15090 return");
        script.ShouldContain("tcp dport 15021 return");
        script.ShouldContain("tcp dport 15020 return");
        script.ShouldContain("redirect to :15006");
        script.ShouldContain("redirect to :15001");
        script.IndexOf("meta skuid 1337 return", StringComparison.Ordinal)
            .ShouldBeLessThan(script.LastIndexOf("meta l4proto tcp jump istio-redirect", StringComparison.Ordinal));
        script.ShouldNotContain("15053");
    }

    [Fact]
    public void Excluded_ranges_come_before_included_ones()
    {
        var pod = Pod(("traffic.sidecar.istio.io/includeOutboundIPRanges", "203.0.113.0/24"), ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "203.0.113.7/32"));
        var script = CaptureRuleset.Render(CaptureAnnotations.Read(pod).Options);
        script.IndexOf("ip daddr 203.0.113.7/32 return", StringComparison.Ordinal)
            .ShouldBeInRange(0, script.IndexOf("ip daddr 203.0.113.0/24 meta l4proto tcp jump istio-redirect", StringComparison.Ordinal));
    }

    [Fact]
    public void An_empty_include_captures_nothing_outbound()
    {
        var options = CaptureAnnotations.Read(Pod(("traffic.sidecar.istio.io/includeOutboundIPRanges", ""))).Options;
        options.IncludeOutboundRanges.ShouldNotBeNull().ShouldBeEmpty();
        CaptureRuleset.Render(options).ShouldNotContain("jump istio-redirect");
    }

    [Theory]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundPorts", "80-90")]
    [InlineData("traffic.sidecar.istio.io/excludeOutboundIPRanges", "*")]
    [InlineData("traffic.sidecar.istio.io/includeOutboundIPRanges", "300.0.0.0/8")]
    [InlineData("traffic.sidecar.istio.io/excludeInterfaces", "eth0; flush ruleset")]
    [InlineData("sidecar.istio.io/interceptionMode", "TPROXY")]
    public void A_bad_setting_is_named(string annotation, string value)
    {
        var reading = CaptureAnnotations.Read(Pod((annotation, value)));
        reading.Faults.ShouldHaveSingleItem().ShouldStartWith(annotation);
        CaptureRuleset.Render(reading.Options).ShouldNotContain(value == "*" ? "daddr *" : value);
    }

    [Fact]
    public void The_arguments_of_istio_init_say_the_same_as_the_annotations()
    {
        var fromArguments = CaptureArguments.Read(["capture", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "10.96.0.0/16", "-x", "", "-b", "*", "-d", "15090,15021,15020"]);
        var fromAnnotations = CaptureAnnotations.Read(Pod(("traffic.sidecar.istio.io/includeOutboundIPRanges", "10.96.0.0/16")));
        fromArguments.Faults.ShouldBeEmpty();
        CaptureRuleset.Render(fromArguments.Options).ShouldBe(CaptureRuleset.Render(fromAnnotations.Options));
    }

    [Fact]
    public void An_unknown_flag_is_a_fault() =>
        CaptureArguments.Read(["--frobnicate=1"]).Faults.ShouldHaveSingleItem().ShouldContain("--frobnicate");

    [Fact]
    public void With_dns_redirection_port_53_goes_to_the_sidecar()
    {
        var script = CaptureRuleset.Render(new CaptureOptions { RedirectDns = true });
        script.ShouldContain("udp dport 53 redirect to :15053");
        script.ShouldContain("ct zone set 1");
    }

    private static KubeObject Pod(params (string Name, string Value)[] annotations) => new(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "p",
            ["annotations"] = new JsonObject(annotations.Select(a => KeyValuePair.Create(a.Name, (JsonNode?)a.Value))),
        },
    });
}
