using System.Buffers.Text;
using System.Text;

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
        foreach (var name in (string[])["REQ", "REQUEST_HEADER"]) table.AddCommon(name, argument => Named(ValueKind.RequestHeader, name, argument));
        foreach (var name in (string[])["RESP", "RESPONSE_HEADER"]) table.AddCommon(name, argument => Named(ValueKind.ResponseHeader, name, argument));
        foreach (var name in (string[])["TRAILER", "RESPONSE_TRAILER"]) table.Add(name, argument => Trailer(name, argument));
        table.Add("REQ_WITHOUT_QUERY", argument =>
        {
            var (header, alternative) = OperatorTable.HeaderNames("REQ_WITHOUT_QUERY", argument);
            return (ref Utf8Writer writer, StreamInfo info) =>
            {
                var start = writer.Written;
                CommonValues.WriteHeader(ref writer, info.RequestHeaders, header, alternative);
                if (!writer.Overflowed && writer.Since(start).IndexOf((byte)'?') is var mark and >= 0) writer.Rewind(start + mark);
            };
        });
        table.Add("PATH", Path);
        table.Add("QUERY_PARAM", argument => QueryParameter(Encoding.UTF8.GetBytes(argument ?? string.Empty)));
        table.Add("QUERY_PARAMS", argument => argument switch
        {
            null or "ORIG" => static (ref Utf8Writer writer, StreamInfo info) => writer.Write(Query(info)),
            "DECODED" => static (ref Utf8Writer writer, StreamInfo info) => WriteDecoded(ref writer, Query(info)),
            _ => throw new FormatException("%QUERY_PARAMS% takes ORIG or DECODED"),
        });
        table.AddCommon("PROTOCOL", new ValueSource(ValueKind.Protocol));
        table.Add("UPSTREAM_PROTOCOL", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(CommonValues.ProtocolName(info.UpstreamProtocol)));
        table.Add("STREAM_ID", static (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteHeader(ref writer, info.RequestHeaders, "x-request-id"u8, default));
    }

    private static void AddOutcome(OperatorTable table)
    {
        table.AddCommon("RESPONSE_CODE", new ValueSource(ValueKind.ResponseCode), isNumber: true);
        table.AddCommon("RESPONSE_CODE_DETAILS", argument => argument switch
        {
            null => new ValueSource(ValueKind.ResponseCodeDetails),
            "ALLOW_WHITESPACES" => new ValueSource(ValueKind.Other, static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.ResponseCodeDetails)),
            _ => throw new FormatException("%RESPONSE_CODE_DETAILS% takes ALLOW_WHITESPACES or nothing"),
        });
        table.AddCommon("RESPONSE_FLAGS", new ValueSource(ValueKind.ResponseFlags));
        table.Add("RESPONSE_FLAGS_LONG", static (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteFlags(ref writer, info, isLong: true));
        table.Add("DOWNSTREAM_DETECTED_CLOSE_TYPE", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(CloseName(info.DownstreamClose)));
        table.Add("UPSTREAM_DETECTED_CLOSE_TYPE", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(CloseName(info.UpstreamClose)));
        table.Add("DOWNSTREAM_LOCAL_CLOSE_REASON", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.DownstreamLocalCloseReason));
        table.Add("UPSTREAM_LOCAL_CLOSE_REASON", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.UpstreamLocalCloseReason));
        table.AddCommon("CONNECTION_TERMINATION_DETAILS", new ValueSource(ValueKind.ConnectionTerminationDetails));
        table.AddCommon("UPSTREAM_TRANSPORT_FAILURE_REASON", new ValueSource(ValueKind.UpstreamTransportFailureReason));
        table.Add("LOCAL_REPLY_BODY", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.LocalReplyBody));
        table.Add("UPSTREAM_REQUEST_ATTEMPT_COUNT", static (ref Utf8Writer writer, StreamInfo info) => writer.Write((long)info.AttemptCount), isNumber: true);
        table.Add("ACCESS_LOG_TYPE", static (ref Utf8Writer writer, StreamInfo info) =>
            writer.Write(info.LogType is { } type ? type : info.Protocol == StreamProtocol.None ? "TcpConnectionEnd"u8 : "DownstreamEnd"u8));
    }

    private static void AddBytes(OperatorTable table)
    {
        table.AddCommon("BYTES_RECEIVED", new ValueSource(ValueKind.BytesReceived), isNumber: true);
        table.AddCommon("BYTES_SENT", new ValueSource(ValueKind.BytesSent), isNumber: true);
        // Envoy's HeaderMap::byteSize(): names and values, pseudo-headers with them, without what a codec puts between.
        Number(table, "REQUEST_HEADERS_BYTES", static info => info.RequestHeaders is { } headers ? headers.NamesAndValuesLength + (headers.Scheme.IsEmpty ? ":schemehttp".Length : 0) : 0);
        Number(table, "RESPONSE_HEADERS_BYTES", static info => info.ResponseHeaders?.NamesAndValuesLength ?? 0);
        Number(table, "RESPONSE_TRAILERS_BYTES", static info => info.ResponseTrailers?.NamesAndValuesLength ?? 0);
        Number(table, "UPSTREAM_WIRE_BYTES_SENT", static info => info.UpstreamWireBytesSent);
        Number(table, "UPSTREAM_WIRE_BYTES_RECEIVED", static info => info.UpstreamWireBytesReceived);
        Number(table, "UPSTREAM_HEADER_BYTES_SENT", static info => info.UpstreamHeaderBytesSent);
        Number(table, "UPSTREAM_HEADER_BYTES_RECEIVED", static info => info.UpstreamHeaderBytesReceived);
        Number(table, "DOWNSTREAM_WIRE_BYTES_SENT", static info => info.DownstreamWireBytesSent);
        Number(table, "DOWNSTREAM_WIRE_BYTES_RECEIVED", static info => info.DownstreamWireBytesReceived);
        Number(table, "DOWNSTREAM_HEADER_BYTES_SENT", static info => info.ResponseHeaderBytes);
        Number(table, "DOWNSTREAM_HEADER_BYTES_RECEIVED", static info => info.RequestHeaderBytes);
        // HTTP/1 compresses no headers.
        Number(table, "UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", static info => info.UpstreamHeaderBytesSent);
        Number(table, "UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", static info => info.UpstreamHeaderBytesReceived);
        Number(table, "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", static info => info.ResponseHeaderBytes);
        Number(table, "DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", static info => info.RequestHeaderBytes);
        // Envoy counts these for HTTP/3 alone.
        Number(table, "BYTES_RETRANSMITTED", static _ => 0);
        Number(table, "PACKETS_RETRANSMITTED", static _ => 0);
    }

    private static void AddNames(OperatorTable table, OperatorEnvironment environment)
    {
        table.AddCommon("ROUTE_NAME", new ValueSource(ValueKind.RouteName));
        table.Add("VIRTUAL_HOST_NAME", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.VirtualHostName));
        table.Add("FILTER_CHAIN_NAME", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.Connection?.NameUtf8));
        table.AddCommon("UPSTREAM_CLUSTER_RAW", new ValueSource(ValueKind.UpstreamClusterRaw));
        table.Add("UPSTREAM_CLUSTER", static (ref Utf8Writer writer, StreamInfo info) =>
            writer.Write(info.UpstreamClusterAltStatName is null ? info.UpstreamClusterName : info.UpstreamClusterAltStatName));
        table.AddCommon("REQUESTED_SERVER_NAME", ServerName);
        table.Add("UNIQUE_ID", static (ref Utf8Writer writer, StreamInfo _) => writer.Write(Guid.NewGuid()));
        table.AddCommon("HOSTNAME", argument =>
        {
            if (argument is not null) throw new FormatException("%HOSTNAME% takes no argument");
            var hostname = Encoding.UTF8.GetBytes(environment.ReadHostname());
            return new ValueSource(ValueKind.Other, (ref Utf8Writer writer, StreamInfo _) => writer.Write(hostname));
        });
        table.Add("ENVIRONMENT", argument =>
        {
            var value = Encoding.UTF8.GetBytes(environment.ReadVariable(argument ?? string.Empty) ?? string.Empty);
            return (ref Utf8Writer writer, StreamInfo _) => writer.Write(value);
        });
    }

    private static void Number(OperatorTable table, string name, Func<StreamInfo, long> read) =>
        table.Add(name, (ref Utf8Writer writer, StreamInfo info) => writer.Write(read(info)), isNumber: true);

    private static ValueSource Named(ValueKind kind, string command, string? argument)
    {
        var (name, alternative) = OperatorTable.HeaderNames(command, argument);
        if (kind == ValueKind.RequestHeader && alternative is null)
        {
            if (name.AsSpan().SequenceEqual(":method"u8)) return new ValueSource(ValueKind.RequestMethod);
            if (name.AsSpan().SequenceEqual(":authority"u8)) return new ValueSource(ValueKind.RequestAuthority);
        }
        if (kind == ValueKind.RequestHeader && name.AsSpan().SequenceEqual("x-envoy-original-path"u8) && alternative.AsSpan().SequenceEqual(":path"u8))
            return new ValueSource(ValueKind.RequestOriginalPath);
        return new ValueSource(kind, Name: name, Alternative: alternative);
    }

    private static WriteValue Trailer(string command, string? argument)
    {
        var (name, alternative) = OperatorTable.HeaderNames(command, argument);
        return (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteHeader(ref writer, info.ResponseTrailers, name, alternative);
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

    private static ReadOnlySpan<byte> CloseName(CloseType type) => type switch
    {
        CloseType.LocalReset => "LocalReset"u8,
        CloseType.RemoteReset => "RemoteReset"u8,
        _ => "Normal"u8,
    };

    // REQUESTED_SERVER_NAME(SNI_ONLY|SNI_FIRST|HOST_FIRST : ORIG|HOST|ORIG_OR_HOST)
    private static ValueSource ServerName(string? argument)
    {
        var parts = (argument ?? string.Empty).Split(':');
        var source = parts.Length > 1 ? parts[1] : "ORIG_OR_HOST";
        if (parts.Length > 2 || source is not ("ORIG" or "HOST" or "ORIG_OR_HOST")) throw new FormatException("%REQUESTED_SERVER_NAME% takes ORIG, HOST or ORIG_OR_HOST second");
        return parts[0] switch
        {
            "" or "SNI_ONLY" => new ValueSource(ValueKind.RequestedServerName),
            "SNI_FIRST" => new ValueSource(ValueKind.Other, (ref Utf8Writer writer, StreamInfo info) =>
                writer.Write(info.RequestedServerName is { Length: > 0 } name ? name : Host(info, source))),
            "HOST_FIRST" => new ValueSource(ValueKind.Other, (ref Utf8Writer writer, StreamInfo info) =>
            {
                var host = Host(info, source);
                writer.Write(host.IsEmpty ? info.RequestedServerName : host);
            }),
            _ => throw new FormatException("%REQUESTED_SERVER_NAME% takes SNI_ONLY, SNI_FIRST or HOST_FIRST first"),
        };
    }

    private static ReadOnlySpan<byte> Host(StreamInfo info, string source)
    {
        if (info.RequestHeaders is not { } headers) return default;
        if (source != "HOST" && headers.TryGet("x-envoy-original-host"u8, out var original)) return original;
        return source == "ORIG" ? default : headers.Authority;
    }

    /// <summary>Percent-decoded (RFC 3986, section 2.1); what is no escape stays as it is, and so do line ends: a line stays a line.</summary>
    private static void WriteDecoded(ref Utf8Writer writer, ReadOnlySpan<byte> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var b = text[i];
            if (b == '%' && i + 2 < text.Length && Utf8Parser.TryParse(text.Slice(i + 1, 2), out byte decoded, out var length, 'x') && length == 2 && decoded >= ' ')
            {
                b = decoded;
                i += 2;
            }
            writer.Write(b);
        }
    }

    private static ReadOnlySpan<byte> Query(StreamInfo info)
    {
        if (info.RequestHeaders is not { } headers) return default;
        var path = headers.Path;
        var mark = path.IndexOf((byte)'?');
        return mark < 0 ? default : path[(mark + 1)..];
    }
}
