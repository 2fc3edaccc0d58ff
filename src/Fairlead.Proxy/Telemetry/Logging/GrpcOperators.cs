using System.Buffers.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// The status of a gRPC call: of the trailers, else of the response's head, else what the HTTP status stands for (gRPC's "HTTP to gRPC Status Code
/// Mapping"). Set for requests whose content type is gRPC's alone.
/// </summary>
internal static class GrpcOperators
{
    private static readonly string[] Camel =
    [
        "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied", "ResourceExhausted",
        "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated",
    ];

    private static readonly string[] Snake =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    public static void AddTo(OperatorTable table)
    {
        table.Add("GRPC_STATUS", argument => argument switch
        {
            null or "" or "CAMEL_STRING" => Named(Camel),
            "SNAKE_STRING" => Named(Snake),
            "NUMBER" => WriteNumber,
            _ => throw new FormatException("%GRPC_STATUS% takes CAMEL_STRING, SNAKE_STRING or NUMBER"),
        });
        table.Add("GRPC_STATUS_NUMBER", WriteNumber, isNumber: true);
    }

    private static WriteValue Named(string[] names) => (ref Utf8Writer writer, StreamInfo info) =>
    {
        if (!TryGet(info, out var status)) return;
        if ((uint)status < (uint)names.Length) writer.Write(names[status]);
        else writer.Write(status);
    };

    private static void WriteNumber(ref Utf8Writer writer, StreamInfo info)
    {
        if (TryGet(info, out var status)) writer.Write(status);
    }

    private static bool TryGet(StreamInfo info, out long status)
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
