using System.Text;
using Envoy.Config.Core.V3;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;
using Google.Protobuf.WellKnownTypes;

namespace Fairlead.Proxy.Tests.Telemetry;

/// <summary>The operators beyond those of Istio's default format.</summary>
public sealed class OperatorTests
{
    private static readonly LogFormatCompiler Compiler = new(new OperatorEnvironment(TimeProvider.System, static () => "host-1", _ => null));

    [Theory]
    [InlineData("%CLUSTER_METADATA(istio:external)%", "true")]
    [InlineData("%CLUSTER_METADATA(istio:weight)% %CLUSTER_METADATA(istio:share)%", "3 0.25")]
    [InlineData("%CLUSTER_METADATA(istio:services)%", "[{\"host\":\"a.example\",\"name\":\"a \\\"q\\\"\"}]")]
    [InlineData("%CLUSTER_METADATA(istio:nothing)% %CLUSTER_METADATA(istio:null)% %CLUSTER_METADATA(other)% %CLUSTER_METADATA(istio:external:deeper)%", "- - - -")]
    [InlineData("%METADATA(CLUSTER:istio:external)%", "true")]
    [InlineData("%METADATA(ROUTE:istio:config)%", "/apis/route")]
    [InlineData("%METADATA(ROUTE:istio:config):5%", "/apis")]
    [InlineData("%METADATA(ROUTE:istio)%", "{\"config\":\"/apis/route\"}")]
    [InlineData("%METADATA(VIRTUAL_HOST:istio:config)%", "/apis/host")]
    [InlineData("%METADATA(LISTENER:istio:config)% %METADATA(LISTENER_FILTER_CHAIN:istio:config)% %FILTER_CHAIN_NAME%", "/apis/listener /apis/chain chain")]
    [InlineData("%UPSTREAM_METADATA(istio:config)% %METADATA(UPSTREAM_HOST:istio:config)%", "/apis/endpoint /apis/endpoint")]
    [InlineData("%UPSTREAM_METADATA([\"istio\", \"config\"])%", "/apis/endpoint")]
    [InlineData("%DYNAMIC_METADATA(istio.mixer:status)% %METADATA(DYNAMIC:a:b)%", "- -")]
    [InlineData("%FILTER_STATE(upstream_peer:PLAIN)% %UPSTREAM_FILTER_STATE(a)% %FILTER_STATE(a:FIELD:b)%", "- - -")]
    public void Metadata_prints_texts_as_they_are_and_the_rest_as_json(string format, string expected) => Text(format, Stream()).ShouldBe(expected);

    [Fact]
    public void Metadata_keeps_its_type_in_json()
    {
        var format = new Struct
        {
            Fields =
            {
                ["external"] = Value.ForString("%CLUSTER_METADATA(istio:external)%"),
                ["none"] = Value.ForString("%CLUSTER_METADATA(istio:nothing)%"),
                ["part"] = Value.ForString("is %CLUSTER_METADATA(istio:external)%"),
                ["route"] = Value.ForString("%METADATA(ROUTE:istio)%"),
                ["text"] = Value.ForString("%METADATA(ROUTE:istio:config):5%"),
                ["weight"] = Value.ForString("%CLUSTER_METADATA(istio:weight)%"),
            },
        };
        Written(Compiler.Json(format, false, "f"), Stream())
            .ShouldBe("{\"external\":true,\"none\":null,\"part\":\"is true\",\"route\":{\"config\":\"/apis/route\"},\"text\":\"/apis\",\"weight\":3}\n");
        Written(Compiler.Json(format, true, "f"), Stream()).ShouldNotContain("none");
    }

    [Theory]
    [InlineData("%UPSTREAM_HOSTS_ATTEMPTED%", "203.0.113.1:80,203.0.113.2:81")]
    [InlineData("%UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT%", "203.0.113.1,203.0.113.2")]
    [InlineData("%UPSTREAM_HOST_NAMES_ATTEMPTED%", "203.0.113.1:80,endpoint:81")]
    [InlineData("%UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT%", "203.0.113.1,endpoint")]
    [InlineData("%UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT%", "endpoint:81 endpoint")]
    [InlineData("%UPSTREAM_CONNECTION_IDS_ATTEMPTED%", "7")]
    public void Every_attempt_is_listed(string format, string expected)
    {
        var info = Stream();
        info.UpstreamHost = Endpoint("203.0.113.1:80");
        var endpoint = info.UpstreamEndpoint;
        info.UpstreamEndpoint = null;
        info.KeepAttempt();
        (info.UpstreamHost, info.UpstreamEndpoint, info.UpstreamConnectionId) = (Endpoint("203.0.113.2:81"), endpoint, 7);
        Text(format, info).ShouldBe(expected);
        info.Reset();
        Text("%UPSTREAM_HOSTS_ATTEMPTED% %UPSTREAM_HOST_NAME% %UPSTREAM_HOST_NAME_WITHOUT_PORT%", info).ShouldBe("- - -");
    }

