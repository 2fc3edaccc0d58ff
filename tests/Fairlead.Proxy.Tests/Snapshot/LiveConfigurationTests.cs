using System.Net;
using Fairlead.Proxy.Dns;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Names;
using Microsoft.Extensions.Time.Testing;

namespace Fairlead.Proxy.Tests.Snapshot;

public sealed class LiveConfigurationTests
{
    private readonly SnapshotStore _store = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LiveConfiguration _live;

    public LiveConfigurationTests() => _live = new LiveConfiguration(_store, TestCompile.Context(), _time);

    private static string Eds(string name, string timeout = "0s") =>
        $"{{name: {name}, type: EDS, connect_timeout: 1s, eds_cluster_config: {{eds_config: {{ads: {{}}, initial_fetch_timeout: {timeout}}}}}}}";

    private static string Assignment(string name, params string[] addresses) =>
        $"{{cluster_name: {name}, endpoints: [{{lb_endpoints: [{string.Join(", ", addresses.Select(a => $"{{endpoint: {{address: {{socket_address: {{address: {a}, port_value: 80}}}}}}}}"))}]}}]}}";

    private static string Table(string cluster, string more = "") =>
        $"{{{more}name: '80', virtual_hosts: [{{name: all, domains: ['*'], routes: [{{match: {{prefix: /}}, route: {{cluster: {cluster}}}}}]}}]}}";

    private const string Listener =
        """
        name: l
        address: {socket_address: {address: 127.0.0.1, port_value: 8080}}
        filter_chains:
        - filters:
          - name: hcm
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: l
              rds: {route_config_name: "80", config_source: {ads: {}}}
              http_filters:
              - name: router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
        """;

    [Fact]
    public void A_cluster_is_published_when_its_endpoints_are_there()
    {
        _live.SetClusters([TestCompile.Cluster(Eds("a"))], "1").IsAccepted.ShouldBeTrue();
        _store.Current.Cluster("a").ShouldBeNull();
        _live.EdsNames.ShouldBe(["a"]);
        _live.SetEndpoints([TestCompile.Endpoints(Assignment("a", "203.0.113.1"))]);
        _store.Current.Cluster("a")!.Endpoints.All.ShouldHaveSingleItem().Address.ToString().ShouldBe("203.0.113.1:80");
    }

    [Fact]
    public void A_listener_waits_for_its_routes_and_routes_wait_for_their_clusters()
    {
        _live.SetClusters([TestCompile.Cluster(Eds("a"))], "1");
        _live.SetListeners([TestCompile.Listener(Listener)], "1").IsAccepted.ShouldBeTrue();
        _live.RouteNames.ShouldBe(["80"]);
        _live.SetRoutes([TestCompile.Routes(Table("a"))], "1");
        _store.Current.Listeners.ShouldBeEmpty();
        _live.SetEndpoints([TestCompile.Endpoints(Assignment("a", "203.0.113.1"))]);
        _store.Current.Listeners.Keys.ShouldBe(["l"]);
        _store.Current.RouteTables.Keys.ShouldBe(["80"]);
    }

    [Theory]
    [InlineData("", "b", "listener 'l': route configuration '80': unknown cluster 'b'")]
    [InlineData("validate_clusters: true, ", "b", "listener 'l': route configuration '80': unknown cluster 'b'")]
    [InlineData("validate_clusters: false, ", "b", null)]
    [InlineData("", "a", null)]
    public void An_inline_table_with_an_unknown_cluster_is_refused_unless_it_may_have_one(string validate, string cluster, string? refusal)
    {
        _live.SetClusters([TestCompile.Cluster(Eds("a"))], "1");
        var inline = Listener.Replace("rds: {route_config_name: \"80\", config_source: {ads: {}}}", $"route_config: {Table(cluster, validate)}", StringComparison.Ordinal);

        var result = _live.SetListeners([TestCompile.Listener(inline)], "1");

        if (refusal is null) result.IsAccepted.ShouldBeTrue(string.Join("; ", result.Errors));
        else result.Errors.ShouldHaveSingleItem().Reason.ShouldStartWith(refusal);
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("validate_clusters: true, ", false)]
    public void A_table_by_rds_may_name_an_unknown_cluster_unless_it_says_otherwise(string validate, bool isAccepted)
    {
        _live.SetListeners([TestCompile.Listener(Listener)], "1");

        _live.SetRoutes([TestCompile.Routes(Table("b", validate))], "1").IsAccepted.ShouldBe(isAccepted);
    }

