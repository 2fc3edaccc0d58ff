namespace Fairlead.Proxy.Telemetry;

/// <summary>What <c>%PROTOCOL%</c> prints: nothing known (TCP), HTTP/1.0, HTTP/1.1, HTTP/2.</summary>
internal enum StreamProtocol : byte
{
    None,
    Http10,
    Http11,
    Http2,
}
