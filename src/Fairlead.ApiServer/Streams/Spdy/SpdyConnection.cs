using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Fairlead.ApiServer.Streams.Spdy;

/// <summary>
/// The server's side of SPDY/3.1 (draft-mbelshe-httpbis-spdy-00 with version 3), as far as Kubernetes' streams use it: the client opens streams, both send data,
/// pings are answered. Windows are not accounted for, as the clients' library does not either; SETTINGS and WINDOW_UPDATE are read over.
/// </summary>
internal sealed class SpdyConnection(Stream transport) : IDisposable
{
    private const int SynStream = 1, SynReply = 2, RstStream = 3, Ping = 6, GoAway = 7, Headers = 8;
    private const int ProtocolError = 1, RefusedStream = 3;
    private const byte LastFlag = 1;
    private const int Version = 3;
    private const int HeaderBytes = 8;

    /// <summary>Bytes of a control frame: our header block limit and its fields.</summary>
    private const int ControlLimit = (64 << 10) + 64;

    /// <summary>Bytes of one piece of data, both ways.</summary>
    private const int PieceBytes = 32 << 10;

    /// <summary>Streams open at a time; a forwarded connection takes two.</summary>
    private const int StreamLimit = 2000;

    private readonly ConcurrentDictionary<int, SpdyStream> streams = new();
    private readonly Channel<SpdyStream> opened = Channel.CreateUnbounded<SpdyStream>();
    private readonly SemaphoreSlim writing = new(1);
    private readonly SpdyHeaderReader headerReader = new();
    private readonly SpdyHeaderWriter headerWriter = new();
    private int lastStream;

    /// <summary>Streams in the order in which the client opened them; it ends with the connection.</summary>
    public ChannelReader<SpdyStream> Opened => opened.Reader;

    public void Dispose()
    {
        headerReader.Dispose();
        writing.Dispose();
    }

