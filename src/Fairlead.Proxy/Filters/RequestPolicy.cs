using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Filters;

/// <summary>The connection manager's checks and changes of a request before routing (envoy.md 2.1 and 2.2), in Envoy's order.</summary>
internal static class RequestPolicy
{
    private const int MaxConnectionTokens = 10; // Envoy's limit of tokens in a Connection header
    private const int MaxTeBytes = 256; // and of the TE value

    /// <summary>False = answered already.</summary>
    public static bool Apply(StreamContext worker, HttpStream stream, HeadParser parser)
    {
        var headers = stream.RequestHeaders;
        var config = stream.Config;
        headers.Remove("host"u8); // it is :authority now
        StripH2c(stream);
        if (!config.Proxy100Continue && headers.TryGet("expect"u8, out var expect) && AsciiCase.EqualsLower(expect, "100-continue"u8))
        {
            if (!stream.RequestComplete) stream.Server.SendContinue();
            headers.Remove("expect"u8);
        }
        if (parser.MinorVersion == 0)
        {
            if (!config.AcceptHttp10)
            {
                stream.Server.CloseAfterResponse();
                stream.SendLocalReply(426, default, Detail.LowVersion);
                return false;
            }
            if (headers.Authority.IsEmpty && config.DefaultHostForHttp10 is { } host) headers.SetAuthority(host);
        }
        if (headers.Authority.IsEmpty) return Refuse(stream, 400, Detail.MissingHost);
        if (parser.IsConnect)
        {
            stream.Server.CloseAfterResponse();
            return Refuse(stream, 403, Detail.UpgradeFailed);
        }
        if (parser.AbsoluteForm && !config.AllowAbsoluteUrl) return Refuse(stream, 404, Detail.AbsolutePath);
        if (!CheckPath(worker, stream)) return false;
        StripHost(stream);
        if (!Connection(stream)) return false;
        Forwarding(worker, stream);
        return true;
    }

    /// <summary>Upgrade: h2c is ignored: its fields go, the request continues as HTTP/1.1.</summary>
    private static void StripH2c(HttpStream stream)
    {
        var headers = stream.RequestHeaders;
        if (!headers.TryGet("upgrade"u8, out var type) || !AsciiCase.EqualsLower(type, "h2c"u8)) return;
        headers.Remove("upgrade"u8);
        headers.Remove("http2-settings"u8);
        headers.Remove("connection"u8);
    }

    private static bool CheckPath(StreamContext worker, HttpStream stream)
    {
        var headers = stream.RequestHeaders;
        if (headers.Path.IsEmpty) return Refuse(stream, 404, Detail.MissingPath);
        if (headers.Path[0] != (byte)'/' && !(headers.Path.SequenceEqual("*"u8) && headers.Method.SequenceEqual("OPTIONS"u8)))
        {
            worker.Stats.Add(stream.Config.Stats, HttpManagerStats.DownstreamRqNonRelativePath);
            return Refuse(stream, 404, Detail.AbsolutePath);
        }
        if (headers.Path[0] != (byte)'/') return true;
        var outcome = PathNormalizer.Apply(headers, stream.Config);
        if (outcome == PathNormalizer.Outcome.Unchanged) return true;
        if (outcome == PathNormalizer.Outcome.Rejected)
        {
            worker.Stats.Add(stream.Config.Stats, HttpManagerStats.DownstreamRqFailedPathNormalization);
            return Refuse(stream, 400, Detail.PathNormalizationFailed);
        }
        worker.Stats.Add(stream.Config.Stats, HttpManagerStats.DownstreamRqRedirectedWithNormalizedPath);
        stream.SendLocalReply(307, default, Detail.PathNormalizationFailed, location: headers.Path.ToArray());
        return false;
    }

    private static void StripHost(HttpStream stream)
    {
        var config = stream.Config;
        if (config.StripPort == StripPortMode.None && !config.StripTrailingHostDot) return;
        var host = stream.RequestHeaders.Authority;
        var colon = host.LastIndexOf((byte)':');
        if (colon > host.LastIndexOf((byte)']') && config.StripPort != StripPortMode.None)
        {
            var own = System.Buffers.Text.Utf8Parser.TryParse(host[(colon + 1)..], out int port, out _) && port == stream.Server.Connection.Local.Port;
            if (own || config.StripPort == StripPortMode.Any) host = host[..colon];
        }
        if (config.StripTrailingHostDot && host is [.., (byte)'.']) host = host[..^1];
        if (host.Length != stream.RequestHeaders.Authority.Length) stream.RequestHeaders.SetAuthority(host);
    }

