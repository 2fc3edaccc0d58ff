namespace Fairlead.Proxy.Snapshot;

/// <summary>HttpConnectionManager.CodecType; HTTP/2 and HTTP/3 alone are refused until they exist.</summary>
internal enum HttpCodecType : byte
{
    Auto,
    Http1,
}
