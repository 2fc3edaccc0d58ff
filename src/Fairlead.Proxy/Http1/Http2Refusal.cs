using System.Buffers.Binary;

namespace Fairlead.Proxy.Http1;

/// <summary>What a client hears that speaks HTTP/2 where only HTTP/1.1 is offered, in its own protocol, so that it can say why it failed.</summary>
internal static class Http2Refusal
{
    private const int FrameHeadBytes = 9; // RFC 9113 4.1
    private const int GoAwayHeadBytes = 8; // RFC 9113 6.8: last stream, error code
    private const byte SettingsType = 4;
    private const byte GoAwayType = 7;
    private const uint Http11Required = 0xd; // RFC 9113 7

    /// <summary>The server's preface (empty SETTINGS) and GOAWAY with HTTP_1_1_REQUIRED.</summary>
    public static readonly byte[] Frames = Build("HTTP/2 is not supported by this proxy: use HTTP/1.1"u8);

    private static byte[] Build(ReadOnlySpan<byte> text)
    {
        var frames = new byte[FrameHeadBytes + FrameHeadBytes + GoAwayHeadBytes + text.Length];
        frames[3] = SettingsType;
        var goAway = frames.AsSpan(FrameHeadBytes);
        goAway[2] = (byte)(GoAwayHeadBytes + text.Length);
        goAway[3] = GoAwayType;
        BinaryPrimitives.WriteUInt32BigEndian(goAway[(FrameHeadBytes + 4)..], Http11Required);
        text.CopyTo(goAway[(FrameHeadBytes + GoAwayHeadBytes)..]);
        return frames;
    }
}
