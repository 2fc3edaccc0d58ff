using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Responses that no server should send: over real sockets, each with Envoy's status, flags and details, and never with a byte of one answer in another.</summary>
public sealed class HostileUpstreamTests : IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\n";
    private const string Nonsense = "502 [UpstreamProtocolError] upstream_reset_before_response_started{protocol_error} ";
    private const string Gone = "503 [UpstreamConnectionTermination] upstream_reset_before_response_started{connection_termination} ";
    private const string Torn = "200 [UpstreamConnectionTermination] upstream_reset_after_response_started{connection_termination} ";
    private const string Turned = "200 [UpstreamProtocolError] upstream_reset_after_response_started{protocol_error} ";
    private const string Fine = "200 [] via_upstream ";

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-hostile-{Guid.NewGuid():n}.log");

    public static TheoryData<string, string, string> Answers => new()
    {
        { "length and chunked", Ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Nonsense },
        { "a list of different lengths", Ok + "Content-Length: 2, 3\r\n\r\nok", Nonsense },
        { "two different lengths", Ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nok", Nonsense },
        { "an unknown coding", Ok + "Transfer-Encoding: xyz\r\n\r\nok", Nonsense },
        { "chunked twice", Ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", Nonsense },
        { "a folded line", Ok + "X: a\r\n b\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", Nonsense },
        { "a carriage return in a value", Ok + "X: a\rb\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "a NUL in a value", Ok + "X: a\0b\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "a space before the colon", Ok + "X : a\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "no HTTP at all", "SSH-2.0-OpenSSH\r\n", Nonsense },
        { "status 099", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n", Nonsense },
        { "status 1000", "HTTP/1.1 1000 X\r\nContent-Length: 0\r\n\r\n", Nonsense },
        { "a status in letters", "HTTP/1.1 2xx X\r\nContent-Length: 0\r\n\r\n", Nonsense },
        { "another version", "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "a switch that nobody asked for", "HTTP/1.1 101 X\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n", Nonsense },
        { "204 with a length", "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello", Nonsense },
        { "204 in chunks", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", Nonsense },
        { "a head of 70,000 bytes", Ok + "X: " + new string('a', 70_000) + "\r\nContent-Length: 2\r\n\r\nok", Nonsense },
        { "150 fields", Ok + string.Concat(Enumerable.Range(0, 150).Select(i => $"X{i}: a\r\n")) + "Content-Length: 2\r\n\r\nok", Nonsense },
        { "a chunk size in letters", Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\nok\r\n0\r\n\r\n", Turned },
        { "a chunk's line feed alone", Ok + "Transfer-Encoding: chunked\r\n\r\n2\nok\n0\n\n", Turned },
        { "an end within the head", Ok + "Content-Le", Gone },
        { "an end at once", "", Gone },
        { "an end within a length", Ok + "Content-Length: 10\r\n\r\nok", Torn },
        { "an end within a chunk", Ok + "Transfer-Encoding: chunked\r\n\r\na\r\nok", Torn },
        { "a body until the end", Ok + "\r\nok", Fine },
        { "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", Fine },
        { "no reason", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", Fine },
        { "the same length twice", Ok + "Content-Length: 2, 2\r\n\r\nok", Fine },
        { "100 first", "HTTP/1.1 100 Continue\r\n\r\n" + Ok + "Content-Length: 2\r\n\r\nok", Fine },
        { "103 first", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + Ok + "Content-Length: 2\r\n\r\nok", Fine },
        { "304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "304 [] via_upstream " },
    };

    public void Dispose() => File.Delete(_log);

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task It_becomes_one_outcome_and_one_line(string shape, string answer, string logged)
    {
        await using var upstream = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            if (answer.Length > 0) await connection.SendAsync(answer);
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        var received = await proxy.ExchangeAsync("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

        received.ShouldStartWith($"HTTP/1.1 {logged[..3]} ", customMessage: shape);
        (await proxy.LogLinesAsync(1)).ShouldHaveSingleItem().ShouldContain(" " + logged);
    }

    [Fact]
    public async Task Bytes_behind_an_answer_belong_to_no_request()
    {
        await using var upstream = new RawServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
                await connection.SendAsync(request.StartsWith("GET /first", StringComparison.Ordinal)
                    ? Ok + "Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"
                    : Ok + "Content-Length: 4\r\n\r\nmine");
        });
        await using var proxy = await RunningProxy.HttpAsync(Mesh(upstream));
        var received = await proxy.ExchangeAsync("GET /first HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");

        received.ShouldEndWith("\r\n\r\nmine");
        received.ShouldNotContain("poison");
        upstream.Connections.ShouldBe(2);
    }

    private TestMesh Mesh(RawServer upstream) => new TestMesh(_log).Cluster("c", upstream.Address).Routes().Host("h", ["*"]).Route("default", "/", TestMesh.To("c"));
}
