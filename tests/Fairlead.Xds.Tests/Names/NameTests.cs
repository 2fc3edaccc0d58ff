using Fairlead.Xds.Names;
using FsCheck;
using FsCheck.Fluent;

namespace Fairlead.Xds.Tests.Names;

public sealed class NameTests
{
    [Theory]
    [InlineData("outbound|80||httpbin.org", "outbound", 80, "", "httpbin.org")]
    [InlineData("outbound|9080|v1|reviews.default.svc.cluster.local", "outbound", 9080, "v1", "reviews.default.svc.cluster.local")]
    [InlineData("inbound|8080||", "inbound", 8080, "", "")]
    public void A_cluster_name_has_four_parts_and_prints_as_it_was(string text, string direction, int port, string subset, string host)
    {
        ClusterName.TryParse(text, out var name).ShouldBeTrue();
        name.ShouldBe(new ClusterName(direction, port, subset, host));
        name.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("PassthroughCluster")]
    [InlineData("outbound|x||h")]
    [InlineData("outbound|0||h")]
    [InlineData("outbound|80|h")]
    [InlineData("sideways|80||h")]
    [InlineData("")]
    public void Other_names_are_not_cluster_names_of_that_form(string text) => ClusterName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void The_walkthroughs_node_id_parses()
    {
        const string text = "sidecar~10.244.96.245~sleep-7656cf8794-p86f2.default~default.svc.cluster.local";
        NodeId.TryParse(text, out var id).ShouldBeTrue();
        id.Pod.ShouldBe("sleep-7656cf8794-p86f2");
        id.Namespace.ShouldBe("default");
        id.ToString().ShouldBe(text);
        NodeId.ForSidecar("10.244.96.245", "sleep-7656cf8794-p86f2", "default").ShouldBe(id);
    }

    [Theory]
    [InlineData("sidecar~nowhere~a.b~c")]
    [InlineData("sidecar~10.0.0.1~a.b")]
    [InlineData("boat~10.0.0.1~a.b~c")]
    public void A_malformed_node_id_is_refused(string text) => NodeId.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void A_spiffe_id_prints_what_it_parsed()
    {
        SpiffeId.TryParse("spiffe://cluster.local/ns/default/sa/sleep", out var id).ShouldBeTrue();
        id.ShouldBe(new SpiffeId("cluster.local", "default", "sleep"));
        id.ToString().ShouldBe("spiffe://cluster.local/ns/default/sa/sleep");
        SpiffeId.TryParse("spiffe://cluster.local/ns//sa/sleep", out _).ShouldBeFalse();
        SpiffeId.TryParse("https://cluster.local/ns/a/sa/b", out _).ShouldBeFalse();
    }

    [Fact]
    public void No_text_makes_a_parser_throw() => Check.QuickThrowOnFailure(Prop.ForAll<string>(text =>
    {
        text ??= string.Empty;
        _ = ClusterName.TryParse(text, out _);
        _ = NodeId.TryParse(text, out _);
        return !SpiffeId.TryParse(text, out var id) || id.ToString() == text;
    }));
}