    [Fact]
    public void Names_that_come_from_files_are_not_asked_of_the_control_plane()
    {
        var folder = Path.GetTempPath();
        _live.SetClusters([TestCompile.Cluster(Eds("a")), TestCompile.Cluster(Eds("b").Replace("ads: {}", $"path_config_source: {{path: {folder}eds.yaml}}", StringComparison.Ordinal))], "1")
            .IsAccepted.ShouldBeTrue();
        _live.SetListeners([TestCompile.Listener(Listener.Replace("ads: {}", $"path_config_source: {{path: {folder}rds.yaml}}", StringComparison.Ordinal))], "1").IsAccepted.ShouldBeTrue();

        _live.AdsEndpointNames.ShouldBe(["a"]);
        _live.AdsRouteNames.ShouldBeEmpty();
        _live.Files.ShouldBe([new SourceFile(TypeUrl.Endpoints, folder + "eds.yaml"), new SourceFile(TypeUrl.Routes, folder + "rds.yaml")]);
    }

    [Fact]
    public void A_file_in_a_folder_that_is_not_there_is_refused() =>
        _live.SetClusters([TestCompile.Cluster(Eds("b").Replace("ads: {}", "path_config_source: {path: /nowhere/eds.yaml}", StringComparison.Ordinal))], "1")
            .Errors.ShouldHaveSingleItem().Reason.ShouldBe("cluster 'b'.eds_cluster_config.eds_config.path_config_source: the folder of /nowhere/eds.yaml does not exist");

    [Fact]
    public void A_snapshot_never_routes_to_a_cluster_that_warms()
    {
        Serve("a");
        _live.ChangeClusters([TestCompile.Cluster(Eds("b"))], [], "2");
        _live.SetRoutes([TestCompile.Routes(Table("b"))], "2");
        Target().ShouldBe("a");
        _live.SetEndpoints([TestCompile.Endpoints(Assignment("b", "203.0.113.2"))]);
        Target().ShouldBe("b");
    }

    [Fact]
    public void A_route_does_not_wait_for_ever()
    {
        Serve("a");
        _live.ChangeClusters([TestCompile.Cluster(Eds("b"))], [], "2");
        _live.SetRoutes([TestCompile.Routes(Table("b"))], "2");
        _time.Advance(LiveConfiguration.RouteHold);
        _live.OnTick();
        Target().ShouldBe("b");
    }

    [Fact]
    public void A_removed_cluster_lives_until_no_route_names_it()
    {
        Serve("a");
        _live.SetClusters([TestCompile.Cluster("{name: b, type: STATIC, connect_timeout: 1s}")], "2");
        _store.Current.Cluster("a").ShouldNotBeNull();
        _live.SetRoutes([TestCompile.Routes(Table("b"))], "2");
        _store.Current.Cluster("a").ShouldBeNull();
        Target().ShouldBe("b");
    }

    [Fact]
    public void Good_resources_of_a_refused_response_apply_and_the_bad_one_is_named()
    {
        var bad = TestCompile.Cluster("{name: bad, type: STATIC, lb_policy: RING_HASH}");
        var good = TestCompile.Cluster("{name: good, type: STATIC}");
        var result = _live.SetClusters([bad, good], "1");
        result.IsAccepted.ShouldBeFalse();
        result.Message("cluster").ShouldBe("Error adding/updating cluster(s) bad: cluster 'bad'.lb_policy: RingHash is not supported");
        _store.Current.Clusters.Keys.ShouldBe(["good"]);
    }

