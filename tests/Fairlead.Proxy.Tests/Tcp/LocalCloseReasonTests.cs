using System.Net;
using System.Net.Sockets;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Tcp;

/// <summary>DOWNSTREAM_LOCAL_CLOSE_REASON and UPSTREAM_LOCAL_CLOSE_REASON: why this side closed a relayed connection.</summary>
public sealed class LocalCloseReasonTests : IDisposable
{
    private const string Format = "%DOWNSTREAM_LOCAL_CLOSE_REASON% %UPSTREAM_LOCAL_CLOSE_REASON%\n";

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-reason-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Theory]
    [InlineData(", idle_timeout: 0.05s", "tcp_session_idle_timeout closing_upstream_tcp_connection_due_to_downstream_local_close")]
    [InlineData(", max_downstream_connection_duration: 0.05s", "max_connection_duration_reached closing_upstream_tcp_connection_due_to_downstream_local_close")]
    public async Task A_connection_that_lasts_too_long(string field, string expected)
    {
        await using var server = new RawServer(static connection => connection.UntilStoppedAsync());
        await using var proxy = await Tcp(Proxy(server.Address), field).StartAsync();
        using var client = await proxy.ConnectAsync();

        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData("cluster: gone", "", "tcp_initializion_failure:3 -")]
    [InlineData("cluster: c", ", circuit_breakers: { thresholds: [{ max_connections: 0 }] }", "tcp_initializion_failure:2 -")]
    [InlineData("cluster: c", "", "tcp_initializion_failure:0 -")]
    public async Task A_connection_that_gets_no_upstream(string target, string cluster, string expected)
    {
        var nobody = new IPEndPoint(IPAddress.Loopback, 1);
        var config = Tcp(Proxy(nobody) with { Cluster = cluster });
        await using var proxy = await (config with { NetworkFilters = config.NetworkFilters!.Replace("cluster: c", target, StringComparison.Ordinal) }).StartAsync();
        using var client = await proxy.ConnectAsync();

        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData(true, "- closing_upstream_tcp_connection_due_to_downstream_reset_close")]
    [InlineData(false, "- -")]
    public async Task A_client_that_leaves(bool resets, string expected)
    {
        await using var server = new RawServer(static async connection =>
        {
            await connection.SendAsync("x");
            await connection.ReceiveAsync();
        });
        await using var proxy = await Tcp(Proxy(server.Address)).StartAsync();
        using (var client = await proxy.ConnectAsync())
        {
            await RunningProxy.ReadUntilAsync(client, text => text == "x");
            if (resets) client.LingerState = new LingerOption(true, 0);
        }
        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    private static ConfiguredProxy Tcp(ConfiguredProxy config, string fields = "") => config with { NetworkFilters = config.TcpProxy(fields) };

    private ConfiguredProxy Proxy(IPEndPoint upstream) => new(upstream) { LogPath = _log, LogFormat = Format };
}
