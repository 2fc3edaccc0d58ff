using System.Buffers;
using System.Buffers.Binary;
using Google.Protobuf;

namespace Fairlead.Xds.Grpc;

/// <summary>
/// gRPC's length-prefixed messages (grpc "PROTOCOL-HTTP2", Length-Prefixed-Message):
/// <code>
/// +------------+------------------------------+---------+
/// | compressed | message length, big endian   | message |
/// | 1 byte = 0 | 4 bytes                      |         |
/// +------------+------------------------------+---------+
/// </code>
/// Compression is not negotiated, so a set flag is an error of the peer.
/// </summary>
public static class GrpcFraming
{
    public const int PrefixBytes = 5;

    /// <summary>Bytes of one message. A full state of 10,000 endpoints takes about 2 MiB; gRPC's own default of 4 MiB is too small for xDS.</summary>
    public const int DefaultMaxMessageBytes = 64 * 1024 * 1024;

    /// <summary>Appends one message; the caller flushes.</summary>
    public static void Write(IBufferWriter<byte> output, IMessage message)
    {
        var size = message.CalculateSize();
        var prefix = output.GetSpan(PrefixBytes);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], size);
        output.Advance(PrefixBytes);
        message.WriteTo(output);
    }

    /// <summary>Takes one message off the front. False = more bytes are needed.</summary>
    /// <exception cref="GrpcException">The message is compressed (INTERNAL) or longer than allowed (RESOURCE_EXHAUSTED).</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int maxMessageBytes, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < PrefixBytes) return false;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] != 0) throw new GrpcException(GrpcStatusCode.Internal, "the message is compressed, which was not agreed");
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > maxMessageBytes)
        {
            throw new GrpcException(GrpcStatusCode.ResourceExhausted, $"the message has {length} bytes; at most {maxMessageBytes} are accepted");
        }
        if (buffer.Length - PrefixBytes < length) return false;
        message = buffer.Slice(PrefixBytes, length);
        buffer = buffer.Slice(PrefixBytes + length);
        return true;
    }
}
