using System.Buffers.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Telemetry;

/// <summary>
/// The status of a gRPC call: of the trailers, else of the response's head, else what the HTTP status stands for (gRPC's "HTTP to gRPC Status Code
/// Mapping"). Requests whose content type is not gRPC's have none.
/// </summary>
internal static class GrpcStatus
{
    public static bool TryGet(StreamInfo info, out long status)
    {
        status = 0;
        if (info.RequestHeaders is not { } request || !GrpcContentType.Is(request)) return false;
        if (TryRead(info.ResponseTrailers, out status) || TryRead(info.ResponseHeaders, out status)) return true;
        status = OfHttp(info.ResponseCode);
        return info.ResponseCode != 0;
    }

    private static bool TryRead(HeaderBlock? headers, out long status)
    {
        status = 0;
        return headers is not null && headers.TryGet("grpc-status"u8, out var text) && Utf8Parser.TryParse(text, out status, out var length) && length == text.Length;
    }

    private static long OfHttp(int code) => code switch
    {
        200 => 0,
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 or 502 or 503 or 504 => 14,
        _ => 2,
    };
}
