using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Filters;

/// <summary>Replies that the proxy makes itself (envoy.md 2.3), and the timers that end in one.</summary>
internal sealed partial class HttpStream
{
    private static readonly byte[] PlainText = "text/plain"u8.ToArray();

    private const int MaxFormattedBodyBytes = 64 * 1024; // a local reply's formatted body; longer formats are cut to the plain body

    /// <summary>Answers without an upstream, or resets when a response has begun.</summary>
    /// <param name="code">Status.</param>
    /// <param name="body">Text; empty = no content headers.</param>
    /// <param name="details">Response code details.</param>
    /// <param name="flag">None = no flag.</param>
    /// <param name="overloaded">Adds x-envoy-overloaded.</param>
    /// <param name="location">A redirect's target; empty = none.</param>
    /// <param name="contentType">Of the body; null = plain text.</param>
    public void SendLocalReply(
        int code, ReadOnlySpan<byte> body, byte[] details, ResponseFlag flag = ResponseFlag.None, bool overloaded = false, ReadOnlySpan<byte> location = default,
        byte[]? contentType = null)
    {
        // As in Envoy: 400 says that the client and we do not understand each other.
        if (code == 400 && !Config.StreamErrorOnInvalidMessage) Server.CloseAfterResponse();
        if (flag != ResponseFlag.None) Info.Flags.Set(flag);
        Info.ResponseCodeDetails = details;
        if (ResponseStarted)
        {
            ResetResponse();
            return;
        }
        ResponseHeaders.Clear();
        ResponseSpelling = null;
        Info.ResponseHeaders = ResponseHeaders;
        Info.ResponseCode = code;
        var mapper = FindMapper();
        if (mapper?.StatusCode is { } mapped) Info.ResponseCode = code = mapped;
        if (mapper?.Body is { } replaced) body = replaced;
        Info.LocalReplyBody = body.IsEmpty ? null : body.ToArray();
        var reply = mapper?.BodyFormat ?? Config.LocalReply.BodyFormat;
        if (Format(reply?.Format) is { } formatted)
        {
            body = formatted;
            contentType = reply!.ContentType;
        }
        if (IsGrpc)
        {
            SendGrpcReply(code, body, mapper);
            return;
        }
        ResponseHeaders.SetStatus(code);
        if (!body.IsEmpty)
        {
            ResponseHeaders.SetNumber("content-length"u8, body.Length);
            ResponseHeaders.Add("content-type"u8, contentType ?? PlainText);
        }
        if (!location.IsEmpty) ResponseHeaders.Add("location"u8, location);
        if (overloaded) ResponseHeaders.Add("x-envoy-overloaded"u8, "true"u8);
        mapper?.Headers.Apply(ResponseHeaders, Info);
        Router.ApplyResponseHeaders();
        var end = body.IsEmpty || IsHeadRequest;
        SendResponseHead(code, end);
        if (!end) SendResponseData(body);
        CompleteResponse();
    }

    /// <summary>Of a connection manager that says AUTO a client may expect HTTP/2, which is not there yet. One that says HTTP1 answers 400, as Envoy's.</summary>
    private void RefuseHttp2()
    {
        Info.Protocol = StreamProtocol.Http2;
        Info.Flags.Set(ResponseFlag.DownstreamProtocolError);
        Info.ResponseCodeDetails = Detail.Http2NotSupported;
        Server.SendData(Http2Refusal.Frames);
        CompleteResponse();
    }

    /// <summary>The request's head did not arrive in time.</summary>
    public void OnRequestHeaderTimeout() => ReplyTimedOut("request header timeout"u8, Detail.RequestHeaderTimeout, ResponseFlag.None);

    private void OnRequestTimeout()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqTimeout);
        ReplyTimedOut("request timeout"u8, Detail.RequestOverallTimeout, ResponseFlag.None);
    }

    private void OnIdleTimeout()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqIdleTimeout);
        ReplyTimedOut("stream timeout"u8, Detail.StreamIdleTimeout, ResponseFlag.StreamIdleTimeout);
    }

    private void OnMaxDuration()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqMaxDurationReached);
        ReplyTimedOut("downstream duration timeout"u8, Detail.MaxDurationTimeout, ResponseFlag.None);
    }

    private void ReplyTimedOut(ReadOnlySpan<byte> body, byte[] details, ResponseFlag flag)
    {
        if (!_active) return;
        Router.Abandon();
        Info.RequestHeaders ??= RequestHeaders;
        SendLocalReply(RequestComplete ? 504 : 408, body, details, flag);
    }

    private LocalReplyConfig.Mapper? FindMapper()
    {
        foreach (var mapper in Config.LocalReply.Mappers)
        {
            if (mapper.Filter.Passes(Info, Random)) return mapper;
        }
        return null;
    }

    private byte[]? Format(LogFormat? format)
    {
        if (format is null) return null;
        var room = new byte[MaxFormattedBodyBytes];
        return format.TryFormat(Info, room, out var written) ? room[..written] : null;
    }

    private void SendGrpcReply(int code, ReadOnlySpan<byte> message, LocalReplyConfig.Mapper? mapper)
    {
        ResponseHeaders.SetStatus(200);
        ResponseHeaders.Add("content-type"u8, "application/grpc"u8);
        ResponseHeaders.SetNumber("grpc-status"u8, GrpcStatusOf(code));
        if (!message.IsEmpty) ResponseHeaders.Add("grpc-message"u8, PercentEncode(message));
        mapper?.Headers.Apply(ResponseHeaders, Info);
        Router.ApplyResponseHeaders();
        SendResponseHead(200, end: true);
        CompleteResponse();
    }

    private static int GrpcStatusOf(int code) => code switch
    {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => 2,
    };

    private static byte[] PercentEncode(ReadOnlySpan<byte> text)
    {
        var output = new List<byte>(text.Length);
        foreach (var b in text)
        {
            if (b is >= 0x20 and <= 0x7e and not (byte)'%') output.Add(b);
            else output.AddRange(System.Text.Encoding.ASCII.GetBytes($"%{b:X2}"));
        }
        return [.. output];
    }
}
