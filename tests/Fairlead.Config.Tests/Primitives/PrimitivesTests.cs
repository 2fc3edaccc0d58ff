using System.Net;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Tests.Primitives;

public sealed class PrimitivesTests
{
    [Theory]
    [InlineData("baidu.com", "baidu.com", true)]
    [InlineData("*.baidu.com", "www.baidu.com", true)]
    [InlineData("*.baidu.com", "a.b.baidu.com", true)]
    [InlineData("*.baidu.com", "baidu.com", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*.com", "*.baidu.com", true)]
    [InlineData("*.baidu.com", "*.com", true)]
    [InlineData("*.a.com", "*.b.com", false)]
    public void Hosts_match_as_in_istio(string left, string right, bool matches)
    {
        new HostName(left).Matches(right).ShouldBe(matches);
        new HostName(right).Matches(left).ShouldBe(matches);
    }

    [Theory]
    [InlineData("a.com", "*.com", true)]
    [InlineData("*.a.com", "*.com", true)]
    [InlineData("*.com", "*.a.com", false)]
    [InlineData("*.com", "a.com", false)]
    [InlineData("a.com", "a.com", true)]
    public void A_host_is_a_subset_of_what_covers_it(string host, string of, bool subset) => new HostName(host).IsSubsetOf(of).ShouldBe(subset);

    [Fact]
    public void The_most_specific_host_comes_first() =>
        new HostName[] { "*", "*.com", "b.com", "*.foo.com", "a.com", "long.a.com" }.Order().Select(host => host.Value)
            .ShouldBe(["long.a.com", "a.com", "b.com", "*.foo.com", "*.com", "*"]);

    [Theory]
    [InlineData("httpbin", "default", "httpbin.default.svc.cluster.local")]
    [InlineData("baidu.com", "default", "baidu.com")]
    [InlineData("*", "default", "*")]
    public void Short_names_are_resolved_in_their_namespace(string host, string space, string full) => HostName.Resolve(host, space).Value.ShouldBe(full);

    [Theory]
    [InlineData("3s", 3000)]
    [InlineData("0.5s", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("250ms", 250)]
    [InlineData("-1s", -1000)]
    [InlineData("0", 0)]
    public void Durations_are_read(string text, long milliseconds)
    {
        Duration.TryParse(text, out var duration).ShouldBeTrue();
        duration.TotalMilliseconds.ShouldBe(milliseconds);
        Duration.TryParse(Duration.Format(duration), out var again).ShouldBeTrue();
        again.ShouldBe(duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("s")]
    [InlineData("3 s")]
    [InlineData("1e9s")]
    [InlineData("999999999999999999999s")]
    public void What_is_no_duration_is_refused(string text) => Duration.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Durations_are_written_as_protobuf_writes_them()
    {
        Duration.Format(TimeSpan.FromSeconds(3)).ShouldBe("3s");
        Duration.Format(TimeSpan.FromMilliseconds(1500)).ShouldBe("1.500s");
        Duration.Format(TimeSpan.FromMicroseconds(1)).ShouldBe("0.000001s");
    }

    [Theory]
    [InlineData("10.1.2.3/8", "10.0.0.0/8", true)]
    [InlineData("10.1.2.3", "10.1.2.3", true)]
    [InlineData("10.1.2.3/32", "10.1.2.3", true)]
    [InlineData("2001:db8::1/32", "2001:db8::/32", true)]
    [InlineData("10.1", "", false)]
    [InlineData("010.1.2.3", "", false)]
    [InlineData("10.0.0.0/33", "", false)]
    [InlineData("fe80::1%eth0", "", false)]
    public void Blocks_are_read_strictly(string text, string printed, bool valid)
    {
        Cidr.TryParse(text, out var block).ShouldBe(valid);
        if (valid)
            block.ToString().ShouldBe(printed);
    }

    [Fact]
    public void Blocks_contain_and_overlap()
    {
        Cidr.TryParse("10.0.0.0/8", out var wide).ShouldBeTrue();
        Cidr.TryParse("10.1.0.0/16", out var narrow).ShouldBeTrue();

        wide.Contains(IPAddress.Parse("10.9.9.9")).ShouldBeTrue();
        wide.Contains(IPAddress.Parse("11.0.0.0")).ShouldBeFalse();
        narrow.Overlaps(wide).ShouldBeTrue();
    }

    [Theory]
    [InlineData("a=b", true)]
    [InlineData("a==b,c", true)]
    [InlineData("a!=x", true)]
    [InlineData("a in (x, b)", true)]
    [InlineData("a notin (b)", false)]
    [InlineData("!c", false)]
    [InlineData("!d", true)]
    [InlineData("", true)]
    public void Label_selectors_select(string text, bool selected)
    {
        LabelSelector.TryParse(text, out var selector).ShouldBeTrue();
        selector.Matches(new Dictionary<string, string> { ["a"] = "b", ["c"] = "" }).ShouldBe(selected);
    }

    [Theory]
    [InlineData("=b")]
    [InlineData("a in b")]
    [InlineData("a,,b")]
    [InlineData("a b")]
    public void Wrong_label_selectors_are_refused(string text) => LabelSelector.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("TCP", "", "http-web", 80, Protocol.Http)]
    [InlineData("TCP", "", "grpc-web-x", 80, Protocol.GrpcWeb)]
    [InlineData("TCP", "kubernetes.io/h2c", "x", 80, Protocol.Http2)]
    [InlineData("TCP", "", "web", 80, Protocol.Auto)]
    [InlineData("TCP", "", "db", 3306, Protocol.Tcp)]
    [InlineData("UDP", "", "http", 80, Protocol.Udp)]
    public void The_protocol_of_a_service_port_follows_istio(string transport, string appProtocol, string name, int port, Protocol expected) =>
        Protocols.OfServicePort(transport, appProtocol, name, port).ShouldBe(expected);

    [Theory]
    [InlineData("response.code >= 400")]
    [InlineData("!has(request.useragent) || request.headers['x'].startsWith(\"a\") ? true : false")]
    [InlineData("[1, 2].exists(x, x in [3])")]
    [InlineData("{'a': 1}.a == 1 && r\"\\d\" != ''")]
    public void Cel_that_parses_passes(string expression) => CelSyntax.Fault(expression).ShouldBeNull();

    [Theory]
    [InlineData("")]
    [InlineData("a &&")]
    [InlineData("(a")]
    [InlineData("a b")]
    [InlineData("'open")]
    [InlineData("a..b")]
    [InlineData("f(,)")]
    public void Cel_that_does_not_parse_is_refused(string expression) => CelSyntax.Fault(expression).ShouldNotBeNull();

    [Fact]
    public void Deep_cel_is_refused_and_not_followed() => CelSyntax.Fault(new string('(', 10_000)).ShouldNotBeNull().ShouldContain("nested");

    [Fact]
    public void Lists_and_maps_equal_by_content()
    {
        ValueList<string> left = ["a", "b"];
        ValueList<string> right = ["a", "b"];

        left.ShouldBe(right);
        left.GetHashCode().ShouldBe(right.GetHashCode());
        left.Equals(["b", "a"]).ShouldBeFalse();
        new Dictionary<string, string> { ["b"] = "2", ["a"] = "1" }.ToValueMap().Equals(new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" }.ToValueMap()).ShouldBeTrue();
    }
}