    /// <summary>Reads until the peer says goodbye or goes, or breaks the protocol.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var fault = new IOException("the client has gone");
        try
        {
            var header = new byte[HeaderBytes];
            while (await transport.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellation) == HeaderBytes)
            {
                var length = (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)) & 0xffffff);
                if ((header[0] & 0x80) == 0)
                    await TakeDataAsync(BinaryPrimitives.ReadInt32BigEndian(header), header[4], length, cancellation);
                else if (!await TakeControlAsync(header, length, cancellation))
                    return;
            }
        }
        catch (IOException broken) when (broken is SpdyException or EndOfStreamException)
        {
            fault = broken;
            await WriteControlAsync(GoAway, 0, Words(lastStream, ProtocolError), cancellation);
            throw;
        }
        finally
        {
            opened.Writer.TryComplete(fault);
            foreach (var stream in streams.Values)
                stream.Abort(fault);
            streams.Clear();
        }
    }

    public async Task WriteDataAsync(int id, ReadOnlyMemory<byte> bytes, bool isLast, CancellationToken cancellation)
    {
        do
        {
            var piece = bytes[..Math.Min(bytes.Length, PieceBytes)];
            bytes = bytes[piece.Length..];
            var frame = new byte[HeaderBytes + piece.Length];
            BinaryPrimitives.WriteInt32BigEndian(frame, id);
            BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), piece.Length);
            frame[4] = isLast && bytes.Length == 0 ? LastFlag : (byte)0;
            piece.CopyTo(frame.AsMemory(HeaderBytes));
            await WriteAsync(frame, cancellation);
        }
        while (bytes.Length > 0);
    }

    /// <summary>GOAWAY with status OK: we open nothing and expect nothing more.</summary>
    public Task SayGoodbyeAsync(CancellationToken cancellation) => WriteControlAsync(GoAway, 0, Words(lastStream, 0), cancellation);

    public void ForgetIfOver(SpdyStream stream)
    {
        if (stream.IsOver)
            streams.TryRemove(stream.Id, out _);
    }

    private async Task TakeDataAsync(int id, byte flags, int length, CancellationToken cancellation)
    {
        streams.TryGetValue(id, out var stream);
        while (length > 0)
        {
            var piece = new byte[Math.Min(length, PieceBytes)];
            await transport.ReadExactlyAsync(piece, cancellation);
            length -= piece.Length;
            // Data of a stream that is over already is read over: it was under way when we ended it.
            if (stream is not null)
                await stream.TakeAsync(piece, cancellation);
        }
        if ((flags & LastFlag) != 0)
            stream?.EndInput();
    }

    /// <summary>Acts on one control frame; false: the peer said goodbye.</summary>
    private async Task<bool> TakeControlAsync(byte[] header, int length, CancellationToken cancellation)
    {
        var version = BinaryPrimitives.ReadUInt16BigEndian(header) & 0x7fff;
        var type = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2));
        if (version != Version)
            throw new SpdyException($"a control frame is of SPDY version {version}; {Version} is served");
        if (length > ControlLimit)
            throw new SpdyException($"a control frame of {length} bytes is over the limit of {ControlLimit}");
        var body = new byte[length];
        await transport.ReadExactlyAsync(body, cancellation);
        switch (type)
        {
            case SynStream:
                await OpenAsync(body, header[4], cancellation);
                break;
            case RstStream when length >= 8:
                if (streams.TryRemove(Id(body), out var stream))
                    stream.Abort(new SpdyException("the client has reset the stream"));
                break;
            case Headers when length >= 4:
                // The window of the decompressor must move on, whatever the headers say.
                headerReader.Read(body.AsSpan(4));
                break;
            case Ping when length == 4:
                await WriteControlAsync(Ping, 0, body, cancellation);
                break;
            case GoAway:
                return false;
        }
        return true;
    }

    private async Task OpenAsync(byte[] body, byte flags, CancellationToken cancellation)
    {
        if (body.Length < 10)
            throw new SpdyException($"a SYN_STREAM of {body.Length} bytes is too short");
        var id = Id(body);
        var headers = headerReader.Read(body.AsSpan(10));
        if (id <= lastStream || id % 2 == 0)
            throw new SpdyException($"the client opened stream {id} after {lastStream}; its numbers are odd and rise");
        lastStream = id;
        if (streams.Count >= StreamLimit)
        {
            await WriteControlAsync(RstStream, 0, Words(id, RefusedStream), cancellation);
            return;
        }
        var stream = new SpdyStream(this, id, headers);
        streams[id] = stream;
        await ReplyAsync(id, cancellation);
        if ((flags & LastFlag) != 0)
            stream.EndInput();
        opened.Writer.TryWrite(stream);
    }

    private async Task ReplyAsync(int id, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            // Under the lock: the header blocks of one direction are one zlib stream.
            await transport.WriteAsync(Control(SynReply, 0, [.. Words(id), .. headerWriter.Write()]), cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            writing.Release();
        }
    }

    private Task WriteControlAsync(int type, byte flags, byte[] body, CancellationToken cancellation) => WriteAsync(Control(type, flags, body), cancellation);

    private async Task WriteAsync(byte[] frame, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            await transport.WriteAsync(frame, cancellation);
            await transport.FlushAsync(cancellation);
        }
        finally
        {
            writing.Release();
        }
    }

    private static byte[] Control(int type, byte flags, byte[] body)
    {
        var frame = new byte[HeaderBytes + body.Length];
        BinaryPrimitives.WriteUInt16BigEndian(frame, 0x8000 | Version);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)type);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), body.Length);
        frame[4] = flags;
        body.CopyTo(frame, HeaderBytes);
        return frame;
    }

    private static int Id(byte[] body) => BinaryPrimitives.ReadInt32BigEndian(body) & int.MaxValue;

    private static byte[] Words(params ReadOnlySpan<int> words)
    {
        var bytes = new byte[words.Length * 4];
        for (var at = 0; at < words.Length; at++)
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at * 4), words[at]);
        return bytes;
    }
}
