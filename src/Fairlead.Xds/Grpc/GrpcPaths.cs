namespace Fairlead.Xds.Grpc;

/// <summary>Paths and header values of the discovery services over HTTP/2.</summary>
public static class GrpcPaths
{
    public const string ContentType = "application/grpc";
    public const string StreamAggregated = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources";
    public const string DeltaAggregated = "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources";

    /// <summary>Ours, optional: reports of destinations that no service claims (fairlead/telemetry/v1).</summary>
    public const string UnknownDestinations = "/fairlead.telemetry.v1.UnknownDestinationService/Report";
    public const string StatusHeader = "grpc-status";
    public const string MessageHeader = "grpc-message";

    /// <summary>Percent-encodes a grpc-message value: everything but printable ASCII, and '%' (gRPC "PROTOCOL-HTTP2", Status-Message).</summary>
    public static string EncodeMessage(string message)
    {
        var result = new System.Text.StringBuilder(message.Length);
        foreach (var b in System.Text.Encoding.UTF8.GetBytes(message))
        {
            if (b is >= 0x20 and < 0x7f && b != (byte)'%') result.Append((char)b);
            else result.Append('%').Append(b.ToString("X2"));
        }
        return result.ToString();
    }

    public static string DecodeMessage(string encoded) => Uri.UnescapeDataString(encoded);
}
