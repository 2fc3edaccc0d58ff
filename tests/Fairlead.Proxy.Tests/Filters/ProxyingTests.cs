using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Whole requests through real sockets.</summary>
public sealed class ProxyingTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-proxy-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    private TestMesh Mesh(RawServer upstream, TimeSpan? timeout = null, RetryPolicy? retry = null) => new TestMesh(_log)
        .Cluster("outbound|80||svc", upstream.Address)
        .Routes()
        .Host("svc", ["svc.example"])
        .Route("default", "/", TestMesh.To("outbound|80||svc", timeout, retry), decorator: "svc.example:80/*");

    [Fact]
    public async Task A_get_is_forwarded_with_Envoys_headers_and_logged_once()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nServer: gunicorn\r\nContent-Length: 5\r\n\r\nhello");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));

        var response = await proxy.ExchangeAsync("GET /a?b=c HTTP/1.1\r\nHost: svc.example\r\nUser-Agent: curl/8\r\nConnection: close\r\n\r\n");

        response.ShouldStartWith("HTTP/1.1 200 OK\r\n");
        response.ShouldEndWith("\r\n\r\nhello");
        response.ShouldContain("server: envoy\r\n");
        response.ShouldContain("x-envoy-upstream-service-time: ");
        response.ShouldContain("connection: close\r\n");
        response.ShouldContain("date: ");
        var request = upstream.Requests.ShouldHaveSingleItem();
        request.ShouldStartWith("GET /a?b=c HTTP/1.1\r\nhost: svc.example\r\n");
        request.ShouldContain("x-forwarded-proto: http\r\n");
        request.ShouldContain("x-envoy-attempt-count: 1\r\n");
        request.ShouldContain("x-envoy-decorator-operation: svc.example:80/*\r\n");
        request.ShouldNotContain("connection:");
        request.ShouldMatch("x-request-id: [0-9a-f]{8}-[0-9a-f]{4}-9[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\r\n");
        var line = (await proxy.LogLinesAsync(1)).ShouldHaveSingleItem();
        line.ShouldStartWith($"GET 200 [] via_upstream rx=0 tx=5 host={upstream.Address} cluster=outbound|80||svc route=default");
    }

    [Fact]
    public async Task A_certificate_header_that_a_client_made_up_goes_no_further()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nHost: svc.example\r\nX-Forwarded-Client-Cert: By=spiffe://admin\r\nX-Kept: 1\r\nConnection: close\r\n\r\n");

        var request = upstream.Requests.ShouldHaveSingleItem();
        request.ShouldNotContain("x-forwarded-client-cert");
        request.ShouldContain("x-kept: 1\r\n");
    }

    [Fact]
    public async Task A_connection_serves_pipelined_requests_in_order_over_one_upstream_connection()
    {
        await using var upstream = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                var path = request.Split(' ')[1];
                await connection.SendAsync($"HTTP/1.1 200 OK\r\ncontent-length: {path.Length}\r\n\r\n{path}");
            }
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));

        var response = await proxy.ExchangeAsync(string.Concat(
            "GET /one HTTP/1.1\r\nHost: svc.example\r\n\r\n", "GET /two HTTP/1.1\r\nHost: svc.example\r\n\r\n",
            "GET /three HTTP/1.1\r\nHost: svc.example\r\nConnection: close\r\n\r\n"));

        response.IndexOf("/one", StringComparison.Ordinal).ShouldBeLessThan(response.IndexOf("/two", StringComparison.Ordinal));
        response.ShouldEndWith("/three");
        upstream.Connections.ShouldBe(1);
        (await proxy.LogLinesAsync(3)).Length.ShouldBe(3);
    }

    [Fact]
    public async Task A_chunked_upload_arrives_chunked_and_a_chunked_answer_comes_back_chunked()
    {
        var received = new TaskCompletionSource<string>();
        await using var upstream = new RawServer(async connection =>
        {
            var text = string.Empty;
            while (!text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)) text += await connection.ReceiveAsync();
            received.SetResult(text);
            await connection.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));

        var response = await proxy.ExchangeAsync(
            "POST /up HTTP/1.1\r\nHost: svc.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n4\r\nwxyz\r\n0\r\n\r\n");

        (await received.Task.WaitAsync(TimeSpan.FromSeconds(20))).ShouldContain("transfer-encoding: chunked\r\n\r\n4\r\nwxyz\r\n0\r\n\r\n");
        response.ShouldContain("transfer-encoding: chunked\r\n");
        response.ShouldContain("3\r\nabc\r\n");
        response.ShouldEndWith("0\r\n\r\n");
        (await proxy.LogLinesAsync(1))[0].ShouldContain("rx=4 tx=5");
    }

    [Fact]
    public async Task A_route_timeout_answers_504_with_24_bytes_and_flag_UT()
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream, timeout: TimeSpan.FromMilliseconds(100)));

        var response = await proxy.ExchangeAsync("GET /slow HTTP/1.1\r\nHost: svc.example\r\nConnection: close\r\n\r\n");

        response.ShouldStartWith("HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 24\r\ncontent-type: text/plain\r\n");
        response.ShouldEndWith("\r\n\r\nupstream request timeout");
        var line = (await proxy.LogLinesAsync(1))[0];
        line.ShouldContain("504 [UpstreamRequestTimeout] response_timeout rx=0 tx=24");
        upstream.Requests[0].ShouldContain("x-envoy-expected-rq-timeout-ms: 100\r\n");
    }

    [Fact]
    public async Task An_upstream_that_refuses_gives_503_with_the_152_byte_body()
    {
        await using var upstream = RawServer.Answering(string.Empty);
        var mesh = Mesh(upstream);
        await upstream.DisposeAsync();
        await using var proxy = await RunningProxy.HttpAsync(mesh);

        var response = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nHost: svc.example\r\nConnection: close\r\n\r\n");

        response.ShouldStartWith("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 152\r\n");
        response.ShouldEndWith("reset reason: remote connection failure, transport failure reason: delayed connect error: 111");
        (await proxy.LogLinesAsync(1))[0].ShouldContain(
            "503 [UpstreamConnectionFailure] upstream_reset_before_response_started{remote_connection_failure,delayed_connect_error:_111}");
    }

    [Fact]
    public async Task An_unknown_host_gives_404_NR_route_not_found()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));

        var response = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");

        response.ShouldStartWith("HTTP/1.1 404 Not Found\r\n");
        (await proxy.LogLinesAsync(1))[0].ShouldContain("404 [NoRouteFound] route_not_found");
        upstream.Requests.ShouldBeEmpty();
    }
}
