using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Tests.Support;

namespace Fairlead.Proxy.Tests.Filters;

/// <summary>Fields of Envoy's configuration that sidecars of Istio seldom have: each does what it says.</summary>
public sealed class ObeyedFieldTests : IDisposable
{
    private const string Ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    private const string Edge = "use_remote_address: true, internal_address_config: { cidr_ranges: [{ address_prefix: 10.0.0.0, prefix_len: 8 }] },";
    private const string Inside = "use_remote_address: true, internal_address_config: { cidr_ranges: [{ address_prefix: 127.0.0.0, prefix_len: 8 }] },";

    private readonly string _log = Path.Combine(Path.GetTempPath(), $"fairlead-fields-{Guid.NewGuid():n}.log");

    public void Dispose() => File.Delete(_log);

    [Theory]
    [InlineData("ALL", "", "", true)]
    [InlineData("ALL", Inside, "", true)]
    [InlineData("ALL", "", "x-forwarded-proto: https\r\n", false)]
    [InlineData("EXTERNAL_ONLY", Edge, "", true)]
    [InlineData("EXTERNAL_ONLY", Inside, "", false)]
    [InlineData("NONE", "", "", false)]
    public async Task A_virtual_host_may_require_tls(string requirement, string manager, string headers, bool redirected)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await Logged(server, "%RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %ROUTE_NAME%", it => it with { Manager = manager, VirtualHost = $"require_tls: {requirement}," }).StartAsync();

        var answer = await proxy.ExchangeAsync($"GET /a?b=c HTTP/1.1\r\nhost: name.example:8080\r\n{headers}connection: close\r\n\r\n");

