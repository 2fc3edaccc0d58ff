using System.Text;
using Fairlead.Proxy.Admin;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Filters;

public sealed class StreamObserverTests
{
    private readonly StatRegistry _registry = new();
    private readonly StatShard _shard;
    private readonly StreamObserver _observer;
    private readonly HttpConnectionManagerConfig _manager;
    private int _seen;

    public StreamObserverTests()
    {
        _shard = _registry.CreateShard();
        var labels = new Struct { Fields = { ["app"] = Value.ForString("sleep"), ["service.istio.io/canonical-name"] = Value.ForString("sleep") } };
        var node = new Struct
        {
            Fields =
            {
                ["WORKLOAD_NAME"] = Value.ForString("sleep"), ["NAMESPACE"] = Value.ForString("default"),
                ["CLUSTER_ID"] = Value.ForString("Kubernetes"), ["LABELS"] = Value.ForStruct(labels),
            },
        };
        _observer = new StreamObserver(new IstioMetrics(_registry, _shard, new IstioLabels(node), new PeerTable(BytesComparer.Instance), TimeProvider.System.TimestampFrequency), () => _seen++);
        _manager = new HttpConnectionManagerConfig
        {
            StatPrefix = "outbound_0.0.0.0_80;",
            Codec = HttpCodecType.Auto,
            Filters = [new HttpFilterConfig.IstioStats { Name = "istio.stats", Options = IstioStatsOptions.Default }],
            ServerName = [],
            ServerHeader = ServerHeaderMode.Overwrite,
            AccessLogs = [],
            Stats = HttpManagerStats.Of(_registry, "outbound_0.0.0.0_80;"),
        };
    }

    [Fact]
    public void The_walkthroughs_first_request_counts_with_istios_labels_in_order()
    {
        _observer.OnEnded(Passthrough("www.baidu.com"), _manager);
        var page = new StatPages(_registry, new ServerState(_registry, TimeProvider.System, 1)).Prometheus(new AdminRequest("GET", "/stats/prometheus", new Dictionary<string, string>()), _observer.Unknown.Copy());
        Encoding.UTF8.GetString(page.Body).ShouldContain(
            "istio_requests_total{reporter=\"source\",source_workload=\"sleep\",source_canonical_service=\"sleep\",source_canonical_revision=\"latest\","
            + "source_workload_namespace=\"default\",source_principal=\"unknown\",source_app=\"sleep\",source_version=\"unknown\",source_cluster=\"Kubernetes\","
            + "destination_workload=\"unknown\",destination_workload_namespace=\"unknown\",destination_principal=\"unknown\",destination_app=\"unknown\","
            + "destination_version=\"unknown\",destination_service=\"www.baidu.com\",destination_canonical_service=\"unknown\","
            + "destination_canonical_revision=\"latest\",destination_service_name=\"PassthroughCluster\",destination_service_namespace=\"unknown\","
            + "destination_cluster=\"unknown\",request_protocol=\"http\",response_code=\"200\",grpc_response_status=\"\",response_flags=\"-\","
            + "connection_security_policy=\"unknown\"} 1\n");
    }

    [Fact]
    public void A_known_series_costs_no_allocation()
    {
        var info = Passthrough("www.baidu.com");
        _observer.OnEnded(info, _manager);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) _observer.OnEnded(info, _manager);
        // The runtime itself allocates a little on a thread, once, when it compiles a method anew; an object a call would be 240 KB.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }

    [Fact]
    public void Unknown_destinations_are_counted_once_each_and_known_ones_not()
    {
        _observer.OnEnded(Passthrough("www.baidu.com"), _manager);
        _observer.OnEnded(Passthrough("WWW.baidu.com:80"), _manager);
        var known = Passthrough("httpbin.org");
        known.RouteName = "default"u8.ToArray();
        known.UpstreamClusterName = "outbound|80||httpbin.org"u8.ToArray();
        _observer.OnEnded(known, _manager);
        var entry = _observer.Unknown.Copy().ShouldHaveSingleItem();
        (entry.Host, entry.Count, entry.IsBlocked, entry.Address.ToString()).ShouldBe(("www.baidu.com", 2, false, "203.0.113.7:80"));
        _seen.ShouldBe(2);
    }

    [Fact]
    public void Unknown_destinations_are_a_metric_by_host_or_address()
    {
        var table = new UnknownDestinationTable(BytesComparer.Instance);
        IpEndpoint.TryParse("203.0.113.7:443", out var first).ShouldBeTrue();
        IpEndpoint.TryParse("203.0.113.8:443", out var second).ShouldBeTrue();
        table.Record("www.baidu.com"u8, first, UnknownDestinationTable.DestinationProtocol.Tls, false, default);
        table.Record("www.baidu.com"u8, second, UnknownDestinationTable.DestinationProtocol.Tls, false, default);
        table.Record([], second, UnknownDestinationTable.DestinationProtocol.Tcp, true, default);
        table.Record("a\"b\\c"u8, first, UnknownDestinationTable.DestinationProtocol.Http, false, default);

        Metrics(table).ShouldBe(
            """
            # TYPE fairlead_unknown_destinations_total counter
            fairlead_unknown_destinations_total{destination="203.0.113.8:443",protocol="tcp",blocked="true"} 1
            fairlead_unknown_destinations_total{destination="a\"b\\c",protocol="http",blocked="false"} 1
            fairlead_unknown_destinations_total{destination="www.baidu.com",protocol="tls",blocked="false"} 2

            """);
        Metrics(new UnknownDestinationTable(BytesComparer.Instance)).ShouldBeEmpty();
    }

    private string Metrics(UnknownDestinationTable table) => Encoding.UTF8.GetString(new StatPages(_registry, new ServerState(_registry, TimeProvider.System, 1))
        .Prometheus(new AdminRequest("GET", "/stats/prometheus", new Dictionary<string, string> { ["filter"] = "unknown_destinations" }), table.Copy()).Body);

    [Fact]
    public void The_table_forgets_the_least_recently_seen_beyond_its_capacity()
    {
        var table = new UnknownDestinationTable(BytesComparer.Instance);
        for (var i = 0; i <= UnknownDestinationTable.Capacity; i++)
        {
            if (i == UnknownDestinationTable.Capacity) Record(table, 0);
            Record(table, i);
        }
        var hosts = table.Copy().Select(entry => entry.Host).ToList();
        hosts.Count.ShouldBe(UnknownDestinationTable.Capacity);
        hosts.ShouldContain("h0");
        hosts.ShouldNotContain("h1");
    }

    private static void Record(UnknownDestinationTable table, int i) => table.Record(
        Encoding.ASCII.GetBytes($"h{i}"), default, UnknownDestinationTable.DestinationProtocol.Http, false, DateTimeOffset.UnixEpoch.AddSeconds(i));

    private static StreamInfo Passthrough(string host)
    {
        var headers = new HeaderBlock();
        headers.SetAuthority(Encoding.ASCII.GetBytes(host));
        IpEndpoint.TryParse("203.0.113.7:80", out var address).ShouldBeTrue();
        return new StreamInfo
        {
            Protocol = StreamProtocol.Http11,
            RequestHeaders = headers,
            ResponseCode = 200,
            RouteName = "allow_any"u8.ToArray(),
            UpstreamClusterName = "PassthroughCluster"u8.ToArray(),
            DownstreamLocalAddress = address,
            StartTime = DateTimeOffset.UnixEpoch,
        };
    }
}
