namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about the status of a gRPC call; unset for any other request.</summary>
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
        if (!GrpcStatus.TryGet(info, out var status)) return;
        if ((uint)status < (uint)names.Length) writer.Write(names[status]);
        else writer.Write(status);
    };

    private static void WriteNumber(ref Utf8Writer writer, StreamInfo info)
    {
        if (GrpcStatus.TryGet(info, out var status)) writer.Write(status);
    }
}
