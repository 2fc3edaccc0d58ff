using System.Buffers.Binary;
using System.Text;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>The writing side of <see cref="SpdyHeaderReader"/>.</summary>
internal sealed class SpdyHeaderWriter
{
    private bool started;

    public byte[] Write(params ReadOnlySpan<(string Name, string Value)> pairs)
    {
        using var block = new MemoryStream();
        WriteLength(block, pairs.Length);
        foreach (var (name, value) in pairs)
        {
            foreach (var text in (string[])[name, value])
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                WriteLength(block, bytes.Length);
                block.Write(bytes);
            }
        }
        // An empty block after it, as a flush writes one: Go's inflater hands its bytes on when it sees that.
        byte[] stored = [.. Stored(block.ToArray()), .. Stored([])];
        if (started)
            return stored;
        started = true;
        // No dictionary, fastest: 0x7801 is a multiple of 31.
        return [0x78, 0x01, .. stored];
    }

    /// <summary>One stored, not last, deflate block: at most 65,535 bytes.</summary>
    public static byte[] Stored(ReadOnlySpan<byte> bytes)
    {
        var block = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), checked((ushort)bytes.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~bytes.Length);
        bytes.CopyTo(block.AsSpan(5));
        return block;
    }

    private static void WriteLength(MemoryStream block, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        block.Write(bytes);
    }
}
