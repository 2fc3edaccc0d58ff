using System.Buffers.Binary;

namespace Fairlead.Node.Dns;

/// <summary>DNS over TCP: each message behind its length in two bytes (RFC 1035 section 4.2.2).</summary>
internal static class DnsFraming
{
    public static async Task WriteAsync(Stream stream, byte[] message, CancellationToken cancel)
    {
        var framed = new byte[message.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)message.Length);
        message.CopyTo(framed, 2);
        await stream.WriteAsync(framed, cancel).ConfigureAwait(false);
    }

    /// <summary>Null at the end of the stream.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken cancel)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false, cancel).ConfigureAwait(false) < 2)
            return null;
        var message = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(message, cancel).ConfigureAwait(false);
        return message;
    }

    public static async Task<byte[]> ExchangeAsync(Stream stream, byte[] query, CancellationToken cancel)
    {
        await WriteAsync(stream, query, cancel).ConfigureAwait(false);
        return await ReadAsync(stream, cancel).ConfigureAwait(false) ?? throw new EndOfStreamException("the resolver closed the connection");
    }
}
