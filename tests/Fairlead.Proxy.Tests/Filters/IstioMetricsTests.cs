using System.Text;
using System.Text.RegularExpressions;
using Fairlead.Proxy.Admin;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Istio's standard metrics of streams through real sockets: who called whom, what was dropped, and when it is told.</summary>
public sealed class IstioMetricsTests : IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    private const string Stats = "{ name: istio.stats, typed_config: { \"@type\": type.googleapis.com/stats.PluginConfig FIELDS } }";

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-metrics-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    private static string PeerFilter(string fields) =>
        $"{{ name: istio.metadata_exchange, typed_config: {{ \"@type\": type.googleapis.com/io.istio.http.peer_metadata.Config, {fields} }} }},";

    private static string Filter(string fields = "") => Stats.Replace("FIELDS", fields, StringComparison.Ordinal) + ",";

    private static string Peer(string workload, string @namespace) => Convert.ToBase64String(new Struct
    {
        Fields =
        {
            ["WORKLOAD_NAME"] = Value.ForString(workload), ["NAMESPACE"] = Value.ForString(@namespace), ["CLUSTER_ID"] = Value.ForString("other"),
            ["LABELS"] = Value.ForStruct(new Struct
            {
                Fields =
                {
                    ["app"] = Value.ForString("shop"), ["version"] = Value.ForString("v2"),
                    ["service.istio.io/canonical-name"] = Value.ForString("shop-c"), ["service.istio.io/canonical-revision"] = Value.ForString("v2-c"),
                },
            }),
        },
    }.ToByteArray());

    [Fact]
    public async Task The_destination_is_what_the_answer_says_it_is()
    {
        await using var server = RawServer.Answering($"HTTP/1.1 200 OK\r\nx-envoy-peer-metadata-id: x\r\nx-envoy-peer-metadata: {Peer("shop-v2", "market")}\r\ncontent-length: 0\r\n\r\n");
        var (page, answer) = await RequestAsync(new ConfiguredProxy(server.Address)
        {
            Filters = PeerFilter("upstream_discovery: [{ istio_headers: {} }]") + Filter(),
            Endpoint = "metadata: { filter_metadata: { istio: { workload: less;known;than;the;header } } },",
        });

        answer.ShouldNotContain("x-envoy-peer-metadata");
        var labels = Labels(page, "istio_requests_total").ShouldHaveSingleItem();
        labels.ShouldContain("source_workload=\"me\"");
        labels.ShouldContain("destination_workload=\"shop-v2\",destination_workload_namespace=\"market\",destination_principal=\"unknown\",destination_app=\"shop\","
            + "destination_version=\"v2\",destination_service=\"name.example\",destination_canonical_service=\"shop-c\",destination_canonical_revision=\"v2-c\","
            + "destination_service_name=\"unknown\",destination_service_namespace=\"market\",destination_cluster=\"other\"");
    }

    [Fact]
    public async Task The_destination_is_else_what_the_endpoint_says()
    {
        await using var server = RawServer.Answering(Ok);
        var (page, _) = await RequestAsync(new ConfiguredProxy(server.Address)
        {
            Filters = PeerFilter("upstream_discovery: [{ istio_headers: {} }, { workload_discovery: {} }]") + Filter(),
            Endpoint = "metadata: { filter_metadata: { istio: { workload: shop-v1;market;shop;v1;Kubernetes } } },",
        });

        Labels(page, "istio_requests_total").ShouldHaveSingleItem().ShouldContain(
            "destination_workload=\"shop-v1\",destination_workload_namespace=\"market\",destination_principal=\"unknown\",destination_app=\"unknown\","
            + "destination_version=\"unknown\",destination_service=\"name.example\",destination_canonical_service=\"shop\",destination_canonical_revision=\"v1\",");
    }

    [Theory]
    [InlineData("valid", "caller", "far")]
    [InlineData("not base64", "unknown", "unknown")]
    [InlineData("aGVsbG8=", "unknown", "unknown")]
    public async Task An_inbound_sides_source_is_who_calls(string header, string workload, string @namespace)
    {
        await using var server = RawServer.Answering(Ok);
        var value = header == "valid" ? Peer("caller", "far") : header;
        var (page, answer) = await RequestAsync(
            new ConfiguredProxy(server.Address)
            {
                Listener = "traffic_direction: INBOUND,",
                Filters = PeerFilter("downstream_discovery: [{ istio_headers: {} }], downstream_propagation: [{ istio_headers: {} }]") + Filter(", disable_host_header_fallback: true"),
            },
            $"x-envoy-peer-metadata-id: x\r\nx-envoy-peer-metadata: {value}\r\n");

        server.Requests[0].ShouldNotContain("x-envoy-peer-metadata");
        answer.ShouldContain("x-envoy-peer-metadata: ");
        var labels = Labels(page, "istio_requests_total").ShouldHaveSingleItem();
        labels.ShouldStartWith($"reporter=\"destination\",source_workload=\"{workload}\",");
        labels.ShouldContain($"source_workload_namespace=\"{@namespace}\"");
        labels.ShouldContain("destination_workload=\"me\"");
        labels.ShouldContain("destination_service=\"unknown\""); // not from the Host header
        labels.ShouldEndWith("connection_security_policy=\"none\"");
    }

    [Fact]
    public async Task Metrics_and_labels_may_be_left_out()
    {
        await using var server = RawServer.Answering(Ok);
        var (page, _) = await RequestAsync(new ConfiguredProxy(server.Address)
        {
            Filters = Filter(", metrics: [{ name: request_bytes, drop: true }, { tags_to_remove: [source_app] }, { name: requests_total, tags_to_remove: [response_flags, source_version] }]"),
        });

        var requests = Labels(page, "istio_requests_total").ShouldHaveSingleItem();
        requests.ShouldNotContain("source_app");
        requests.ShouldNotContain("response_flags");
        requests.ShouldNotContain("source_version");
        var sizes = Labels(page, "istio_response_bytes_sum").ShouldHaveSingleItem();
        sizes.ShouldNotContain("source_app");
        sizes.ShouldContain("response_flags=\"-\"");
        Labels(page, "istio_request_duration_milliseconds_count").ShouldHaveSingleItem();
        page.ShouldNotContain("istio_request_bytes");
    }

    [Fact]
    public async Task All_metrics_may_be_dropped()
    {
        await using var server = RawServer.Answering(Ok);
        var (page, _) = await RequestAsync(new ConfiguredProxy(server.Address) { Filters = Filter(", metrics: [{ drop: true }]") });

        page.ShouldNotContain("istio_request");
    }

    [Fact]
    public async Task A_gRPC_call_counts_with_its_status()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ngrpc-status: 7\r\ncontent-length: 0\r\n\r\n");
        var (page, _) = await RequestAsync(new ConfiguredProxy(server.Address) { Filters = Filter() }, "content-type: application/grpc\r\n");

        Labels(page, "istio_requests_total").ShouldHaveSingleItem().ShouldContain("request_protocol=\"grpc\",response_code=\"200\",grpc_response_status=\"7\"");
    }

    [Fact]
    public async Task A_connection_is_told_of_while_it_lasts()
    {
        await using var server = new RawServer(async connection =>
        {
            while (await connection.ReceiveAsync() is { Length: > 0 } more) await connection.SendAsync(more + more);
        });
        var config = new ConfiguredProxy(server.Address) { LogPath = _log, LogFormat = "%ACCESS_LOG_TYPE% %BYTES_RECEIVED% %BYTES_SENT% %DOWNSTREAM_WIRE_BYTES_SENT%\n" };
        config = config with
        {
            NetworkFilters = Stats.Replace("FIELDS", ", tcp_reporting_duration: 0.02s", StringComparison.Ordinal) + ", "
                + config.TcpProxy(", access_log_options: { access_log_flush_interval: 0.02s, flush_access_log_on_connected: true, flush_access_log_on_start: true }"),
        };
        await using var proxy = await config.StartAsync();
        await ObserveAsync(proxy);
        using (var client = await proxy.ConnectAsync())
        {
            await client.SendAsync("hello"u8.ToArray());
            (await RunningProxy.ReadUntilAsync(client, text => text.Length == 10)).ShouldBe("hellohello");
            await UntilAsync(proxy, "istio_tcp_received_bytes_total", 5);
            await UntilAsync(proxy, "istio_tcp_sent_bytes_total", 10);
            for (var count = 1; !(await proxy.LogLinesAsync(count)).Contains("TcpPeriodic 5 10 10");) count++;
            var page = Page(proxy);
            Sum(page, "istio_tcp_connections_opened_total").ShouldBe(1);
            Sum(page, "istio_tcp_connections_closed_total").ShouldBe(0);
        }
        await UntilAsync(proxy, "istio_tcp_connections_closed_total", 1);
        Sum(Page(proxy), "istio_tcp_received_bytes_total").ShouldBe(5);
        var lines = await proxy.LogLinesAsync(4);
        for (var count = 5; lines[^1].StartsWith("TcpPeriodic ", StringComparison.Ordinal); count++) lines = await proxy.LogLinesAsync(count);
        lines[0].ShouldBe("TcpConnectionStart 0 0 0");
        lines[1].ShouldBe("TcpUpstreamConnected 0 0 0");
        lines[^1].ShouldBe("TcpConnectionEnd 5 10 10");
        lines[2..^1].ShouldContain("TcpPeriodic 5 10 10");
        lines[2..^1].ShouldAllBe(line => line.StartsWith("TcpPeriodic "));
    }

    [Fact]
    public async Task Without_the_filter_nothing_is_counted()
    {
        await using var server = RawServer.Answering(Ok);
        var (page, _) = await RequestAsync(new ConfiguredProxy(server.Address));
        page.ShouldNotContain("istio_request");

        var config = new ConfiguredProxy(server.Address) { LogPath = _log };
        await using var proxy = await (config with { NetworkFilters = config.TcpProxy() }).StartAsync();
        await ObserveAsync(proxy);
        await proxy.ExchangeAsync("x", shutdown: true);
        await proxy.LogLinesAsync(1);
        Page(proxy).ShouldNotContain("istio_tcp");
    }

    private static async Task<(string Page, string Answer)> RequestAsync(ConfiguredProxy config, string headers = "")
    {
        await using var proxy = await config.StartAsync();
        await ObserveAsync(proxy);
        var answer = string.Empty;
        // Twice: the second finds what the first has made.
        for (var i = 0; i < 2; i++) answer = await proxy.ExchangeAsync($"GET / HTTP/1.1\r\nhost: name.example\r\n{headers}connection: close\r\n\r\n");
        await proxy.Sidecar.OnAllAsync(static _ => { });
        var page = Page(proxy);
        if (page.Contains("istio_requests_total{", StringComparison.Ordinal)) Sum(page, "istio_requests_total").ShouldBe(2);
        return (page, answer);
    }

    private static Task ObserveAsync(RunningProxy proxy)
    {
        var node = new Struct { Fields = { ["WORKLOAD_NAME"] = Value.ForString("me"), ["NAMESPACE"] = Value.ForString("default") } };
        return proxy.Sidecar.OnAllAsync(worker =>
        {
            var metrics = new IstioMetrics(proxy.Mesh.Stats, worker.Context.Stats, new IstioLabels(node), worker.Context.Peers, TimeProvider.System.TimestampFrequency);
            var observer = new StreamObserver(metrics, static () => { });
            worker.Context.StreamEnded = observer.OnEnded;
            worker.Context.ConnectionReported = observer.OnReported;
        });
    }

    private static string Page(RunningProxy proxy)
    {
        var pages = new StatPages(proxy.Mesh.Stats, new ServerState(proxy.Mesh.Stats, TimeProvider.System, 1));
        return Encoding.UTF8.GetString(pages.Prometheus(new AdminRequest("GET", "/stats/prometheus", new Dictionary<string, string>()), []).Body);
    }

    /// <summary>The labels of each series of a metric.</summary>
    private static string[] Labels(string page, string metric) => [.. Regex.Matches(page, $"^{metric}{{(.*)}} ", RegexOptions.Multiline).Select(match => match.Groups[1].Value)];

    private static long Sum(string page, string metric) => Regex.Matches(page, $"^{metric}{{.*}} ([0-9]+)$", RegexOptions.Multiline).Sum(match => long.Parse(match.Groups[1].Value));

    private static async Task UntilAsync(RunningProxy proxy, string metric, long expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)); // a hang fails the test; no outcome depends on it
        while (Sum(Page(proxy), metric) != expected) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }
}
