namespace Fairlead.Proxy.Http1;

/// <summary>Why a message was refused by the codec. <see cref="Http1ErrorText"/> maps each to Envoy's status, body and details.</summary>
internal enum Http1Error : byte
{
    None,
    Malformed,
    HeadersTooLarge,
    TooManyHeaders,
    InvalidCharacters,
    InvalidUrl,
    InvalidScheme,
    InvalidTransferEncoding,
    ContentLengthAndChunked,
    ContentLengthNotAllowed,
    TransferEncodingNotAllowed,
    UnexpectedUnderscore,
    ConnectionHeaderRejected,
    BodyDisallowed,

    /// <summary>The first line of HTTP/2's client preface (RFC 9113 3.4).</summary>
    Http2Preface,
}
