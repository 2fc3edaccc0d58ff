using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Tests.Upstreams;

/// <summary>What a cluster's common_lb_config says about its hosts.</summary>
public sealed class HostSetTests
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    [Theory]
    [InlineData(50, 6, 4, 6)] // 60 % are healthy
    [InlineData(50, 4, 6, 10)] // 40 %: everybody is tried
    [InlineData(0, 1, 9, 1)] // never
    [InlineData(100, 9, 1, 10)]
    [InlineData(50, 0, 3, 3)]
    public void With_too_few_healthy_hosts_everybody_is_tried(double threshold, int healthy, int unhealthy, int tried)
    {
        var mesh = new TestMesh();
        var config = new ClusterConfig
        {
            Name = "c", NameUtf8 = "c"u8.ToArray(), StatNameUtf8 = "c"u8.ToArray(), Discovery = DiscoveryType.Static, Policy = LoadBalancingPolicy.RoundRobin,
            DefaultLimits = CircuitBreakerLimits.EnvoyDefault, HighLimits = CircuitBreakerLimits.EnvoyDefault, PanicThresholdPercent = threshold,
            OriginalDst = mesh.ClusterConfigOf("c").OriginalDst, Dns = mesh.ClusterConfigOf("c").Dns, Stats = ClusterStats.Of(mesh.Stats, "c"),
        };
        var endpoints = Enumerable.Range(1, healthy + unhealthy).Select(i => new Endpoint
        {
            Address = IpEndpoint.FromIPv4((uint)i, 80), Weight = 1, Health = i <= healthy ? EndpointHealth.Healthy : EndpointHealth.Unhealthy,
        });
        var cluster = new WorkerCluster(
            IdleWorker.Create(mesh.Stats), new ClusterSnapshot(config, new EndpointSet([new LocalityEndpoints(string.Empty, string.Empty, string.Empty, 0, 0, [.. endpoints])], 140)));

        Enumerable.Range(0, 30).Select(_ => cluster.PickHost()!.Address).Distinct().Count().ShouldBe(tried);
        mesh.Stats.Read(ClusterStats.Of(mesh.Stats, "c"), ClusterStats.LbHealthyPanic).ShouldBe(tried == healthy ? 0 : 30);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData(", common_lb_config: { close_connections_on_host_set_change: true }", 2)]
    public async Task Connections_may_end_with_a_change_of_the_hosts(string cluster, int connections)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address) { Cluster = cluster }.StartAsync();
        using var client = await proxy.ConnectAsync();
        await AskAsync(client);
        await AskAsync(client);
        server.Connections.ShouldBe(1);

        await ChangeHostsAsync(proxy);
        await AskAsync(client);
        await AskAsync(client);

        server.Connections.ShouldBe(connections);
    }

    [Fact]
    public async Task A_request_under_way_is_finished_and_its_connection_not_used_again()
    {
        var go = new TaskCompletionSource();
        await using var server = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await go.Task;
                await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            }
        });
        await using var proxy = await new ConfiguredProxy(server.Address) { Cluster = ", common_lb_config: { close_connections_on_host_set_change: true }" }.StartAsync();
        using var client = await proxy.ConnectAsync();
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(Request));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30)); // a hang fails the test; no outcome depends on it
        while (server.Requests.Length == 0) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);

        await ChangeHostsAsync(proxy);
        go.SetResult();

        (await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 200 OK");
        server.Connections.ShouldBe(1);
        await AskAsync(client);
        server.Connections.ShouldBe(2);
    }

    private static async Task AskAsync(System.Net.Sockets.Socket client)
    {
        await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(Request));
        (await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 200 OK");
    }

    /// <summary>The same hosts in a new set, as another push brings them.</summary>
    private static async Task ChangeHostsAsync(RunningProxy proxy)
    {
        var current = proxy.Store.Current;
        var cluster = current.Cluster("c")!;
        var next = new ClusterSnapshot(cluster.Config, new EndpointSet(cluster.Endpoints.Localities, 140));
        proxy.Store.Publish(new ProxySnapshot(
            current.Generation + 1, new Dictionary<string, ListenerSnapshot>(current.Listeners), new Dictionary<string, ClusterSnapshot> { ["c"] = next }, []));
        await proxy.Sidecar.OnAllAsync(static _ => { });
    }
}
