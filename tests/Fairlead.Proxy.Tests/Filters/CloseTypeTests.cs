using System.Net.Sockets;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>DOWNSTREAM_DETECTED_CLOSE_TYPE and UPSTREAM_DETECTED_CLOSE_TYPE: who reset a connection.</summary>
public sealed class CloseTypeTests : IDisposable
{
    private const string Format = "%DOWNSTREAM_DETECTED_CLOSE_TYPE% %UPSTREAM_DETECTED_CLOSE_TYPE%\n";
    private static readonly LingerOption Reset = new(true, 0); // close(2) sends RST

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-close-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Theory]
    [InlineData("answer", "Normal Normal")]
    [InlineData("end", "Normal Normal")]
    [InlineData("reset", "Normal RemoteReset")]
    public async Task An_upstream_that_resets_is_told_from_one_that_ends(string what, string expected)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            if (what == "answer") await connection.SendAsync("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            if (what == "reset") connection.Socket.LingerState = Reset;
        });
        await using var proxy = await Proxy(server).StartAsync();
        await proxy.ExchangeAsync("POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1\r\n\r\nx");

        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData(false, "Normal Normal")]
    [InlineData(true, "RemoteReset Normal")]
    public async Task A_client_that_resets_is_told_from_one_that_ends(bool resets, string expected)
    {
        var asked = new TaskCompletionSource();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            asked.SetResult();
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await Proxy(server).StartAsync();
        using (var client = await proxy.ConnectAsync())
        {
            await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\n\r\n"u8.ToArray());
            await asked.Task;
            if (resets) client.LingerState = Reset;
        }
        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    [Theory]
    [InlineData(true, "RemoteReset LocalReset")]
    [InlineData(false, "LocalReset RemoteReset")]
    public async Task Of_a_relayed_connection_one_side_is_lost_and_the_other_reset(bool client, string expected)
    {
        var go = new TaskCompletionSource();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync("x");
            await go.Task;
            if (!client) connection.Socket.LingerState = Reset;
            else await connection.ReceiveAsync();
        });
        var config = Proxy(server);
        await using var proxy = await (config with { NetworkFilters = config.TcpProxy() }).StartAsync();
        using (var caller = await proxy.ConnectAsync())
        {
            await caller.SendAsync("hello"u8.ToArray());
            await RunningProxy.ReadUntilAsync(caller, text => text == "x");
            go.SetResult();
            if (client) caller.LingerState = Reset;
            else await RunningProxy.ReadToEndAsync(caller);
        }
        (await proxy.LogLinesAsync(1))[0].ShouldBe(expected);
    }

    private ConfiguredProxy Proxy(RawServer server) => new(server.Address) { LogPath = _log, LogFormat = Format };
}