    [Fact]
    public void A_refused_change_leaves_the_old_cluster_in_force()
    {
        _live.SetClusters([TestCompile.Cluster("{name: a, type: STATIC, connect_timeout: 3s}")], "1");
        _live.SetClusters([TestCompile.Cluster("{name: a, type: STATIC, connect_timeout: -3s}")], "2").IsAccepted.ShouldBeFalse();
        _store.Current.Cluster("a")!.Config.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_name_twice_in_one_response_is_refused()
    {
        var cluster = TestCompile.Cluster("{name: a, type: STATIC}");
        _live.SetClusters([cluster, cluster], "1").Errors.ShouldHaveSingleItem().Reason.ShouldContain("twice");
    }

    [Fact]
    public void An_endpoint_change_keeps_settings_and_unchanged_endpoints_as_objects()
    {
        Serve("a");
        var before = _store.Current.Cluster("a")!;
        _live.SetEndpoints([TestCompile.Endpoints(Assignment("a", "203.0.113.1", "203.0.113.9"))]);
        var after = _store.Current.Cluster("a")!;
        after.Config.ShouldBeSameAs(before.Config);
        after.Endpoints.All.Length.ShouldBe(2);
        after.Endpoints.All[0].ShouldBeSameAs(before.Endpoints.All[0]);
        _store.Current.Listeners["l"].ShouldNotBeNull();
    }

    [Fact]
    public void A_dns_cluster_warms_with_its_first_attempt_and_keeps_addresses_when_a_later_one_fails()
    {
        ClusterEntry? watched = null;
        _live.WatchNames = entry => watched = entry;
        _live.SetClusters(
            [TestCompile.Cluster("{name: d, type: STRICT_DNS, load_assignment: {cluster_name: d, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: x.example, port_value: 80}}}}]}]}}")],
            "1").IsAccepted.ShouldBeTrue();
        _store.Current.Cluster("d").ShouldBeNull();
        _live.SetAnswer(watched!, 0, Resolved("203.0.113.1", "203.0.113.2"));
        _store.Current.Cluster("d")!.Endpoints.All.Length.ShouldBe(2);
        _live.SetAnswer(watched!, 0, new DnsAnswer(DnsAnswer.Outcome.Failed, [], TimeSpan.Zero, "no server"));
        _store.Current.Cluster("d")!.Endpoints.All.Length.ShouldBe(2);
        _live.SetAnswer(watched!, 0, Resolved());
        _store.Current.Cluster("d")!.Endpoints.All.ShouldBeEmpty();
    }

    [Fact]
    public void A_dns_cluster_whose_first_attempt_fails_is_used_empty()
    {
        ClusterEntry? watched = null;
        _live.WatchNames = entry => watched = entry;
        _live.SetClusters(
            [TestCompile.Cluster("{name: d, type: STRICT_DNS, load_assignment: {cluster_name: d, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: x.example, port_value: 80}}}}]}]}}")],
            "1");
        _live.SetAnswer(watched!, 0, new DnsAnswer(DnsAnswer.Outcome.NotFound, [], TimeSpan.Zero, "no such name"));
        _store.Current.Cluster("d")!.Endpoints.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void A_cluster_whose_endpoints_do_not_come_in_time_is_used_empty()
    {
        _live.SetClusters([TestCompile.Cluster(Eds("a", "2s"))], "1");
        _time.Advance(TimeSpan.FromSeconds(3));
        _live.OnTick();
        _store.Current.Cluster("a")!.Endpoints.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void Two_filter_chains_with_one_match_are_refused()
    {
        var listener = TestCompile.Listener(Listener);
        listener.FilterChains.Add(listener.FilterChains[0].Clone());
        _live.SetListeners([listener], "1").Errors.ShouldHaveSingleItem().Reason.ShouldContain("filter_chains[1]");
    }

    [Theory]
    [InlineData("transport_socket: {name: tls, typed_config: {'@type': type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext}}", "plain text")]
    [InlineData("lb_subset_config: {subset_selectors: [{keys: [a]}]}", "subsets")]
    [InlineData("lb_policy: CLUSTER_PROVIDED", "ORIGINAL_DST")]
    public void What_would_send_traffic_wrong_is_refused(string field, string reason) =>
        _live.SetClusters([TestCompile.Cluster($"{{name: a, type: STATIC, {field}}}")], "1").Errors.ShouldHaveSingleItem().Reason.ShouldContain(reason);

    private static DnsAnswer Resolved(params string[] addresses) =>
        new(DnsAnswer.Outcome.Resolved, [.. addresses.Select(IPAddress.Parse)], TimeSpan.FromSeconds(5), string.Empty);

    private void Serve(string cluster)
    {
        _live.SetClusters([TestCompile.Cluster(Eds(cluster))], "1");
        _live.SetEndpoints([TestCompile.Endpoints(Assignment(cluster, "203.0.113.1"))]);
        _live.SetListeners([TestCompile.Listener(Listener)], "1");
        _live.SetRoutes([TestCompile.Routes(Table(cluster))], "1");
        Target().ShouldBe(cluster);
    }

    private string Target() => ((RouteAction.Forward)_store.Current.RouteTables["80"].VirtualHosts.Hosts[0].Routes[0].Action).Clusters.Clusters[0].Name;
}
