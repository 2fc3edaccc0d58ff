using System.Text;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Telemetry;

public sealed class AccessLogFormatTests
{
    private const string IstioText =
        "[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% %RESPONSE_FLAGS% "
        + "%RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% \"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% "
        + "%DURATION% %RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" \"%REQ(X-REQUEST-ID)%\" "
        + "\"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER_RAW% %UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% "
        + "%DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% %ROUTE_NAME%\n";

    private static readonly LogFormatCompiler Compiler = new(new OperatorEnvironment(
        TimeProvider.System, static () => "host-1", name => name == "POD" ? "sleep-1" : null));

    [Fact]
    public void The_walkthroughs_passthrough_line_comes_out_byte_for_byte()
    {
        var info = Request(
            "2024-06-26T03:30:14.684Z", "/", "www.baidu.com", "599df0d8-0c22-9daa-820e-b4b03dd12daf", milliseconds: 12);
        Respond(info, 200, "via_upstream", 2381, "12");
        Upstream(info, "PassthroughCluster", "183.2.172.185:80", "10.244.96.245:47908", "183.2.172.185:80", "10.244.96.245:47906", "allow_any");
        Text(info).ShouldBe(
            "[2024-06-26T03:30:14.684Z] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 2381 12 12 \"-\" \"curl/8.8.0\" "
            + "\"599df0d8-0c22-9daa-820e-b4b03dd12daf\" \"www.baidu.com\" \"183.2.172.185:80\" PassthroughCluster 10.244.96.245:47908 "
            + "183.2.172.185:80 10.244.96.245:47906 - allow_any\n");
    }

    [Fact]
    public void The_walkthroughs_service_entry_line_comes_out_byte_for_byte()
    {
        var info = Request(
            "2024-06-26T05:35:25.428Z", "/delay/5", "httpbin.org", "41613cdb-2a2d-9e19-9a15-34b48de920c1", milliseconds: 5591);
        Respond(info, 200, "via_upstream", 1166, "5591");
        Upstream(
            info, "outbound|80||httpbin.org", "44.206.219.79:80", "10.244.96.245:49362", "44.206.219.79:80", "10.244.96.245:49348", "default");
        Text(info).ShouldBe(
            "[2024-06-26T05:35:25.428Z] \"GET /delay/5 HTTP/1.1\" 200 - via_upstream - \"-\" 0 1166 5591 5591 \"-\" \"curl/8.8.0\" "
            + "\"41613cdb-2a2d-9e19-9a15-34b48de920c1\" \"httpbin.org\" \"44.206.219.79:80\" outbound|80||httpbin.org "
            + "10.244.96.245:49362 44.206.219.79:80 10.244.96.245:49348 - default\n");
    }

    [Fact]
    public void A_timed_out_request_has_flag_details_and_no_service_time_and_no_route_name()
    {
        var info = Request("2024-06-26T05:40:00.001Z", "/delay/5", "httpbin.org", "id", milliseconds: 3001);
        info.ResponseCode = 504;
        info.Flags.Set(ResponseFlag.UpstreamRequestTimeout);
        info.ResponseCodeDetails = Bytes("response_timeout");
        info.BytesSent = 24;
        info.ResponseHeaders = new HeaderBlock();
        Upstream(info, "outbound|80||httpbin.org", "44.195.190.188:80", "10.244.96.245:1", "44.206.219.79:80", "10.244.96.245:2", null);
        Text(info).ShouldContain("\" 504 UT response_timeout - \"-\" 0 24 3001 - \"-\" ");
        Text(info).ShouldEndWith(" - -\n");
    }

    [Fact]
    public void A_tcp_line_begins_as_envoys_does()
    {
        var info = new StreamInfo { StartTime = DateTimeOffset.UnixEpoch, StartTimestamp = 1, EndTimestamp = 1, BytesReceived = 7, BytesSent = 9 };
        info.RequestedServerName = Bytes("example.com");
        Upstream(info, "PassthroughCluster", "1.2.3.4:443", "10.0.0.1:5", "1.2.3.4:443", "10.0.0.1:6", null);
        Text(info).ShouldBe(
            "[1970-01-01T00:00:00.000Z] \"- - -\" 0 - - - \"-\" 7 9 0 - \"-\" \"-\" \"-\" \"-\" \"1.2.3.4:443\" PassthroughCluster "
            + "10.0.0.1:5 1.2.3.4:443 10.0.0.1:6 example.com -\n");
    }

