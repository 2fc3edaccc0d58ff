using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>How header names are spelled (Http1ProtocolOptions.header_key_format).</summary>
public sealed class HeaderCaseTests
{
    private const string Request = "POST / HTTP/1.1\r\nHOST: a\r\nX-MiXeD: 1\r\nfoo$b#$are: 2\r\ntransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    private const string Response = "HTTP/1.1 200 Fine By Me\r\nX-AnSwEr: 1\r\nContent-LENGTH: 2\r\n\r\nok";
    private const string Proper = "{ header_key_format: { proper_case_words: {} } }";

    [Fact]
    public async Task Without_a_format_names_are_in_lower_case()
    {
        var (sent, answer) = await ExchangeAsync(string.Empty, string.Empty);

        Names(sent).ShouldBe("host x-mixed foo$b#$are x-forwarded-proto x-request-id transfer-encoding");
        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nx-answer: 1\r\ncontent-length: 2\r\n");
    }

    [Fact]
    public async Task Proper_case_is_of_the_side_that_asks_for_it()
    {
        var (sent, answer) = await ExchangeAsync(string.Empty, Proper);
        Names(sent).ShouldBe("Host X-Mixed Foo$B#$Are X-Forwarded-Proto X-Request-Id Transfer-Encoding");
        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nx-answer: 1\r\n");

        (sent, answer) = await ExchangeAsync(Proper, string.Empty);
        Names(sent).ShouldBe("host x-mixed foo$b#$are x-forwarded-proto x-request-id transfer-encoding");
        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nX-Answer: 1\r\nContent-Length: 2\r\n");
        answer.ShouldContain("\r\nServer: envoy\r\n");
    }

    [Fact]
    public async Task What_the_client_spelled_is_kept_to_the_upstream()
    {
        var (sent, answer) = await ExchangeAsync(Preserve("{}"), Proper);
        Names(sent).ShouldBe("HOST X-MiXeD foo$b#$are x-forwarded-proto x-request-id transfer-Encoding");
        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nx-answer: 1\r\n");

        (sent, _) = await ExchangeAsync(Preserve("{ formatter_type_on_envoy_headers: PROPER_CASE }"), string.Empty);
        Names(sent).ShouldBe("HOST X-MiXeD foo$b#$are X-Forwarded-Proto X-Request-Id transfer-Encoding");
    }

    [Fact]
    public async Task What_the_upstream_spelled_is_kept_to_the_client()
    {
        var (sent, answer) = await ExchangeAsync(string.Empty, Preserve("{}"));
        Names(sent).ShouldStartWith("host x-mixed ");
        answer.ShouldStartWith("HTTP/1.1 200 OK\r\nX-AnSwEr: 1\r\nContent-LENGTH: 2\r\n");
        answer.ShouldContain("\r\nserver: envoy\r\n");

        (_, answer) = await ExchangeAsync(Proper, Preserve("{ forward_reason_phrase: true, formatter_type_on_envoy_headers: PROPER_CASE }"));
        answer.ShouldStartWith("HTTP/1.1 200 Fine By Me\r\nX-AnSwEr: 1\r\nContent-LENGTH: 2\r\n");
        answer.ShouldContain("\r\nServer: envoy\r\n");
    }

    [Fact]
    public async Task A_reply_of_our_own_has_no_spelling_of_the_upstreams()
    {
        await using var server = RawServer.Answering("HTTP/1.1 200 Fine\r\nContent-TYPE: x\r\nbad header\r\n\r\n");
        await using var proxy = await new ConfiguredProxy(server.Address) { Cluster = UpstreamOptions(Preserve("{ forward_reason_phrase: true }")) }.StartAsync();

        var answer = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 502 Bad Gateway\r\ncontent-length: ");
        answer.ShouldContain("\r\ncontent-type: text/plain\r\n");
    }

    private static string Preserve(string fields) => "{ header_key_format: { stateful_formatter: { name: p, typed_config: "
        + $"{{ \"@type\": type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig, {fields.Trim('{', '}')} }} }} }} }}";

    private static string UpstreamOptions(string http1) => $$"""
        , typed_extension_protocol_options: { envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: { http_protocol_options: {{http1}} } } }
        """;

    /// <summary>Two requests on one connection, whose second exchange is looked at: nothing of a message is left over for the next, but for an equal one.</summary>
    private static async Task<(string Sent, string Answer)> ExchangeAsync(string downstream, string upstream)
    {
        var texts = new List<string>();
        await using var server = new RawServer(async connection =>
        {
            await connection.ReceiveAsync();
            await connection.SendAsync("HTTP/1.1 200 Other\r\nX-ANSWER: 0\r\ncontent-length: 0\r\n\r\n");
            var text = string.Empty;
            while (!text.EndsWith("0\r\n\r\n", StringComparison.Ordinal)) text += await connection.ReceiveAsync();
            lock (texts) texts.Add(text);
            // In pieces: a head is remembered line by line.
            await connection.SendAsync(Response[..30]);
            await connection.SendAsync(Response[30..]);
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            Route = "route: { cluster: c, timeout: 0s }",
            Manager = downstream.Length == 0 ? string.Empty : $"http_protocol_options: {downstream},",
            Cluster = upstream.Length == 0 ? string.Empty : UpstreamOptions(upstream),
        }.StartAsync();
        using var client = await proxy.ConnectAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nhost: a\r\nx-mixed: 0\r\n\r\n"u8.ToArray());
        await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(Request[..50]));
        await client.SendAsync(System.Text.Encoding.Latin1.GetBytes(Request[50..]));
        var answer = await RunningProxy.ReadUntilAsync(client, text => text.EndsWith("ok", StringComparison.Ordinal));
        lock (texts) return (texts.ShouldHaveSingleItem(), answer);
    }

    private static string Names(string message) =>
        string.Join(' ', message[..message.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n").Skip(1).Select(line => line.Split(": ")[0]));
}
