using System.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about messages, responses, bytes, route and process.</summary>
internal static class HttpOperators
{
    public static void AddTo(OperatorTable table, OperatorEnvironment environment)
    {
        AddHeaders(table);
        AddOutcome(table);
        AddBytes(table);
        AddNames(table, environment);
    }

    private static void AddHeaders(OperatorTable table)
    {
        foreach (var name in (string[])["REQ", "REQUEST_HEADER"]) table.Add(name, argument => Header(name, argument, static info => info.RequestHeaders));
        foreach (var name in (string[])["RESP", "RESPONSE_HEADER"]) table.Add(name, argument => Header(name, argument, static info => info.ResponseHeaders));
        foreach (var name in (string[])["TRAILER", "RESPONSE_TRAILER"]) table.Add(name, argument => Header(name, argument, static info => info.ResponseTrailers));
        table.Add("REQ_WITHOUT_QUERY", argument =>
        {
            var inner = Header("REQ_WITHOUT_QUERY", argument, static info => info.RequestHeaders);
            return (ref Utf8Writer writer, StreamInfo info) =>
            {
                var start = writer.Written;
                inner(ref writer, info);
                if (!writer.Overflowed && writer.Since(start).IndexOf((byte)'?') is var mark and >= 0) writer.Rewind(start + mark);
            };
        });
        table.Add("PATH", Path);
        table.Add("QUERY_PARAM", argument => QueryParameter(Encoding.UTF8.GetBytes(argument ?? string.Empty)));
        table.Add("QUERY_PARAMS", argument => argument is null or "ORIG"
            ? (ref Utf8Writer writer, StreamInfo info) => writer.Write(Query(info))
            : throw new FormatException("%QUERY_PARAMS% takes ORIG"));
        table.Add("PROTOCOL", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(ProtocolName(info.Protocol)));
        table.Add("UPSTREAM_PROTOCOL", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(ProtocolName(info.UpstreamProtocol)));
        table.Add("STREAM_ID", static (ref Utf8Writer writer, StreamInfo info) => WriteHeader(ref writer, info.RequestHeaders, "x-request-id"u8));
    }

