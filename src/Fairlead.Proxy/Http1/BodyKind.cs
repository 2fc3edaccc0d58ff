namespace Fairlead.Proxy.Http1;

/// <summary>How a message's body ends (RFC 9112 6.3).</summary>
internal enum BodyKind : byte
{
    None,
    Length,
    Chunked,
    UntilClose,

    /// <summary>After a 101 or a forwarded upgrade: opaque bytes both ways.</summary>
    Upgraded,
}
