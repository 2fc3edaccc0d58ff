using System.Buffers;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>
/// Writes the operators of Istio's default format. They are cases of a switch, and no objects of their own, because a line has
/// twenty-three of them: what the kernel has just driven out of the cache costs more than what they do.
/// </summary>
internal static class CommonValues
{
    private static readonly SearchValues<byte> Spaces = SearchValues.Create(" \t\n\v\f\r"u8);

    /// <summary>Writes a value that <paramref name="info"/> has; nothing when it is unset. Headers, clock and duration need more than that and have methods of their own.</summary>
    public static void Write(ref Utf8Writer writer, StreamInfo info, ValueKind kind)
    {
        switch (kind)
        {
            case ValueKind.RequestMethod: if (info.RequestHeaders is { } request) writer.Write(request.Method); break;
            case ValueKind.RequestAuthority: if (info.RequestHeaders is { } message) writer.Write(message.Authority); break;
            case ValueKind.RequestOriginalPath: if (info.RequestHeaders is { } routed) writer.Write(routed.TryGet("x-envoy-original-path"u8, out var sent) ? sent : routed.Path); break;
            case ValueKind.Protocol: writer.Write(ProtocolName(info.Protocol)); break;
            case ValueKind.ResponseCode: writer.Write((long)info.ResponseCode); break;
            case ValueKind.ResponseFlags: WriteFlags(ref writer, info, isLong: false); break;
            case ValueKind.ResponseCodeDetails: WriteWithoutSpaces(ref writer, info.ResponseCodeDetails); break;
            case ValueKind.ConnectionTerminationDetails: WriteWithoutSpaces(ref writer, info.ConnectionTerminationDetails); break;
            case ValueKind.UpstreamTransportFailureReason: WriteWithoutSpaces(ref writer, info.UpstreamTransportFailureReason); break;
            case ValueKind.BytesReceived: writer.Write(info.BytesReceived); break;
            case ValueKind.BytesSent: writer.Write(info.BytesSent); break;
            case ValueKind.UpstreamHost: WriteWhole(ref writer, info.UpstreamHost); break;
            case ValueKind.UpstreamClusterRaw: writer.Write(info.UpstreamClusterName); break;
            case ValueKind.UpstreamLocalAddress: WriteWhole(ref writer, info.UpstreamLocalAddress); break;
            case ValueKind.DownstreamLocalAddress: WriteWhole(ref writer, info.DownstreamLocalAddress); break;
            case ValueKind.DownstreamRemoteAddress: WriteWhole(ref writer, info.DownstreamRemoteAddress); break;
            case ValueKind.RequestedServerName: writer.Write(info.RequestedServerName); break;
            case ValueKind.RouteName: writer.Write(info.RouteName); break;
            default: throw new ArgumentOutOfRangeException(nameof(kind), kind, "is not a value of a stream");
        }
    }

    public static void WriteHeader(ref Utf8Writer writer, HeaderBlock? headers, ReadOnlySpan<byte> name, ReadOnlySpan<byte> alternative)
    {
        if (headers is null) return;
        if (headers.TryGet(name, out var value) || (!alternative.IsEmpty && headers.TryGet(alternative, out value))) writer.Write(value);
    }

    public static void WriteWhole(ref Utf8Writer writer, in IpEndpoint address)
    {
        if (address.IsSet) writer.Write(address);
    }

    /// <summary>Whole units between two timestamps, cut off; unset when one of them did not happen.</summary>
    public static void WriteSpan(ref Utf8Writer writer, long start, long end, long unitsPerSecond, long ticksPerSecond)
    {
        if (start == 0 || end == 0 || end < start) return;
        var elapsed = end - start;
        // Division of 128 bits costs more than the rest of the field; it is for streams of months.
        writer.Write(elapsed <= long.MaxValue / unitsPerSecond ? elapsed * unitsPerSecond / ticksPerSecond : (long)((Int128)elapsed * unitsPerSecond / ticksPerSecond));
    }

    public static void WriteWithoutSpaces(ref Utf8Writer writer, ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty) return;
        var start = writer.Written;
        writer.Write(text);
        if (writer.Overflowed || !text.ContainsAny(Spaces)) return;
        foreach (ref var b in writer.Since(start))
        {
            if (b is (byte)' ' or (>= 9 and <= 13)) b = (byte)'_';
        }
    }

    public static void WriteFlags(ref Utf8Writer writer, StreamInfo info, bool isLong)
    {
        // No flag is a value and not the lack of one: "-" in JSON, too.
        if (info.Flags.Count == 0) writer.Write((byte)'-');
        for (var i = 0; i < info.Flags.Count; i++)
        {
            if (i > 0) writer.Write((byte)',');
            writer.Write(isLong ? ResponseFlagNames.Long(info.Flags[i]) : ResponseFlagNames.Short(info.Flags[i]));
        }
    }

    public static ReadOnlySpan<byte> ProtocolName(StreamProtocol protocol) => protocol switch
    {
        StreamProtocol.Http10 => "HTTP/1.0"u8,
        StreamProtocol.Http11 => "HTTP/1.1"u8,
        StreamProtocol.Http2 => "HTTP/2"u8,
        _ => default,
    };
}