    /// <summary>Hop-by-hop fields and those that Connection names (RFC 9110 7.6.1) end here.</summary>
    private static bool Connection(HttpStream stream)
    {
        var headers = stream.RequestHeaders;
        var tokens = 0;
        for (var slot = headers.IndexOf("connection"u8, 0); slot >= 0; slot = headers.IndexOf("connection"u8, slot + 1))
        {
            var list = headers.Value(slot);
            while (FieldBytes.NextElement(ref list, out var token))
            {
                if (++tokens >= MaxConnectionTokens || !MayNominate(token))
                {
                    stream.Server.CloseAfterResponse();
                    stream.SendLocalReply(400, default, Http1ErrorText.Details(Http1Error.ConnectionHeaderRejected));
                    return false;
                }
                if (!AsciiCase.EqualsLower(token, "upgrade"u8) && !AsciiCase.EqualsLower(token, "te"u8)) RemoveNominated(headers, token);
            }
        }
        if (headers.TryGet("te"u8, out var te))
        {
            if (te.Length >= MaxTeBytes)
            {
                stream.SendLocalReply(400, default, Http1ErrorText.Details(Http1Error.ConnectionHeaderRejected));
                return false;
            }
            if (FieldBytes.ListContains(te, "trailers"u8)) headers.Set("te"u8, "trailers"u8);
            else headers.Remove("te"u8);
        }
        headers.Remove("connection"u8);
        if (!stream.IsUpgrade) headers.Remove("upgrade"u8);
        headers.Remove("keep-alive"u8);
        headers.Remove("proxy-connection"u8);
        headers.Remove("transfer-encoding"u8);
        return true;
    }

    private static bool MayNominate(ReadOnlySpan<byte> token) =>
        token[0] != (byte)':' && !AsciiCase.EqualsLower(token, "x-forwarded-for"u8) && !AsciiCase.EqualsLower(token, "x-forwarded-host"u8)
        && !AsciiCase.EqualsLower(token, "x-forwarded-proto"u8);

    private static void RemoveNominated(HeaderBlock headers, ReadOnlySpan<byte> token)
    {
        Span<byte> lower = token.Length <= 256 ? stackalloc byte[token.Length] : new byte[token.Length];
        AsciiCase.Lower(token, lower);
        if (!lower.SequenceEqual("close"u8) && !lower.SequenceEqual("keep-alive"u8) && !lower.SequenceEqual("content-length"u8)) headers.Remove(lower);
    }

    private static void Forwarding(StreamContext worker, HttpStream stream)
    {
        var headers = stream.RequestHeaders;
        var config = stream.Config;
        var connection = stream.Server.Connection;
        var trust = DownstreamTrust.Of(headers, config, connection.Remote);
        headers.Remove("x-envoy-internal"u8);
        if (trust.IsInternal) headers.Set("x-envoy-internal"u8, "true"u8);
        else DownstreamTrust.StripInternalHeaders(headers, trust.IsEdge);
        CheckReferer(headers);
        if (config.UseRemoteAddress)
        {
            if (!config.SkipXffAppend) AppendAddress(headers, connection.Remote.IsLoopback ? connection.Local : connection.Remote);
            if (config.XffTrustedHops == 0) headers.Set("x-forwarded-proto"u8, "http"u8);
            if (config.AppendXForwardedPort) headers.SetNumber("x-forwarded-port"u8, connection.Local.Port);
            if (trust.IsEdge) SetAddress(headers, "x-envoy-external-address"u8, connection.Remote);
        }
        var isHttps = headers.TryGet("x-forwarded-proto"u8, out var proto) && proto.SequenceEqual("https"u8);
        if (proto.IsEmpty && !headers.Contains("x-forwarded-proto"u8)) headers.Add("x-forwarded-proto"u8, "http"u8);
        if (config.SchemeOverwrite is { } scheme) headers.SetScheme(scheme);
        else headers.SetScheme(isHttps ? "https"u8 : "http"u8);
        if (config.Via is { } via) headers.Append("via"u8, via);
        if (!config.KeepClientCertHeader) headers.Remove("x-forwarded-client-cert"u8);
        var decision = RequestId.Apply(headers, config, trust.IsEdge, worker.Random);
        if (config.Tracing is not null) worker.Stats.Add(config.Stats, TracingStat(decision));
    }

    private static int TracingStat(byte decision) => decision switch
    {
        RequestId.Sampled => HttpManagerStats.TracingRandomSampling,
        RequestId.Forced => HttpManagerStats.TracingServiceForced,
        RequestId.Client => HttpManagerStats.TracingClientEnabled,
        _ => HttpManagerStats.TracingNotTraceable,
    };

    private static void AppendAddress(HeaderBlock headers, in Loop.IpEndpoint address)
    {
        Span<byte> text = stackalloc byte[Loop.IpEndpoint.MaxTextBytes];
        headers.Append("x-forwarded-for"u8, text[..address.FormatAddress(text)]);
    }

    private static void SetAddress(HeaderBlock headers, ReadOnlySpan<byte> name, in Loop.IpEndpoint address)
    {
        Span<byte> text = stackalloc byte[Loop.IpEndpoint.MaxTextBytes];
        headers.Set(name, text[..address.FormatAddress(text)]);
    }

    /// <summary>A Referer that is repeated or no absolute URL is dropped.</summary>
    private static void CheckReferer(HeaderBlock headers)
    {
        var slot = headers.IndexOf("referer"u8, 0);
        if (slot < 0) return;
        var repeated = headers.IndexOf("referer"u8, slot + 1) >= 0;
        var value = headers.Value(slot);
        if (repeated || !(value.StartsWith("http://"u8) || value.StartsWith("https://"u8))) headers.Remove("referer"u8);
    }

    private static bool Refuse(HttpStream stream, int code, byte[] details)
    {
        stream.SendLocalReply(code, default, details, ResponseFlag.None);
        return false;
    }
}
