using System.Net.Sockets;
using System.Security.Cryptography;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Tcp;

public sealed class TcpProxyTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-tcp-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Fact]
    public async Task Bytes_go_both_ways_with_half_close_and_one_log_line()
    {
        await using var upstream = new RawServer(async connection =>
        {
            var all = string.Empty;
            while (await connection.ReceiveAsync() is { Length: > 0 } more) all += more;
            await connection.SendAsync("got:" + all);
        });
        var mesh = new TestMesh(_log).Cluster("tcp", upstream.Address);
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("tcp", RunningProxy.AnyPort, mesh.TcpProxy("tcp")));

        (await proxy.ExchangeAsync("hello", shutdown: true)).ShouldBe("got:hello");

        (await proxy.LogLinesAsync(1))[0].ShouldStartWith($"- 0 [] - rx=5 tx=9 host={upstream.Address} cluster=tcp");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)] // a client that pauses finds the proxy with a pipe whose slots are full before its bytes
    public async Task Bulk_data_arrives_whole_through_splice(int pauseMilliseconds)
    {
        const int size = 48 * 1024 * 1024;
        var data = new byte[size];
        new Random(5).NextBytes(data);
        var expected = SHA256.HashData(data);
        var file = Path.Combine(Path.GetTempPath(), $"fairlead-bulk-{Guid.NewGuid():n}");
        await File.WriteAllBytesAsync(file, data);
        await using var upstream = new RawServer(async connection =>
        {
            await Task.Run(() => connection.Socket.SendFile(file));
            connection.Socket.Shutdown(SocketShutdown.Send);
            await connection.ReceiveAsync();
        });
        var mesh = new TestMesh(_log).Cluster("tcp", upstream.Address);
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("tcp", RunningProxy.AnyPort, mesh.TcpProxy("tcp")));

        using var client = await proxy.ConnectAsync();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        long total = 0;
        while (await client.ReceiveAsync(buffer, limit.Token) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            if (pauseMilliseconds > 0 && total / (1 << 20) != (total + count) / (1 << 20)) await Task.Delay(TimeSpan.FromMilliseconds(pauseMilliseconds), TimeProvider.System, limit.Token);
            total += count;
        }
        File.Delete(file);
        client.Shutdown(SocketShutdown.Send);

        total.ShouldBe(size);
        hash.GetHashAndReset().ShouldBe(expected);
        (await proxy.LogLinesAsync(1))[0].ShouldContain($"rx=0 tx={size}");
    }

    [Fact]
    public async Task A_refused_upstream_closes_the_connection_with_UF_then_URX()
    {
        var upstream = RawServer.Answering(string.Empty);
        var address = upstream.Address;
        await upstream.DisposeAsync();
        var mesh = new TestMesh(_log).Cluster("tcp", address);
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("tcp", RunningProxy.AnyPort, mesh.TcpProxy("tcp")));

        (await proxy.ExchangeAsync(string.Empty)).ShouldBeEmpty();

        (await proxy.LogLinesAsync(1))[0].ShouldContain("0 [UpstreamConnectionFailure,UpstreamRetryLimitExceeded] - rx=0 tx=0");
    }

    [Fact]
    public async Task An_empty_cluster_closes_the_connection_with_UH()
    {
        var mesh = new TestMesh(_log).Cluster("BlackHoleCluster");
        await using var proxy = await RunningProxy.StartAsync(mesh, mesh.Listener("tcp", RunningProxy.AnyPort, mesh.TcpProxy("BlackHoleCluster")));

        (await proxy.ExchangeAsync(string.Empty)).ShouldBeEmpty();

        (await proxy.LogLinesAsync(1))[0].ShouldContain("0 [NoHealthyUpstream] -");
    }
}
