using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Bytes and times in the log are those of the wire.</summary>
public sealed class CountedBytesTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-bytes-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    public static TheoryData<string, string> Messages => new()
    {
        { "GET / HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc" },
        { "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nhello", "HTTP/1.1 204 No Content\r\n\r\n" },
        { "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\na: b\r\n\r\n", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n" },
        { "HEAD / HTTP/1.1\r\nhost: a\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Wire_bytes_are_those_that_went_over_the_wire(string request, string response)
    {
        var atUpstream = 0;
        await using var server = new RawServer(async connection =>
        {
            while (true)
            {
                var text = string.Empty;
                while (!IsWhole(text))
                {
                    if (await connection.ReceiveAsync() is not { Length: > 0 } more) return;
                    text += more;
                }
                Interlocked.Exchange(ref atUpstream, text.Length);
                await connection.SendAsync(response);
            }
        });
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            LogPath = _log,
            LogFormat = "%DOWNSTREAM_WIRE_BYTES_RECEIVED% %DOWNSTREAM_WIRE_BYTES_SENT% %UPSTREAM_WIRE_BYTES_SENT% %UPSTREAM_WIRE_BYTES_RECEIVED% "
                + "%REQUEST_TX_DURATION% %COMMON_DURATION(US_TX_BEG:US_TX_END)% %DOWNSTREAM_HEADER_BYTES_RECEIVED%\n",
        }.StartAsync();
        using var client = await proxy.ConnectAsync();
        for (var round = 1; round <= 2; round++)
        {
            await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(request));
            var end = response[(response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            var answer = await RunningProxy.ReadUntilAsync(client, text => text.Contains("\r\n\r\n", StringComparison.Ordinal) && text.EndsWith(end, StringComparison.Ordinal));
            var line = (await proxy.LogLinesAsync(round))[round - 1];
            line.ShouldMatch($"^{request.Length} {answer.Length} {atUpstream} {response.Length} [0-9]+ [0-9]+ {request.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4}$");
        }
    }

    [Fact]
    public async Task Header_bytes_are_names_and_values()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            LogPath = _log, LogFormat = "%REQUEST_HEADERS_BYTES% %RESPONSE_HEADERS_BYTES%\n", Manager = "generate_request_id: false, server_header_transformation: PASS_THROUGH,",
        }.StartAsync();
        var answer = await proxy.ExchangeAsync("GET /path HTTP/1.1\r\nHost: name.example\r\nA:  b \r\nConnection: close\r\n\r\n");

        (await proxy.LogLinesAsync(1))[0].ShouldBe($"{Sum(server.Requests[0], ":method:path:authority:schemehttp") - "hostHTTP/1.1".Length} {Sum(answer, ":status") - "HTTP/1.1OKconnectionclose".Length}");

        // Every name and value of the message as it left, with the pseudo-headers' names.
        static int Sum(string message, string names) => names.Length
            + message.Split("\r\n").Sum(line => line.Split(": ").Sum(part => part.Length)) - message.Split("\r\n")[0].Count(character => character == ' ');
    }

    [Theory]
    [InlineData("POST", "content-length: 0\r\n")]
    [InlineData("PATCH", "content-length: 0\r\n")]
    [InlineData("GET", "")]
    [InlineData("DELETE", "")]
    public async Task A_request_without_body_says_so_where_its_method_does_not(string method, string expected)
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address).StartAsync();
        await proxy.ExchangeAsync($"{method} / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        var sent = server.Requests.ShouldHaveSingleItem();
        string.Concat(sent.Split("\r\n").Where(line => line.StartsWith("content-length", StringComparison.Ordinal)).Select(line => line + "\r\n")).ShouldBe(expected);
        sent.ShouldNotContain("transfer-encoding");
    }

    private static bool IsWhole(string request)
    {
        var end = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        if (request.Contains("chunked", StringComparison.Ordinal)) return request.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
        return !request.Contains("content-length", StringComparison.Ordinal) || request.EndsWith("hello", StringComparison.Ordinal);
    }
}
