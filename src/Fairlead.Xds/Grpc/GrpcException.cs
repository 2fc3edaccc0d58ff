namespace Fairlead.Xds.Grpc;

/// <summary>A gRPC call failed, or must be failed with this status.</summary>
public sealed class GrpcException(GrpcStatusCode status, string message, Exception? inner = null) : Exception(message, inner)
{
    public GrpcStatusCode Status { get; } = status;
}
