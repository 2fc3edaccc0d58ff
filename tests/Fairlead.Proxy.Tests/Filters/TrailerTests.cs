using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Trailers pass where both sides' configuration enables them, and are checked and dropped elsewhere (RFC 9112, 7.1.2; Envoy's Http1ProtocolOptions).</summary>
public sealed class TrailerTests : IDisposable
{
    private const string Downstream = "http_protocol_options: { enable_trailers: true },";
    private const string Upstream = """
        , typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: { enable_trailers: true } } } }
        """;

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-trailers-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Theory]
    [InlineData(true, true, "0\r\nx-sum: 7\r\n\r\n")]
    [InlineData(true, false, "0\r\n\r\n")]
    [InlineData(false, true, "0\r\n\r\n")]
    public async Task A_requests_trailers_reach_the_upstream(bool downstream, bool upstream, string end)
    {
        foreach (var body in (string[])["3\r\nabc\r\n", string.Empty])
        {
            var received = new TaskCompletionSource<string>();
            await using var server = Server(received, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
            await using var proxy = await Proxy(server, downstream, upstream).StartAsync();

            await proxy.ExchangeAsync($"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n{body}0\r\nX-Sum: 7\r\nContent-Length: 3\r\nHost: b\r\n\r\n");

            var text = await received.Task.WaitAsync(TimeSpan.FromSeconds(20));
            text.ShouldEndWith("\r\n\r\n" + body + end);
            text.ShouldNotContain("content-length");
        }
    }

    [Theory]
    [InlineData(true, true, "0\r\nx-sum: 7\r\nx-b: c\r\n\r\n", "7 10 0")]
    [InlineData(true, false, "0\r\n\r\n", "- 0 0")]
    [InlineData(false, true, "0\r\n\r\n", "7 10 0")]
    public async Task A_responses_trailers_reach_the_client_and_the_log(bool downstream, bool upstream, string end, string line)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\nTransfer-Encoding: x\r\nx-b:c\r\n\r\n");
        await using var proxy = await Proxy(server, downstream, upstream).StartAsync();

        for (var request = 0; request < 2; request++)
            (await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")).ShouldEndWith("\r\n\r\n3\r\nabc\r\n" + end);

        server.Connections.ShouldBe(1);
        (await proxy.LogLinesAsync(2)).ShouldAllBe(logged => logged == line);
    }

    [Fact]
    public async Task A_client_without_chunks_gets_no_trailers()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            Manager = "http_protocol_options: { enable_trailers: true, accept_http_10: true },", Cluster = Upstream,
        }.StartAsync();

        (await proxy.ExchangeAsync("GET / HTTP/1.0\r\nhost: a\r\n\r\n")).ShouldEndWith("\r\n\r\nabc");
    }

    [Fact]
    public async Task A_retry_sends_the_trailers_again()
    {
        var attempts = 0;
        var received = new TaskCompletionSource<string>();
        await using var server = new RawServer(async connection =>
        {
            var text = await UntilEndAsync(connection);
            if (Interlocked.Increment(ref attempts) == 1)
            {
                await connection.SendAsync("HTTP/1.1 503 No\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n0\r\nx-old: 1\r\n\r\n");
                return;
            }
            received.SetResult(text);
            await connection.SendAsync("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-new: 1\r\n\r\n");
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await (Proxy(server, true, true) with { Route = "route: { cluster: c, retry_policy: { retry_on: 5xx } }" }).StartAsync();

        var answer = await proxy.ExchangeAsync("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n3\r\nabc\r\n0\r\nx-sum: 7\r\n\r\n");

        (await received.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldEndWith("3\r\nabc\r\n0\r\nx-sum: 7\r\n\r\n");
        answer.ShouldEndWith("\r\n\r\n0\r\nx-new: 1\r\n\r\n");
        answer.ShouldNotContain("x-old");
    }

    private static RawServer Server(TaskCompletionSource<string> received, string answer) => new(async connection =>
    {
        received.SetResult(await UntilEndAsync(connection));
        await connection.SendAsync(answer);
        await connection.UntilStoppedAsync();
    });

    /// <summary>A chunked request up to the empty line behind its last chunk.</summary>
    private static async Task<string> UntilEndAsync(RawServer.Connection connection)
    {
        var text = string.Empty;
        while (text.IndexOf("0\r\n", Math.Max(0, text.IndexOf("\r\n\r\n", StringComparison.Ordinal)), StringComparison.Ordinal) < 0 || !text.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            text += await connection.ReceiveAsync();
        return text;
    }

    private ConfiguredProxy Proxy(RawServer server, bool downstream, bool upstream) => new(server.Address)
    {
        LogPath = _log,
        LogFormat = "%TRAILER(x-sum)% %RESPONSE_TRAILERS_BYTES% %BYTES_RECEIVED%\n",
        Manager = downstream ? Downstream : string.Empty,
        Cluster = upstream ? Upstream : string.Empty,
    };
}
