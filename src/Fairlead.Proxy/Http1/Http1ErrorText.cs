namespace Fairlead.Proxy.Http1;

/// <summary>Envoy's answer to each codec error towards a client (envoy.md 1.6, 2.3, 2.7).</summary>
internal static class Http1ErrorText
{
    public static int Status(Http1Error error) => error switch
    {
        Http1Error.HeadersTooLarge or Http1Error.TooManyHeaders => 431,
        Http1Error.InvalidTransferEncoding or Http1Error.TransferEncodingNotAllowed => 501,
        _ => 400,
    };

    public static ReadOnlySpan<byte> Body(Http1Error error) => Status(error) switch
    {
        431 => "Request Header Fields Too Large"u8,
        501 => "Not Implemented"u8,
        _ => "Bad Request"u8,
    };

    public static byte[] Details(Http1Error error) => Texts[(int)error];

    private static readonly byte[][] Texts =
    [
        [],
        [.. "http1.codec_error"u8],
        [.. "http1.headers_too_large"u8],
        [.. "http1.too_many_headers"u8],
        [.. "http1.invalid_characters"u8],
        [.. "http1.invalid_url"u8],
        [.. "http1.invalid_scheme"u8],
        [.. "http1.invalid_transfer_encoding"u8],
        [.. "http1.content_length_and_chunked_not_allowed"u8],
        [.. "http1.content_length_not_allowed"u8],
        [.. "http1.transfer_encoding_not_allowed"u8],
        [.. "http1.unexpected_underscore"u8],
        [.. "http1.connection_header_rejected"u8],
        [.. "http1.body_disallowed"u8],
        [.. "http1.codec_error"u8],
    ];
}
