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
}
