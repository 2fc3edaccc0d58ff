using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Tests.Snapshot;

namespace Fairlead.Proxy.Tests.Routing;

public sealed class VirtualHostIndexTests
{
    [Theory]
    [InlineData("www.foo.com", "exact")]
    [InlineData("WWW.Foo.COM", "exact")]
    [InlineData("a.b.foo.com", "long-suffix")]
    [InlineData("x.foo.com", "suffix")]
    [InlineData("baz-bar.foo.com", "dash-suffix")]
    [InlineData("foo.org", "prefix")]
    [InlineData("foo.", "any")]
    [InlineData("elsewhere", "any")]
    [InlineData("", "any")]
    public void Exact_then_longest_suffix_then_longest_prefix_then_any(string authority, string expected)
    {
        var index = Index(false, ("any", "*"), ("prefix", "foo.*"), ("suffix", "*.foo.com"), ("long-suffix", "*.b.foo.com"), ("dash-suffix", "*-bar.foo.com"), ("exact", "www.foo.com"));
        index.Find(Encoding.ASCII.GetBytes(authority))!.Name.ShouldBe(expected);
    }

    [Fact]
    public void A_port_counts_unless_it_is_to_be_ignored()
    {
        Index(false, ("a", "foo.com")).Find("foo.com:80"u8).ShouldBeNull();
        Index(true, ("a", "foo.com")).Find("foo.com:80"u8)!.Name.ShouldBe("a");
        Index(true, ("a", "[::1]")).Find("[::1]"u8)!.Name.ShouldBe("a");
    }

    [Fact]
    public void A_domain_twice_is_refused() =>
        Should.Throw<ArgumentException>(() => Index(false, ("a", "foo.com"), ("b", "FOO.com"))).Message.ShouldContain("foo.com");

    [Theory]
    [InlineData("{prefix: /a}", "/ab?x=1", true)]
    [InlineData("{path: /a}", "/a?x=1", true)]
    [InlineData("{path: /a}", "/ab", false)]
    [InlineData("{path: /A, case_sensitive: false}", "/a", true)]
    [InlineData("{path_separated_prefix: /a}", "/a/b", true)]
    [InlineData("{path_separated_prefix: /a}", "/ab", false)]
    [InlineData("{safe_regex: {regex: '/v[0-9]+'}}", "/v12?x", true)]
    [InlineData("{safe_regex: {regex: '/v[0-9]+'}}", "/v12/x", false)]
    [InlineData("{prefix: /, query_parameters: [{name: q, string_match: {exact: '7'}}]}", "/?p=1&q=7", true)]
    [InlineData("{prefix: /, query_parameters: [{name: q, present_match: true}]}", "/?p=1", false)]
    [InlineData("{prefix: /, headers: [{name: x-a, string_match: {prefix: v}}]}", "/", true)]
    [InlineData("{prefix: /, headers: [{name: x-b, string_match: {exact: v}}]}", "/", false)]
    [InlineData("{prefix: /, headers: [{name: x-b, present_match: true, invert_match: true}]}", "/", true)]
    [InlineData("{prefix: /, headers: [{name: ':method', string_match: {exact: GET}}]}", "/", true)]
    [InlineData("{prefix: /, headers: [{name: x-n, range_match: {start: 5, end: 9}}]}", "/", true)]
    [InlineData("{prefix: /, headers: [{name: x-n, range_match: {start: 5, end: 7}}]}", "/", false)]
    [InlineData("{prefix: /, cookies: [{name: c, string_match: {exact: d}}]}", "/", true)]
    public void A_route_matches_what_it_says(string match, string path, bool expected)
    {
        var table = Compile($"{{name: t, virtual_hosts: [{{name: h, domains: ['*'], routes: [{{match: {match}, route: {{cluster: c}}}}]}}]}}");
        var headers = new HeaderBlock();
        headers.SetMethod("GET"u8);
        headers.SetAuthority("a"u8);
        headers.SetPath(Encoding.ASCII.GetBytes(path));
        headers.Add("x-a"u8, "value"u8);
        headers.Add("x-n"u8, "7"u8);
        headers.Add("cookie"u8, "a=b; c=d"u8);
        (RouteSelector.Select(table.VirtualHosts.Find(headers.Authority), headers, 0) is not null).ShouldBe(expected);
    }

    [Theory]
    [InlineData("{match: {prefix: /}, route: {cluster: c, request_mirror_policies: [{cluster: m}]}}", "mirroring")]
    [InlineData("{match: {prefix: /}, route: {weighted_clusters: {clusters: [{name: a, weight: 0}]}}}", "add up to 0")]
    [InlineData("{match: {safe_regex: {regex: '('}}, route: {cluster: c}}", "safe_regex")]
    [InlineData("{match: {safe_regex: {regex: '(a)\\1'}}, route: {cluster: c}}", "linear time")]
    [InlineData("{match: {prefix: /}, direct_response: {status: 99}}", "99")]
    [InlineData("{match: {prefix: /}, route: {cluster: c, retry_policy: {retry_on: 'sometimes'}}}", "sometimes")]
    [InlineData("{match: {prefix: /}}", "action")]
    public void A_route_that_cannot_be_obeyed_is_refused_with_its_place(string route, string reason)
    {
        var error = Should.Throw<ConfigException>(() => Compile($"{{name: t, virtual_hosts: [{{name: h, domains: ['*'], routes: [{route}]}}]}}"));
        error.Message.ShouldStartWith("route configuration 't'.virtual_hosts[0]('h').routes[0]");
        error.Message.ShouldContain(reason);
    }

    [Fact]
    public void Weights_divide_requests_exactly()
    {
        var selection = ClusterSelection.Weighted([new WeightedCluster { Name = "a", Weight = 1 }, new WeightedCluster { Name = "b", Weight = 3 }]);
        Enumerable.Range(0, 400).Count(i => selection.Pick((ulong)i).Name == "b").ShouldBe(300);
    }

    private static RouteTable Compile(string yaml) => new RouteCompiler(TestCompile.Context()).Compile(TestCompile.Routes(yaml));

    private static VirtualHostIndex Index(bool ignorePort, params (string Name, string Domain)[] hosts) => VirtualHostIndex.Build(
        [.. hosts.Select(host => new VirtualHost { Name = host.Name, NameUtf8 = [], Domains = [host.Domain], Routes = [] })], ignorePort);
}