    [Theory]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%", "10.244.96.245", "2001:db8:1:2:3:4:5:6")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(16)%", "10.244.0.0/16", "2001::/16")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(31)%", "10.244.96.244/31", "2001:db8::/31")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(32)%", "10.244.96.245/32", "2001:db8::/32")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(64)%", "10.244.96.245/32", "2001:db8:1:2::/64")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(127)%", "10.244.96.245/32", "2001:db8:1:2:3:4:5:6/127")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(0)%", "0.0.0.0/0", "::/0")]
    public void An_address_prints_as_its_network(string format, string four, string six)
    {
        var info = new StreamInfo { DownstreamRemoteAddress = Endpoint("10.244.96.245:47906") };
        Text(format, info).ShouldBe(four);
        info.DownstreamRemoteAddress = Endpoint("[2001:db8:1:2:3:4:5:6]:1");
        Text(format, info).ShouldBe(six);
    }

    [Theory]
    [InlineData("%REQUESTED_SERVER_NAME%", "sni.example", "-")]
    [InlineData("%REQUESTED_SERVER_NAME(SNI_FIRST)%", "sni.example", "original.example")]
    [InlineData("%REQUESTED_SERVER_NAME(SNI_FIRST:HOST)%", "sni.example", "host.example")]
    [InlineData("%REQUESTED_SERVER_NAME(HOST_FIRST:HOST)%", "host.example", "host.example")]
    [InlineData("%REQUESTED_SERVER_NAME(HOST_FIRST:ORIG)%", "original.example", "original.example")]
    public void A_server_name_may_come_from_the_host(string format, string withName, string without)
    {
        var info = Stream();
        info.RequestHeaders!.Add("x-envoy-original-host"u8, "original.example"u8);
        info.RequestedServerName = "sni.example"u8.ToArray();
        Text(format, info).ShouldBe(withName);
        info.RequestedServerName = null;
        Text(format, info).ShouldBe(without);
    }

    [Theory]
    [InlineData("%QUERY_PARAMS% %QUERY_PARAMS(DECODED)%", "a=%20b%2&c=%0a%c3%a9 a= b%2&c=%0aé")]
    [InlineData("%UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT% %DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED% %BYTES_RETRANSMITTED% %PACKETS_RETRANSMITTED%", "5 6 0 0")]
    [InlineData("%COALESCE({\"operators\": [\"ROUTE_NAME\", {\"command\": \"REQ\", \"param\": \":authority\", \"max_length\": 4}, \"PROTOCOL\"]})%", "host")]
    [InlineData("%COALESCE({\"operators\": [\"ROUTE_NAME\", \"REQUESTED_SERVER_NAME\"]})%", "-")]
    public void Other_operators_work(string format, string expected)
    {
        var info = Stream();
        info.UpstreamHeaderBytesSent = 5;
        info.RequestHeaderBytes = 6;
        Text(format, info).ShouldBe(expected);
    }

    [Fact]
    public void A_unique_id_is_a_new_uuid_each_time()
    {
        var ids = Text("%UNIQUE_ID% %UNIQUE_ID%", Stream()).Split(' ');
        ids.Select(id => Guid.ParseExact(id, "D")).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("application/grpc+proto", "5", "14", 200, "NotFound NOT_FOUND 5 5")]
    [InlineData("application/grpc", null, "14", 200, "Unavailable UNAVAILABLE 14 14")]
    [InlineData("application/grpc; charset=utf-8", null, null, 503, "Unavailable UNAVAILABLE 14 14")]
    [InlineData("application/grpc", null, null, 200, "OK OK 0 0")]
    [InlineData("application/grpc", "99", null, 200, "99 99 99 99")]
    [InlineData("application/grpc", "x", null, 418, "Unknown UNKNOWN 2 2")]
    [InlineData("application/grpc-web", "5", "5", 200, "- - - -")]
    [InlineData("text/plain", "5", "5", 200, "- - - -")]
    public void A_grpc_status_is_of_the_trailers_the_head_or_the_http_status(string type, string? trailer, string? header, int code, string expected)
    {
        var info = Stream();
        info.RequestHeaders!.Add("content-type"u8, Bytes(type));
        info.ResponseCode = code;
        info.ResponseHeaders = new HeaderBlock();
        info.ResponseTrailers = new HeaderBlock();
        if (header is not null) info.ResponseHeaders.Add("grpc-status"u8, Bytes(header));
        if (trailer is not null) info.ResponseTrailers.Add("grpc-status"u8, Bytes(trailer));
        Text("%GRPC_STATUS% %GRPC_STATUS(SNAKE_STRING)% %GRPC_STATUS(NUMBER)% %GRPC_STATUS_NUMBER%", info).ShouldBe(expected);
    }

    [Theory]
    [InlineData("%METADATA(X:istio)%", "'X' is not DYNAMIC")]
    [InlineData("%METADATA(ROUTE)%", "needs a namespace")]
    [InlineData("%CLUSTER_METADATA%", "needs a namespace")]
    [InlineData("%UPSTREAM_METADATA([\"istio\", 1])%", "is not a list of texts")]
    [InlineData("%UPSTREAM_METADATA([])%", "the list is empty")]
    [InlineData("%UPSTREAM_METADATA([)%", "is not a list of texts")]
    [InlineData("%FILTER_STATE%", "needs a key")]
    [InlineData("%FILTER_STATE(a:FIELD)%", "followed by PLAIN, TYPED or FIELD:NAME")]
    [InlineData("%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT(129)%", "0 to 128")]
    [InlineData("%REQUESTED_SERVER_NAME(X)%", "SNI_ONLY, SNI_FIRST or HOST_FIRST")]
    [InlineData("%REQUESTED_SERVER_NAME(SNI_FIRST:X)%", "ORIG, HOST or ORIG_OR_HOST")]
    [InlineData("%QUERY_PARAMS(X)%", "ORIG or DECODED")]
    [InlineData("%GRPC_STATUS(X)%", "CAMEL_STRING, SNAKE_STRING or NUMBER")]
    [InlineData("%COALESCE%", "takes {\"operators\": [...]}")]
    [InlineData("%COALESCE({\"operators\": [{\"param\": \"x\"}]})%", "takes {\"operators\": [...]}")]
    [InlineData("%COALESCE({\"operators\": [\"NO_SUCH\"]})%", "NO_SUCH% is not an operator")]
    [InlineData("%COALESCE({\"operators\": []})%", "operators is empty")]
    [InlineData("%CEL(request.path)%", "needs CEL")]
    public void A_wrong_argument_is_refused_with_its_reason(string format, string reason) =>
        Should.Throw<ConfigException>(() => Compiler.Text(format, false, "log_format")).Message.ShouldContain(reason);

    [Theory]
    [InlineData("%FILTER_STATE(upstream_peer)%", true)]
    [InlineData("%REQ(:PATH)%", false)]
    public void A_format_that_reads_filter_state_is_reported(string format, bool isReported)
    {
        SubstitutionFormatString[] formats =
        [
            new() { TextFormatSource = new DataSource { InlineString = format } },
            new() { JsonFormat = new Struct { Fields = { ["a"] = Value.ForString(format) } } },
        ];
        foreach (var one in formats)
        {
            var fields = new List<string>();
            FieldSupport.Inspect("envoy.config.core.v3.SubstitutionFormatString", Google.Protobuf.MessageExtensions.ToByteArray(one), fields.Add);
            fields.Count.ShouldBe(isReported ? 1 : 0);
            fields.ForEach(field => FieldSupport.Consequence(field).ShouldContain("reads filter state"));
        }
    }

    private static StreamInfo Stream()
    {
        var headers = new HeaderBlock();
        headers.SetMethod("GET"u8);
        headers.SetPath("/x?a=%20b%2&c=%0a%c3%a9"u8);
        headers.SetAuthority("host.example"u8);
        var cluster = new Configured("cluster", "/apis/cluster");
        var istio = cluster.Metadata!.FilterMetadata["istio"].Fields;
        istio["external"] = Value.ForBool(true);
        istio["weight"] = Value.ForNumber(3);
        istio["share"] = Value.ForNumber(0.25);
        istio["null"] = Value.ForNull();
        istio["services"] = Value.ForList(Value.ForStruct(new Struct { Fields = { ["name"] = Value.ForString("a \"q\""), ["host"] = Value.ForString("a.example") } }));
        return new StreamInfo
        {
            Protocol = StreamProtocol.Http11,
            RequestHeaders = headers,
            Cluster = cluster,
            Route = new Configured("route", "/apis/route", new Configured("host", "/apis/host")),
            Connection = new Configured("chain", "/apis/chain", new Configured("listener", "/apis/listener")),
            UpstreamEndpoint = new Configured("endpoint", "/apis/endpoint"),
        };
    }

    private static string Text(string format, StreamInfo info) => Written(Compiler.Text(format, false, "f"), info);

    private static string Written(LogFormat format, StreamInfo info)
    {
        var buffer = new byte[4096];
        format.TryFormat(info, buffer, out var written).ShouldBeTrue();
        // Whatever does not fit is said, and nothing is written behind the end.
        for (var length = 0; length < written; length++) format.TryFormat(info, buffer.AsSpan(0, length), out _).ShouldBeFalse();
        format.TryFormat(info, buffer, out written).ShouldBeTrue();
        return Encoding.UTF8.GetString(buffer, 0, written);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static IpEndpoint Endpoint(string text) => IpEndpoint.TryParse(text, out var endpoint) ? endpoint : throw new FormatException(text);

    private sealed class Configured(string name, string config, IConfigured? parent = null) : IConfigured
    {
        public byte[] NameUtf8 { get; } = Bytes(name);

        public Metadata? Metadata { get; } = new() { FilterMetadata = { ["istio"] = new Struct { Fields = { ["config"] = Value.ForString(config) } } } };

        public IConfigured? Parent { get; } = parent;
    }
}
