using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Fields that limit an attempt's silence, a connection's age and what is buffered.</summary>
public sealed class LimitFieldTests : IDisposable
{
    private const string Request = "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a hang fails the test; no outcome depends on it

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-limits-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Fact]
    public async Task An_attempt_that_is_silent_too_long_is_given_up()
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await Limited(server, "per_try_idle_timeout: 0.05s").StartAsync();

        (await proxy.ExchangeAsync(Request)).ShouldEndWith("\r\n\r\nupstream request timeout");
        (await proxy.LogLinesAsync(1))[0].ShouldBe("504 UT upstream_per_try_idle_timeout 1");
        Read(proxy, ClusterStats.UpstreamRqPerTryIdleTimeout).ShouldBe(1);
    }

    [Fact]
    public async Task A_connection_to_the_upstream_has_a_longest_life()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            Cluster = """
                , typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions,
                    common_http_protocol_options: { max_connection_duration: 0.05s }, explicit_http_config: { http_protocol_options: {} } } }
                """,
        }.StartAsync();
        await proxy.ExchangeAsync(Request);
        await UntilAsync(() => Read(proxy, ClusterStats.UpstreamCxMaxDurationReached) == 1);
        await UntilAsync(() => Read(proxy, ClusterStats.UpstreamCxActive) == 0);
        await proxy.ExchangeAsync(Request);

        server.Connections.ShouldBe(2);
    }

    [Fact]
    public async Task A_connection_that_is_in_use_ends_with_its_request()
    {
        RunningProxy? running = null;
        await using var server = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await UntilAsync(() => Read(running!, ClusterStats.UpstreamCxMaxDurationReached) > 0);
                await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
            }
        });
        await using var proxy = running = await new ConfiguredProxy(server.Address) { Cluster = ", common_http_protocol_options: { max_connection_duration: 0.05s }" }.StartAsync();
        using var client = await proxy.ConnectAsync();
        for (var request = 0; request < 2; request++)
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
            (await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("ok", StringComparison.Ordinal))).ShouldStartWith("HTTP/1.1 200 OK");
        }
        server.Connections.ShouldBe(2);
    }

    [Theory]
    [InlineData("per_connection_buffer_limit_bytes: 20000,", 20_000)]
    [InlineData("", 128 * 1024)]
    public async Task A_slow_clients_answer_waits_up_to_the_listeners_limit(string listener, int limit)
    {
        const int block = 32 * 1024; // what one read may bring beyond it
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 50000000\r\n\r\n" + new string('x', 50_000_000));
        });
        await using var proxy = await new ConfiguredProxy(server.Address) { Listener = listener }.StartAsync();
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
        long Waiting() => proxy.Mesh.Stats.Read(HttpManagerStats.Of(proxy.Mesh.Stats, "test"), HttpManagerStats.DownstreamCxTxBytesBuffered);

        await UntilAsync(() => Waiting() > limit);
        Waiting().ShouldBeInRange(limit + 1, limit + block);
    }

    private static long Read(RunningProxy proxy, int stat) => proxy.Mesh.Stats.Read(ClusterStats.Of(proxy.Mesh.Stats, "c"), stat);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!isSo()) await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
    }

    private ConfiguredProxy Limited(RawServer server, string retry) => new(server.Address)
    {
        LogPath = _log,
        LogFormat = "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %UPSTREAM_REQUEST_ATTEMPT_COUNT%\n",
        Route = $"route: {{ cluster: c, retry_policy: {{ {retry} }} }}",
    };
}
