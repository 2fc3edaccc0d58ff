using System.Net;
using System.Net.Sockets;
using System.Text;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Statistics of what rarely happens: each is made to happen, and only it is counted.</summary>
public sealed class CountingTests
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    private static TestMesh Mesh(params IPEndPoint[] upstreams) => new TestMesh().Cluster("c", upstreams).Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));

    private static long Http(TestMesh mesh, int offset) => mesh.Stats.Read(HttpManagerStats.Of(mesh.Stats, "test"), offset);

    private static long Cluster(TestMesh mesh, int offset) => mesh.Stats.Read(ClusterStats.Of(mesh.Stats, "c"), offset);

    /// <summary>What the client does is seen by the proxy a moment later.</summary>
    private static async Task UntilAsync(Func<long> read, long expected)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (read() != expected && !limit.IsCancellationRequested)
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        read().ShouldBe(expected);
    }

    [Fact]
    public async Task Tracing_decisions_are_counted_by_their_reason()
    {
        await using var upstream = RawServer.Answering(Ok);
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("http", RunningProxy.AnyPort, mesh.Manager(tracing: new TracingConfig(10_000, 0, 10_000))));
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nx-request-id: 00000000-0000-9000-8000-000000000000\r\nconnection: close\r\n\r\n");
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nx-request-id: 00000000-0000-a000-8000-000000000000\r\nconnection: close\r\n\r\n");
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nx-request-id: 00000000-0000-b000-8000-000000000000\r\nconnection: close\r\n\r\n");

        Http(mesh, HttpManagerStats.TracingNotTraceable).ShouldBe(1);
        Http(mesh, HttpManagerStats.TracingRandomSampling).ShouldBe(1);
        Http(mesh, HttpManagerStats.TracingServiceForced).ShouldBe(1);
        Http(mesh, HttpManagerStats.TracingClientEnabled).ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_that_had_its_requests_is_counted()
    {
        await using var upstream = RawServer.Answering(Ok);
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("http", RunningProxy.AnyPort, mesh.Manager(maxRequests: 2)));
        var answer = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\n\r\n");

        answer.Split("connection: close").Length.ShouldBe(2, answer);
        Http(mesh, HttpManagerStats.DownstreamCxMaxRequestsReached).ShouldBe(1);
        Http(mesh, HttpManagerStats.DownstreamCxDestroyActiveRq).ShouldBe(0);
    }

    [Fact]
    public async Task A_client_that_leaves_within_its_request_is_counted_and_so_is_the_reset_upstream()
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.UntilStoppedAsync();
        });
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        using (var client = await proxy.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
            await UntilAsync(() => upstream.Requests.Length, 1);
        }

        await UntilAsync(() => Http(mesh, HttpManagerStats.DownstreamCxDestroyRemoteActiveRq), 1);
        Http(mesh, HttpManagerStats.DownstreamCxDestroyActiveRq).ShouldBe(1);
        Http(mesh, HttpManagerStats.DownstreamCxDestroyLocalActiveRq).ShouldBe(0);
        Cluster(mesh, ClusterStats.UpstreamRqTxReset).ShouldBe(1);
    }

    [Fact]
    public async Task A_server_that_announces_the_end_of_its_connection_is_counted()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        Cluster(mesh, ClusterStats.UpstreamCxCloseNotify).ShouldBe(1);
        Cluster(mesh, ClusterStats.UpstreamRqTxReset).ShouldBe(0);
    }

    [Fact]
    public async Task An_upgraded_connection_counts_as_long_as_it_lives()
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n");
            await connection.ReceiveAsync();
        });
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n"u8.ToArray());
        (await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 101");

        await UntilAsync(() => Http(mesh, HttpManagerStats.DownstreamCxUpgradesActive), 1);
        client.Close();
        await UntilAsync(() => Http(mesh, HttpManagerStats.DownstreamCxUpgradesActive), 0);
        Http(mesh, HttpManagerStats.DownstreamCxUpgradesTotal).ShouldBe(1);
    }

    [Fact]
    public async Task Bytes_that_wait_for_a_slow_client_show_in_the_gauge_until_it_leaves()
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 33554432\r\n\r\n" + new string('x', 32 * 1024 * 1024));
        });
        var mesh = Mesh(upstream.Address);
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        using var limit = new CancellationTokenSource(Patience);
        while (Http(mesh, HttpManagerStats.DownstreamCxTxBytesBuffered) == 0) await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);

        client.Close();
        await UntilAsync(() => Http(mesh, HttpManagerStats.DownstreamCxTxBytesBuffered), 0);
        await UntilAsync(() => Cluster(mesh, ClusterStats.UpstreamCxRxBytesBuffered), 0);
    }

    [Fact]
    public async Task A_header_that_is_no_address_is_counted_and_passed_over()
    {
        var mesh = new TestMesh();
        mesh.Cluster("c", _ => mesh.ClusterConfigOf("c", DiscoveryType.OriginalDst, LoadBalancingPolicy.ClusterProvided, destinationHeader: "x-to"));
        mesh.Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        var answer = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nx-to: nowhere\r\nconnection: close\r\n\r\n");

        answer.ShouldContain("no healthy upstream");
        Cluster(mesh, ClusterStats.OriginalDstHostInvalid).ShouldBe(1);
    }

    [Fact]
    public async Task A_source_address_that_is_not_ours_is_a_bind_error()
    {
        await using var upstream = RawServer.Answering(Ok);
        var mesh = new TestMesh();
        mesh.Cluster("c", _ => mesh.ClusterConfigOf("c", bind: IpEndpoint.From(IPAddress.Parse("203.0.113.77"), 0)), upstream.Address);
        mesh.Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));
        await using var proxy = await RunningProxy.HttpAsync(mesh);
        var answer = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 503");
        Cluster(mesh, ClusterStats.BindErrors).ShouldBe(1);
    }

    [Fact]
    public async Task A_tcp_client_whose_upstream_takes_nothing_is_not_read_from()
    {
        await using var upstream = new RawServer(connection => connection.UntilStoppedAsync());
        var mesh = new TestMesh().Cluster("c", upstream.Address);
        var stats = TcpProxyStats.Of(mesh.Stats, "c");
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("tcp", RunningProxy.AnyPort, mesh.TcpProxy("c")));
        using var client = await proxy.ConnectAsync();
        client.Blocking = false;
        var piece = Encoding.ASCII.GetBytes(new string('x', 65536));
        using var limit = new CancellationTokenSource(Patience);
        while (mesh.Stats.Read(stats, TcpProxyStats.DownstreamFlowControlPausedReadingTotal) == 0)
        {
            client.Send(piece, SocketFlags.None, out var outcome);
            outcome.ShouldBeOneOf(SocketError.Success, SocketError.WouldBlock);
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, limit.Token);
        }

        mesh.Stats.Read(stats, TcpProxyStats.DownstreamCxRxBytesBuffered).ShouldBeGreaterThan(0);
        client.Close(0);
        await UntilAsync(() => mesh.Stats.Read(stats, TcpProxyStats.DownstreamCxRxBytesBuffered), 0);
    }
}
