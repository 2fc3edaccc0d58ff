namespace Fairlead.Proxy.Snapshot;

/// <summary>How an upstream connection's protocol is chosen: HTTP/1.1, or what the downstream spoke.</summary>
internal enum UpstreamProtocolMode : byte
{
    Http1,
    UseDownstream,
}
