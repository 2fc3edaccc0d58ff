namespace Fairlead.Proxy.Http1;

/// <summary>What one side of a connection accepts.</summary>
/// <param name="MaxHeadBytes">Start line and fields, bytes (Envoy's default 60 KiB).</param>
/// <param name="MaxFields">Number of fields (Envoy's default 100); trailers count on their own.</param>
/// <param name="RejectUnderscores">A name with '_' refuses the message.</param>
/// <param name="DropUnderscores">A field whose name has '_' is left out.</param>
/// <param name="AllowChunkedLength">Content-Length beside chunked is dropped instead of refused.</param>
internal readonly record struct Http1Limits(int MaxHeadBytes, int MaxFields, bool RejectUnderscores, bool DropUnderscores, bool AllowChunkedLength)
{
    /// <summary>One chunk-size line with its extensions, bytes: sizes need 16; extensions are of no use to anyone and are dropped.</summary>
    public const int MaxChunkLineBytes = 1024;

    /// <summary>Empty lines before a request line (RFC 9112 2.2 asks to ignore at least one).</summary>
    public const int MaxLeadingEmptyLines = 4;
}