    [Fact]
    public void Spaces_of_a_transport_failure_become_underscores_and_flags_keep_their_order()
    {
        var info = Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1);
        info.UpstreamTransportFailureReason = Bytes("delayed connect error: 111");
        info.Flags.Set(ResponseFlag.UpstreamRetryLimitExceeded);
        info.Flags.Set(ResponseFlag.UpstreamConnectionFailure);
        Format("%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG% %UPSTREAM_TRANSPORT_FAILURE_REASON%", info)
            .ShouldBe("URX,UF UpstreamRetryLimitExceeded,UpstreamConnectionFailure delayed_connect_error:_111");
    }

    [Theory]
    [InlineData("100%% %REQ(:PATH):4%", "100% /ab?")]
    [InlineData("%REQ(X-MISSING?:AUTHORITY)%", "host.example")]
    [InlineData("%REQ_WITHOUT_QUERY(:PATH)%", "/ab")]
    [InlineData("%PATH(NQ:PATH)% %QUERY_PARAM(q)% %QUERY_PARAMS(ORIG)%", "/ab 7 q=7&r=8")]
    [InlineData("%HOSTNAME% %ENVIRONMENT(POD)% %ENVIRONMENT(NONE)%", "host-1 sleep-1 -")]
    [InlineData("%START_TIME(%s.%3f %Y/%m/%d)%", "1719373814.684 2024/06/26")]
    [InlineData("%DOWNSTREAM_TLS_VERSION% %RESPONSE_CODE% %PROTOCOL%", "- 0 HTTP/1.1")]
    [InlineData("%COMMON_DURATION(DS_RX_BEG:DS_CX_END:us)%", "12000")]
    public void Operators_and_their_arguments_work(string format, string expected) =>
        Format(format, Request("2024-06-26T03:50:14.684Z", "/ab?q=7&r=8", "host.example", "id", 12)).ShouldBe(expected);

    /// <summary>What a second's lines have in common is kept between them: neither another second nor another format may get it.</summary>
    [Theory]
    [InlineData("%START_TIME%", "2024-06-26T03:50:14.684Z|2024-06-26T03:50:14.007Z|2024-06-26T03:50:15.007Z|2024-06-26T03:50:14.684Z")]
    [InlineData("%START_TIME(%s %6f %H)%", "1719373814 684000 03|1719373814 007000 03|1719373815 007000 03|1719373814 684000 03")]
    [InlineData("%START_TIME(%H:%M:%S)%", "03:50:14|03:50:14|03:50:15|03:50:14")]
    [InlineData("%START_TIME(%3f %1f)%", "684 6|007 0|007 0|684 6")]
    [InlineData("%START_TIME(%Y it is a long text that nobody would keep, longer than what is kept, and then some %3f)%", "2024 it is a long text that nobody would keep, longer than what is kept, and then some 684|2024 it is a long text that nobody would keep, longer than what is kept, and then some 007|2024 it is a long text that nobody would keep, longer than what is kept, and then some 007|2024 it is a long text that nobody would keep, longer than what is kept, and then some 684")]
    public void Times_are_each_lines_own(string format, string expected)
    {
        string[] times = ["2024-06-26T03:50:14.684Z", "2024-06-26T03:50:14.007Z", "2024-06-26T03:50:15.007Z", "2024-06-26T03:50:14.684Z"];
        string.Join('|', times.Select(time =>
        {
            Format("%START_TIME(%d.%m. %3f)%", Request(time, "/", "host.example", "id", 12)).ShouldEndWith(time[20..23]);
            return Format(format, Request(time, "/", "host.example", "id", 12));
        })).ShouldBe(expected);
        string.Join('|', times.Select(time => Format(format, Request(time, "/", "host.example", "id", 12)))).ShouldBe(expected);
    }

    [Theory]
    [InlineData("%NO_SUCH_THING%", "is not an operator")]
    [InlineData("50% off", "does not begin a command")]
    [InlineData("%REQ(A?B?C)%", "only one alternative")]
    [InlineData("%REQ(%", "has no ')'")]
    [InlineData("%REQ%", "needs a header name")]
    [InlineData("%START_TIME(%n)%", "line end")]
    [InlineData("%PROTOCOL(X)%", "takes no argument")]
    public void A_wrong_format_is_refused_with_its_reason(string format, string reason) =>
        Should.Throw<ConfigException>(() => Compiler.Text(format, false, "log_format")).Message.ShouldContain(reason);

    [Fact]
    public void Json_is_sorted_typed_and_escaped()
    {
        var format = new Struct();
        format.Fields["user"] = Value.ForString("%REQ(USER-AGENT)%");
        format.Fields["code"] = Value.ForString("%RESPONSE_CODE%");
        format.Fields["both"] = Value.ForString("%REQ(:METHOD)% %ROUTE_NAME%");
        format.Fields["none"] = Value.ForString("%ROUTE_NAME%");
        format.Fields["nested"] = Value.ForStruct(new Struct { Fields = { ["constant"] = Value.ForNumber(7) } });
        var info = Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1);
        info.ResponseCode = 200;
        info.RequestHeaders!.Set("user-agent"u8, "a\"b\\c"u8);
        Written(Compiler.Json(format, false, "json_format"), info)
            .ShouldBe("{\"both\":\"GET -\",\"code\":200,\"nested\":{\"constant\":7},\"none\":null,\"user\":\"a\\\"b\\\\c\"}\n");
        Written(Compiler.Json(format, true, "json_format"), info).ShouldNotContain("none");
    }

    [Theory]
    [InlineData("plain é", "plain é")]
    [InlineData("\"\\\b\f\n\r\t\u0001\u007f", "\\\"\\\\\\b\\f\\n\\r\\t\\u0001\u007f")]
    public void A_json_string_is_escaped_as_short_as_can_be(string value, string expected) =>
        JsonOf(System.Text.Encoding.UTF8.GetBytes(value)).ShouldBe("{\"agent\":\"" + expected + "\"}\n");

    [Fact]
    public void Bytes_that_are_no_text_do_not_break_the_line() => JsonOf([0x61, 0xff, 0xc3, 0xa9, 0xe2, 0x82, 0x62]).ShouldBe("{\"agent\":\"a!é!!b\"}\n");

    [Fact]
    public void No_flag_is_a_dash_in_json_too()
    {
        var format = new Struct { Fields = { ["flags"] = Value.ForString("%RESPONSE_FLAGS%"), ["long"] = Value.ForString("%RESPONSE_FLAGS_LONG%") } };

        Written(Compiler.Json(format, true, "json_format"), Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1)).ShouldBe("{\"flags\":\"-\",\"long\":\"-\"}\n");
    }

    [Fact]
    public void A_line_allocates_nothing_once_warm()
    {
        var info = Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1);
        Respond(info, 200, "via_upstream", 10, "1");
        Upstream(info, "c", "1.2.3.4:80", "1.2.3.4:81", "1.2.3.4:82", "1.2.3.4:83", "r");
        var format = Compiler.Text(IstioText, false, "f");
        var buffer = new byte[4096];
        // Warm means compiled for good, too: the runtime swaps the code of a method that ran some dozens of times.
        for (var i = 0; i < 1000; i++) format.TryFormat(info, buffer, out _).ShouldBeTrue();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) format.TryFormat(info, buffer, out _);
        // Less than a byte a line: the runtime itself allocates a little on a thread, once, when it compiles a method anew.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(10_000);
    }

    [Fact]
    public void A_line_that_does_not_fit_says_so()
    {
        var info = Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1);
        Compiler.Text(IstioText, false, "f").TryFormat(info, new byte[40], out _).ShouldBeFalse();
    }

    [Fact]
    public void No_format_makes_the_parser_crash() => Check.QuickThrowOnFailure(Prop.ForAll<string>(text =>
    {
        try
        {
            Compiler.Text("%" + text, false, "f").TryFormat(new StreamInfo(), new byte[512], out _);
        }
        catch (ConfigException e)
        {
            return e.Message.Length > 0;
        }
        return true;
    }));

    private static string Text(StreamInfo info) => Format(IstioText, info);

    private static string Format(string format, StreamInfo info) => Written(Compiler.Text(format, false, "f"), info);

    private static string Written(LogFormat format, StreamInfo info)
    {
        var buffer = new byte[4096];
        format.TryFormat(info, buffer, out var written).ShouldBeTrue();
        return Encoding.UTF8.GetString(buffer, 0, written);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static StreamInfo Request(string start, string path, string authority, string id, long milliseconds)
    {
        var headers = new HeaderBlock();
        headers.SetMethod("GET"u8);
        headers.SetPath(Bytes(path));
        headers.SetAuthority(Bytes(authority));
        headers.Add("user-agent"u8, "curl/8.8.0"u8);
        headers.Add("x-request-id"u8, Bytes(id));
        return new StreamInfo
        {
            StartTime = DateTimeOffset.Parse(start),
            StartTimestamp = 1,
            EndTimestamp = 1 + (milliseconds * TimeProvider.System.TimestampFrequency / 1000),
            Protocol = StreamProtocol.Http11,
            RequestHeaders = headers,
        };
    }

    private static void Respond(StreamInfo info, int code, string details, long bytes, string serviceTime)
    {
        info.ResponseCode = code;
        info.ResponseCodeDetails = Bytes(details);
        info.BytesSent = bytes;
        info.ResponseHeaders = new HeaderBlock();
        info.ResponseHeaders.Add("x-envoy-upstream-service-time"u8, Bytes(serviceTime));
    }

    private static void Upstream(StreamInfo info, string cluster, string host, string upstreamLocal, string downstreamLocal, string remote, string? route)
    {
        info.UpstreamClusterName = Bytes(cluster);
        info.UpstreamHost = Endpoint(host);
        info.UpstreamLocalAddress = Endpoint(upstreamLocal);
        info.DownstreamLocalAddress = Endpoint(downstreamLocal);
        info.DownstreamRemoteAddress = Endpoint(remote);
        info.RouteName = route is null ? null : Bytes(route);
    }

    private static string JsonOf(byte[] agent)
    {
        var info = Request("2024-06-26T05:40:00.001Z", "/", "a", "id", 1);
        info.RequestHeaders!.Set("user-agent"u8, agent);
        return Written(Compiler.Json(new Struct { Fields = { ["agent"] = Value.ForString("%REQ(USER-AGENT)%") } }, false, "json_format"), info);
    }

    private static IpEndpoint Endpoint(string text)
    {
        IpEndpoint.TryParse(text, out var endpoint).ShouldBeTrue();
        return endpoint;
    }
}
