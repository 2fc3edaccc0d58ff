namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>A peer broke SPDY/3.1; the message says how, and the session ends.</summary>
internal sealed class SpdyException(string message) : IOException(message);