    private static void AddOutcome(OperatorTable table)
    {
        table.Add("RESPONSE_CODE", static (ref Utf8Writer writer, StreamInfo info) => writer.Write((long)info.ResponseCode), isNumber: true);
        table.Add("RESPONSE_CODE_DETAILS", argument => argument switch
        {
            null => static (ref Utf8Writer writer, StreamInfo info) => WriteWithoutSpaces(ref writer, info.ResponseCodeDetails),
            "ALLOW_WHITESPACES" => static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.ResponseCodeDetails),
            _ => throw new FormatException("%RESPONSE_CODE_DETAILS% takes ALLOW_WHITESPACES or nothing"),
        });
        table.Add("RESPONSE_FLAGS", static (ref Utf8Writer writer, StreamInfo info) => WriteFlags(ref writer, info, isLong: false));
        table.Add("RESPONSE_FLAGS_LONG", static (ref Utf8Writer writer, StreamInfo info) => WriteFlags(ref writer, info, isLong: true));
        table.Add("CONNECTION_TERMINATION_DETAILS", static (ref Utf8Writer writer, StreamInfo info) => WriteWithoutSpaces(ref writer, info.ConnectionTerminationDetails));
        table.Add("UPSTREAM_TRANSPORT_FAILURE_REASON", static (ref Utf8Writer writer, StreamInfo info) => WriteWithoutSpaces(ref writer, info.UpstreamTransportFailureReason));
        table.Add("LOCAL_REPLY_BODY", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.LocalReplyBody));
        table.Add("UPSTREAM_REQUEST_ATTEMPT_COUNT", static (ref Utf8Writer writer, StreamInfo info) => writer.Write((long)info.AttemptCount), isNumber: true);
        table.Add("ACCESS_LOG_TYPE", static (ref Utf8Writer writer, StreamInfo info) =>
            writer.Write(info.Protocol == StreamProtocol.None ? "TcpConnectionEnd"u8 : "DownstreamEnd"u8));
    }

    private static void AddBytes(OperatorTable table)
    {
        Number(table, "BYTES_RECEIVED", static info => info.BytesReceived);
        Number(table, "BYTES_SENT", static info => info.BytesSent);
        Number(table, "REQUEST_HEADERS_BYTES", static info => info.RequestHeaderBytes);
        Number(table, "RESPONSE_HEADERS_BYTES", static info => info.ResponseHeaderBytes);
        Number(table, "RESPONSE_TRAILERS_BYTES", static info => info.ResponseTrailerBytes);
        Number(table, "UPSTREAM_WIRE_BYTES_SENT", static info => info.UpstreamWireBytesSent);
        Number(table, "UPSTREAM_WIRE_BYTES_RECEIVED", static info => info.UpstreamWireBytesReceived);
        Number(table, "UPSTREAM_HEADER_BYTES_SENT", static info => info.UpstreamHeaderBytesSent);
        Number(table, "UPSTREAM_HEADER_BYTES_RECEIVED", static info => info.UpstreamHeaderBytesReceived);
        Number(table, "DOWNSTREAM_WIRE_BYTES_SENT", static info => info.DownstreamWireBytesSent);
        Number(table, "DOWNSTREAM_WIRE_BYTES_RECEIVED", static info => info.DownstreamWireBytesReceived);
        Number(table, "DOWNSTREAM_HEADER_BYTES_SENT", static info => info.ResponseHeaderBytes);
        Number(table, "DOWNSTREAM_HEADER_BYTES_RECEIVED", static info => info.RequestHeaderBytes);
    }

    private static void AddNames(OperatorTable table, OperatorEnvironment environment)
    {
        table.Add("ROUTE_NAME", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.RouteName));
        table.Add("VIRTUAL_HOST_NAME", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.VirtualHostName));
        table.Add("FILTER_CHAIN_NAME", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.FilterChainName));
        table.Add("UPSTREAM_CLUSTER_RAW", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.UpstreamClusterName));
        table.Add("UPSTREAM_CLUSTER", static (ref Utf8Writer writer, StreamInfo info) =>
            writer.Write(info.UpstreamClusterAltStatName is null ? info.UpstreamClusterName : info.UpstreamClusterAltStatName));
        table.Add("REQUESTED_SERVER_NAME", argument => argument is null or "SNI_ONLY" or "SNI_FIRST"
            ? static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.RequestedServerName)
            : throw new FormatException("%REQUESTED_SERVER_NAME% takes SNI_ONLY or SNI_FIRST"));
        var hostname = Encoding.UTF8.GetBytes(environment.Hostname);
        table.Add("HOSTNAME", (ref Utf8Writer writer, StreamInfo _) => writer.Write(hostname));
        table.Add("ENVIRONMENT", argument =>
        {
            var value = Encoding.UTF8.GetBytes(environment.ReadVariable(argument ?? string.Empty) ?? string.Empty);
            return (ref Utf8Writer writer, StreamInfo _) => writer.Write(value);
        });
    }

    private static void Number(OperatorTable table, string name, Func<StreamInfo, long> read) =>
        table.Add(name, (ref Utf8Writer writer, StreamInfo info) => writer.Write(read(info)), isNumber: true);

    private static WriteValue Header(string command, string? argument, Func<StreamInfo, HeaderBlock?> block)
    {
        var (name, alternative) = OperatorTable.HeaderNames(command, argument);
        return (ref Utf8Writer writer, StreamInfo info) =>
        {
            var headers = block(info);
            if (headers is null) return;
            if (headers.TryGet(name, out var value)) writer.Write(value);
            else if (alternative is not null && headers.TryGet(alternative, out value)) writer.Write(value);
        };
    }

    private static void WriteHeader(ref Utf8Writer writer, HeaderBlock? headers, ReadOnlySpan<byte> name)
    {
        if (headers is not null && headers.TryGet(name, out var value)) writer.Write(value);
    }

    // PATH(WQ|NQ : ORIG|PATH|ORIG_OR_PATH)
    private static WriteValue Path(string? argument)
    {
        var parts = (argument ?? string.Empty).Split(':');
        var withQuery = parts[0] switch
        {
            "" or "WQ" => true,
            "NQ" => false,
            _ => throw new FormatException("%PATH% takes WQ or NQ first"),
        };
        var source = parts.Length > 1 ? parts[1] : "ORIG_OR_PATH";
        if (source is not ("ORIG" or "PATH" or "ORIG_OR_PATH")) throw new FormatException("%PATH% takes ORIG, PATH or ORIG_OR_PATH second");
        return (ref Utf8Writer writer, StreamInfo info) =>
        {
            if (info.RequestHeaders is not { } headers) return;
            ReadOnlySpan<byte> path = default;
            if (source == "PATH" || !headers.TryGet("x-envoy-original-path"u8, out path))
            {
                if (source != "ORIG") path = headers.Path;
            }
            var mark = withQuery ? -1 : path.IndexOf((byte)'?');
            writer.Write(mark < 0 ? path : path[..mark]);
        };
    }

    private static WriteValue QueryParameter(byte[] name) => (ref Utf8Writer writer, StreamInfo info) =>
    {
        var query = Query(info);
        while (query.Length > 0)
        {
            var end = query.IndexOf((byte)'&');
            var pair = end < 0 ? query : query[..end];
            query = end < 0 ? default : query[(end + 1)..];
            var equals = pair.IndexOf((byte)'=');
            if (equals < 0 || !pair[..equals].SequenceEqual(name)) continue;
            writer.Write(pair[(equals + 1)..]);
            return;
        }
    };

    private static ReadOnlySpan<byte> Query(StreamInfo info)
    {
        if (info.RequestHeaders is not { } headers) return default;
        var path = headers.Path;
        var mark = path.IndexOf((byte)'?');
        return mark < 0 ? default : path[(mark + 1)..];
    }

    private static ReadOnlySpan<byte> ProtocolName(StreamProtocol protocol) => protocol switch
    {
        StreamProtocol.Http10 => "HTTP/1.0"u8,
        StreamProtocol.Http11 => "HTTP/1.1"u8,
        StreamProtocol.Http2 => "HTTP/2"u8,
        _ => default,
    };

    private static void WriteWithoutSpaces(ref Utf8Writer writer, ReadOnlySpan<byte> text)
    {
        var start = writer.Written;
        writer.Write(text);
        if (writer.Overflowed) return;
        foreach (ref var b in writer.Since(start))
        {
            if (b is (byte)' ' or (>= 9 and <= 13)) b = (byte)'_';
        }
    }

    private static void WriteFlags(ref Utf8Writer writer, StreamInfo info, bool isLong)
    {
        for (var i = 0; i < info.Flags.Count; i++)
        {
            if (i > 0) writer.Write((byte)',');
            writer.Write(isLong ? ResponseFlagNames.Long(info.Flags[i]) : ResponseFlagNames.Short(info.Flags[i]));
        }
    }
}
