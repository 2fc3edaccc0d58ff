using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Requests that two parsers could read in two ways, and what else no client should send: over real sockets, each with Envoy's status, flags and details.</summary>
public sealed class RefusedRequestTests : IDisposable
{
    private const string Codec = "http1.codec_error";
    private const string Coding = "http1.invalid_transfer_encoding";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\n";
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-refused-{Guid.NewGuid():n}.log");

    public static TheoryData<string, string, int, string> Shapes => new()
    {
        { "length and chunked", Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "http1.content_length_and_chunked_not_allowed" },
        { "a list of different lengths", Post + "Content-Length: 5, 6\r\n\r\nhello", 400, Codec },
        { "two different lengths", Post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400, Codec },
        { "a negative length", Post + "Content-Length: -5\r\n\r\n", 400, Codec },
        { "a signed length", Post + "Content-Length: +5\r\n\r\nhello", 400, Codec },
        { "a hexadecimal length", Post + "Content-Length: 0x5\r\n\r\nhello", 400, Codec },
        { "an empty length", Post + "Content-Length: \r\n\r\n", 400, Codec },
        { "a length in two words", Post + "Content-Length: 5 5\r\n\r\nhello", 400, Codec },
        { "a length beyond 63 bits", Post + "Content-Length: 99999999999999999999\r\n\r\n", 400, Codec },
        { "a folded line", Post + "X: a\r\n b\r\n\r\n", 400, Codec },
        { "a folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, Codec },
        { "line feeds alone", "GET / HTTP/1.1\nHost: a\n\n", 400, Codec },
        { "one line feed alone", "GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400, Codec },
        { "a carriage return in a value", Post + "X: a\rb\r\n\r\n", 400, "http1.invalid_characters" },
        { "a NUL in a value", Post + "X: a\0b\r\n\r\n", 400, "http1.invalid_characters" },
        { "a NUL in a name", Post + "X\0: a\r\n\r\n", 400, Codec },
        { "a space before the colon", Post + "X : a\r\n\r\n", 400, Codec },
        { "a tab before the colon", Post + "X\t: a\r\n\r\n", 400, Codec },
        { "a space before the coding's colon", Post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, Codec },
        { "no colon", Post + "Xa\r\n\r\n", 400, Codec },
        { "no name", Post + ": a\r\n\r\n", 400, Codec },
        { "a name with eight bits", Post + "X\u00ff: a\r\n\r\n", 400, Codec },
        { "an unknown coding", Post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, Coding },
        { "chunked twice in a list", Post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 501, Coding },
        { "two codings", Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 501, Coding },
        { "identity", Post + "Transfer-Encoding: identity\r\n\r\n", 501, Coding },
        { "gzip before chunked", Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, Coding },
        { "a quoted coding", Post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501, Coding },
        { "a coding after a vertical tab", Post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", 400, "http1.invalid_characters" },
        { "chunked in HTTP/1.0", "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501, Coding },
        { "a negative chunk", Chunked + "-1\r\n\r\n", 400, Codec },
        { "a chunk with 0x", Chunked + "0x1\r\na\r\n0\r\n\r\n", 400, Codec },
        { "a space behind a chunk's size", Chunked + "1 \r\na\r\n0\r\n\r\n", 400, Codec },
        { "a chunk's line feed alone", Chunked + "1\na\r\n0\r\n\r\n", 400, Codec },
        { "a carriage return in a chunk extension", Chunked + "1;a\rb\r\na\r\n0\r\n\r\n", 400, Codec },
        { "a line feed in a chunk extension", Chunked + "1;a\na\r\n0\r\n\r\n", 400, Codec },
        { "a chunk extension without end", Chunked + "1;" + new string('a', 20_000) + "\r\na\r\n0\r\n\r\n", 400, Codec },
        { "a chunk beyond 63 bits", Chunked + "fffffffffffffffff\r\na\r\n0\r\n\r\n", 400, Codec },
        { "a chunk longer than it says", Chunked + "1\r\nab\r\n0\r\n\r\n", 400, Codec },
        { "a chunk size of 301 digits", Chunked + new string('0', 300) + "1\r\na\r\n0\r\n\r\n", 400, Codec },
        { "a broken trailer", Chunked + "1\r\na\r\n0\r\nX : y\r\n\r\n", 400, Codec },
        { "HTTP/0.9", "GET /\r\n", 400, Codec },
        { "HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 400, Codec },
        { "another method in HTTP/2", "GET * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, Codec },
        { "a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "a TLS hello", "\u0016\u0003\u0001\u0000\u00f4\u0001\u0000", 400, Codec },
        { "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, Codec },
        { "a list of hosts", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400, Codec },
        { "a host in two words", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, Codec },
        { "a user in the target", "GET http://u@x/y HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http1.invalid_url" },
        { "https in the target", "GET https://x/y HTTP/1.1\r\nHost: a\r\n\r\n", 400, "http1.invalid_scheme" },
        { "a method that is no token", "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "a tab between method and target", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "a control character in the target", "GET /\u0001 HTTP/1.1\r\nHost: a\r\n\r\n", 400, Codec },
        { "a field of 70,000 bytes", "GET / HTTP/1.1\r\nHost: a\r\nX: " + new string('a', 70_000) + "\r\n\r\n", 431, "http1.headers_too_large" },
        { "a target of 70,000 bytes", "GET /" + new string('a', 70_000) + " HTTP/1.1\r\nHost: a\r\n\r\n", 431, "http1.headers_too_large" },
        { "120 fields", "GET / HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Range(0, 120).Select(i => $"X{i}: a\r\n")) + "\r\n", 431, "http1.too_many_headers" },
    };

    public void Dispose() => File.Delete(_log);

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task It_is_answered_logged_and_the_connection_ends(string shape, string request, int status, string details)
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        var answer = await proxy.ExchangeAsync(request);

        answer.ShouldStartWith($"HTTP/1.1 {status} ", customMessage: shape);
        answer.ShouldContain("\r\nconnection: close\r\n");
        (await proxy.LogLinesAsync(1)).ShouldHaveSingleItem().ShouldContain($" {status} [DownstreamProtocolError] {details} ");
        // A body may turn out to be broken when its head is on the way already.
        if (!request.StartsWith(Chunked, StringComparison.Ordinal)) upstream.Requests.ShouldBeEmpty(shape);
    }

    /// <summary>Where the codec is AUTO an HTTP/2 client learns in its protocol why it is not served (RFC 9113 6.8, 7); one of HTTP1 answers as Envoy's.</summary>
    [Fact]
    public async Task A_client_of_http2_is_told_to_use_http1()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));

        var answer = await proxy.ExchangeAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0");

        const string text = "HTTP/2 is not supported by this proxy: use HTTP/1.1";
        answer.ShouldBe("\0\0\0\u0004\0\0\0\0\0" + $"\0\0{(char)(8 + text.Length)}\a\0\0\0\0\0" + "\0\0\0\0\0\0\0\r" + text);
        (await proxy.LogLinesAsync(1)).ShouldHaveSingleItem().ShouldContain(" 0 [DownstreamProtocolError] http2.not_supported ");
        upstream.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_connection_manager_of_http1_answers_http2_as_any_other_error()
    {
        await using var upstream = RawServer.Answering("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream), config => new Fairlead.Proxy.Snapshot.HttpConnectionManagerConfig
        {
            StatPrefix = config.StatPrefix, Codec = Fairlead.Proxy.Snapshot.HttpCodecType.Http1, InlineRoutes = config.InlineRoutes, Filters = config.Filters,
            ServerName = config.ServerName, ServerHeader = config.ServerHeader, Stats = config.Stats, AccessLogs = config.AccessLogs,
        });

        (await proxy.ExchangeAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")).ShouldStartWith("HTTP/1.1 400 Bad Request\r\n");
        (await proxy.LogLinesAsync(1)).ShouldHaveSingleItem().ShouldContain($" 400 [DownstreamProtocolError] {Codec} ");
    }

    [Theory]
    [InlineData("Content-Length: 5, 5\r\n\r\nhello", "content-length: 5\r\n")]
    [InlineData("Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "content-length: 5\r\n")]
    [InlineData("Transfer-Encoding: Chunked\r\n\r\n1;ext=\"x\"\r\na\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n")]
    [InlineData("X: \u00ff\r\nContent-Length: 0\r\n\r\n", "x: \u00ff\r\n")]
    [InlineData("X:no space\r\nY: \t two  \t\r\nContent-Length: 0\r\n\r\n", "x: no space\r\ny: two\r\n")]
    public async Task What_has_one_meaning_passes_in_its_plain_form(string fields, string sent)
    {
        var seen = string.Empty;
        await using var upstream = new RawServer(async connection =>
        {
            while (!seen.Contains("\r\n\r\n", StringComparison.Ordinal)) seen += await connection.ReceiveAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok");
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        var answer = await proxy.ExchangeAsync(Post + "Connection: close\r\n" + fields);

        answer.ShouldStartWith("HTTP/1.1 200 OK\r\n");
        seen.ShouldContain("\r\n" + sent);
        seen.Split("content-length", StringSplitOptions.None).Length.ShouldBeLessThanOrEqualTo(2);
    }

    private TestMesh Mesh(RawServer upstream) => new TestMesh(_log).Cluster("c", upstream.Address).Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));
}
