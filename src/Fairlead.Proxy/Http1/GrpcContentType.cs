namespace Fairlead.Proxy.Http1;

/// <summary>Whether a request is a gRPC call: its content type is application/grpc, alone or with a suffix ("+proto") or parameters.</summary>
internal static class GrpcContentType
{
    private static ReadOnlySpan<byte> Name => "application/grpc"u8;

    public static bool Is(HeaderBlock headers) =>
        headers.TryGet("content-type"u8, out var type) && type.StartsWith(Name) && (type.Length == Name.Length || type[Name.Length] is (byte)'+' or (byte)';');
}