        answer.ShouldStartWith(redirected ? "HTTP/1.1 301 Moved Permanently\r\nlocation: https://name.example:8080/a?b=c\r\n" : "HTTP/1.1 200 OK\r\n");
        (await proxy.LogLinesAsync(1))[0].ShouldBe(redirected ? "301 direct_response -" : "200 via_upstream -");
    }

    [Theory]
    [InlineData(Edge, false)]
    [InlineData(Inside, true)]
    public async Task Headers_for_the_inside_are_taken_from_those_outside(string manager, bool kept)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await new ConfiguredProxy(server.Address) { Manager = manager, Table = "internal_only_headers: [X-Secret]," }.StartAsync();
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nX-Secret: 1\r\nx-secret: 2\r\nx-other: 3\r\nconnection: close\r\n\r\n");

        server.Requests[0].Contains("x-secret", StringComparison.Ordinal).ShouldBe(kept);
        server.Requests[0].ShouldContain("x-other: 3\r\n");
    }

    [Theory]
    [InlineData("x-envoy-upstream-rq-timeout-ms: 1s", "x-envoy-upstream-rq-timeout-ms", "1s")]
    [InlineData("x-envoy-max-retries: -1", "x-envoy-max-retries", "-1")]
    [InlineData("x-envoy-retry-on: 5xx, bogus", "x-envoy-retry-on", "5xx, bogus")]
    [InlineData("x-envoy-upstream-rq-timeout-ms: 1000", null, null)]
    [InlineData("x-envoy-retry-on: 5xx, reset", null, null)]
    [InlineData("x-envoy-retry-grpc-on: bogus", null, null)]
    public async Task A_header_that_is_to_be_checked_is_refused_when_it_is_wrong(string header, string? name, string? value)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await Logged(server, "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%", it => it with
        {
            Manager = Inside, Router = ", strict_check_headers: [X-Envoy-Upstream-Rq-Timeout-Ms, x-envoy-max-retries, x-envoy-retry-on]",
        }).StartAsync();

        var answer = await proxy.ExchangeAsync($"GET / HTTP/1.1\r\nhost: a\r\n{header}\r\nconnection: close\r\n\r\n");

        (await proxy.LogLinesAsync(1))[0].ShouldBe(name is null ? "200 - via_upstream" : $"400 IH request_headers_failed_strict_check{{{name}}}");
        if (name is not null) answer.ShouldEndWith($"\r\n\r\ninvalid header '{name}' with value '{value}'");
    }

    [Fact]
    public async Task A_header_that_cannot_be_checked_is_refused_with_the_configuration()
    {
        await using var server = RawServer.Answering(Ok);
        var refused = await Should.ThrowAsync<ConfigException>(() => new ConfiguredProxy(server.Address) { Router = ", strict_check_headers: [x-other]" }.StartAsync());
        refused.Message.ShouldContain("strict_check_headers[0]");
        refused.Message.ShouldContain("'x-other' is not one of x-envoy-upstream-rq-timeout-ms");
    }

    [Theory]
    [InlineData(", respect_expected_rq_timeout: true", "x-envoy-expected-rq-timeout-ms: 77\r\nx-envoy-upstream-rq-timeout-ms: 5000", "77")]
    [InlineData(", respect_expected_rq_timeout: true", "x-envoy-upstream-rq-timeout-ms: 88", "88")]
    [InlineData("", "x-envoy-expected-rq-timeout-ms: 77\r\nx-envoy-upstream-rq-timeout-ms: 99", "99")]
    public async Task The_timeout_that_a_proxy_in_front_expects_may_be_respected(string router, string headers, string expected)
    {
        await using var server = new RawServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.UntilStoppedAsync();
        });
        await using var proxy = await new ConfiguredProxy(server.Address) { Manager = Inside, Router = router }.StartAsync();
        var answer = await proxy.ExchangeAsync($"GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\nconnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 504 ");
        server.Requests[0].ShouldContain($"x-envoy-expected-rq-timeout-ms: {expected}\r\n");
    }

    [Theory]
    [InlineData("", "GET / HTTP/1.1\r\n\r\n", 1)]
    [InlineData("stream_error_on_invalid_http_message: true,", "GET / HTTP/1.1\r\n\r\n", 2)]
    [InlineData("http_protocol_options: { override_stream_error_on_invalid_http_message: true },", "GET / HTTP/1.1\r\n\r\n", 2)]
    [InlineData("stream_error_on_invalid_http_message: true,", "GET / HTTP/1.1\r\nbad header\r\n\r\n", 1)]
    public async Task A_400_ends_the_connection_unless_it_may_go_on(string manager, string request, int answers)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await new ConfiguredProxy(server.Address) { Manager = manager }.StartAsync();
        var answer = await proxy.ExchangeAsync(request + "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        answer.ShouldStartWith("HTTP/1.1 400 Bad Request\r\n");
        answer.Split("HTTP/1.1 ").Length.ShouldBe(answers + 1, answer);
    }

    [Theory]
    [InlineData(true, "[9ab4]")]
    [InlineData(false, "4")]
    public async Task A_request_id_need_not_carry_the_sampling(bool used, string digit)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            Manager = "tracing: {}, request_id_extension: { typed_config: { \"@type\": type.googleapis.com/envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig, "
                + $"use_request_id_for_trace_sampling: {(used ? "true" : "false")} }} }},",
        }.StartAsync();
        await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        server.Requests[0].ShouldMatch($"x-request-id: [0-9a-f]{{8}}-[0-9a-f]{{4}}-{(used ? "9" : digit)}[0-9a-f]{{3}}-");
    }

    [Theory]
    [InlineData("direct_response: { status: 201 }", "HTTP/1.1 201 Created\r\nlocation: http://a:80/x?y\r\n")]
    [InlineData("direct_response: { status: 302 }", "HTTP/1.1 302 Found\r\nlocation: http://a:80/x?y\r\n")]
    [InlineData("direct_response: { status: 200, body: { inline_string: b } }", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-type: text/plain\r\n")]
    [InlineData("direct_response: { status: 200, body_format: { json_format: { p: \"%REQ(:PATH)%\" } } }", "HTTP/1.1 200 OK\r\ncontent-length: 13\r\ncontent-type: application/json\r\n")]
    [InlineData("direct_response: { status: 200, body_format: { text_format_source: { inline_string: x }, content_type: text/html } }", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-type: text/html\r\n")]
    public async Task A_direct_response_says_where_and_what_it_is(string route, string start)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await new ConfiguredProxy(server.Address) { Route = route }.StartAsync();
        (await proxy.ExchangeAsync("GET /x?y HTTP/1.1\r\nhost: a:80\r\nconnection: close\r\n\r\n")).ShouldStartWith(start);
    }

    [Theory]
    [InlineData("body_format: { json_format: { code: \"%RESPONSE_CODE%\" } }", "application/json", "{\"code\":418}\n")]
    [InlineData("body_format: { text_format_source: { inline_string: \"<p>%LOCAL_REPLY_BODY%\" }, content_type: \"text/html; charset=UTF-8\" }", "text/html; charset=UTF-8", "<p>tea")]
    [InlineData("mappers: [{ filter: { status_code_filter: { comparison: { op: EQ, value: { default_value: 418, runtime_key: k } } } }, body_format_override: { text_format_source: { inline_string: pot } } }]", "text/plain", "pot")]
    public async Task A_local_replys_body_has_its_type(string config, string type, string body)
    {
        await using var server = RawServer.Answering(Ok);
        await using var proxy = await new ConfiguredProxy(server.Address)
        {
            Manager = $"local_reply_config: {{ {config} }},", Route = "direct_response: { status: 418, body: { inline_string: tea } }",
        }.StartAsync();
        var answer = await proxy.ExchangeAsync("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

        answer.ShouldContain($"content-type: {type}\r\n");
        answer.ShouldEndWith("\r\n\r\n" + body);
    }

    private ConfiguredProxy Logged(RawServer server, string format, Func<ConfiguredProxy, ConfiguredProxy> change) =>
        change(new ConfiguredProxy(server.Address) { LogPath = _log, LogFormat = format + "\n" });
}
