using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>
/// Name/value header blocks (SPDY/3.1 draft section 2.6.10), one zlib stream per direction for the life of a connection.
/// Reading: the preset dictionary is not in <see cref="DeflateStream"/>'s interface, so it is put into the window as a stored block
/// (RFC 1951 section 3.2.4) in front of the peer's deflate data. Writing: stored blocks only; our few short headers need no compression.
/// </summary>
internal sealed class SpdyHeaderReader : IDisposable
{
    /// <summary>Bytes of one header block before and after decompression; Kubernetes' stream headers take about a hundred.</summary>
    private const int BlockLimit = 64 << 10;

    /// <summary>zlib's header: two bytes, and the dictionary's Adler-32 where bit 5 of the second is set (RFC 1950 section 2.2).</summary>
    private const int FlagDictionary = 0x20;

    private readonly Feed feed = new();
    private DeflateStream? inflater;

    public void Dispose()
    {
        inflater?.Dispose();
        feed.Dispose();
    }

    /// <summary>The pairs of one block; names are lower case by the draft.</summary>
    /// <exception cref="SpdyException">The block is not zlib data, is cut short or too long.</exception>
    public Dictionary<string, string> Read(ReadOnlySpan<byte> block)
    {
        if (block.Length > BlockLimit)
            throw new SpdyException($"a header block of {block.Length} bytes is over the limit of {BlockLimit}");
        if (inflater is null)
            block = Start(block);
        feed.Append(block);
        try
        {
            return ReadPairs(inflater!);
        }
        catch (Exception fault) when (fault is EndOfStreamException or InvalidDataException)
        {
            throw new SpdyException($"a header block cannot be decompressed: {fault.Message}");
        }
    }

    private ReadOnlySpan<byte> Start(ReadOnlySpan<byte> block)
    {
        if (block.Length < 6 || (block[0] & 0x0f) != 8 || BinaryPrimitives.ReadUInt16BigEndian(block) % 31 != 0)
            throw new SpdyException("the first header block does not begin with a zlib header");
        var dictionary = SpdyDictionary.Bytes;
        var withDictionary = (block[1] & FlagDictionary) != 0;
        if (withDictionary && BinaryPrimitives.ReadUInt32BigEndian(block[2..]) != SpdyDictionary.Checksum)
            throw new SpdyException("the header blocks use another dictionary than SPDY/3's");
        inflater = new DeflateStream(feed, CompressionMode.Decompress);
        if (!withDictionary)
            return block[2..];
        feed.Append(SpdyHeaderWriter.Stored(dictionary));
        inflater.ReadExactly(new byte[dictionary.Length]);
        return block[6..];
    }

    private static Dictionary<string, string> ReadPairs(DeflateStream inflater)
    {
        var left = BlockLimit;
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var count = ReadLength(inflater, ref left); count > 0; count--)
        {
            var name = ReadText(inflater, ref left);
            if (!pairs.TryAdd(name, ReadText(inflater, ref left)))
                throw new SpdyException($"the header '{name}' is there twice");
        }
        return pairs;
    }

    private static string ReadText(DeflateStream inflater, ref int left)
    {
        var bytes = new byte[ReadLength(inflater, ref left)];
        left -= bytes.Length;
        inflater.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static int ReadLength(DeflateStream inflater, ref int left)
    {
        Span<byte> bytes = stackalloc byte[4];
        inflater.ReadExactly(bytes);
        left -= bytes.Length;
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return left < 0 || length > left ? throw new SpdyException($"a header block is over the limit of {BlockLimit} bytes") : (int)length;
    }

    /// <summary>The compressed bytes as they come; it is at its end between two blocks, where nobody reads.</summary>
    private sealed class Feed : MemoryStream
    {
        public void Append(ReadOnlySpan<byte> bytes)
        {
            if (Position == Length)
                SetLength(0);
            var at = Position;
            Position = Length;
            Write(bytes);
            Position = at;
        }
    }
}
