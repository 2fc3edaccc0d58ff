using System.Buffers.Binary;
using System.Text;
using Fairlead.ApiServer.Streams.Spdy;

namespace Fairlead.ApiServer.Tests.Streams;

/// <summary>A client's bytes in, our bytes out: SPDY/3.1 as far as kubectl speaks it.</summary>
public sealed class SpdyConnectionTests
{
    private readonly SpdyHeaderWriter headers = new();

    [Fact]
    public async Task A_stream_is_answered_and_its_data_arrives_in_order()
    {
        var (stream, output, fault) = await ServeAsync([.. Open(1), .. Data(1, "hello "), .. Data(1, "world", isLast: true)]);
        fault.ShouldBeNull();
        stream!.Header("streamtype").ShouldBe("stdin");
        stream.Header("nope").ShouldBe("");
        (await TextAsync(stream)).ShouldBe("hello world");
        // SYN_REPLY: control, version 3, type 2, stream 1.
        output[..4].ShouldBe([0x80, 3, 0, 2]);
        output[8..12].ShouldBe([0, 0, 0, 1]);
    }

    [Fact]
    public async Task What_is_sent_goes_out_in_frames_and_ends_once()
    {
        using var transport = new Transcript([.. Open(1)]);
        using var connection = new SpdyConnection(transport);
        await connection.RunAsync(default);
        await connection.WriteDataAsync(1, new byte[40_000], isLast: true, default);
        var sent = transport.Output[^(40_000 + 16)..];
        sent[..8].ShouldBe([0, 0, 0, 1, 0, 0, 0x80, 0]);
        sent[(8 + 32_768)..][..8].ShouldBe([0, 0, 0, 1, 1, 0, 0x1c, 0x40]);
    }

    [Fact]
    public async Task A_ping_comes_back_as_it_is()
    {
        var ping = Control(6, [0, 0, 0, 7]);
        (await ServeAsync(ping)).Output.ShouldBe(ping);
    }

    [Fact]
    public async Task Settings_windows_and_further_headers_are_read_over()
    {
        var (stream, _, fault) = await ServeAsync(
            [.. Control(4, new byte[4]), .. Open(1), .. Control(9, new byte[8]), .. Control(8, [0, 0, 0, 1, .. headers.Write(("a", "b"))]), .. Data(1, "x", isLast: true)]);
        fault.ShouldBeNull();
        (await TextAsync(stream!)).ShouldBe("x");
    }

    [Fact]
    public async Task A_reset_fails_the_input()
    {
        var (stream, _, _) = await ServeAsync([.. Open(1), .. Control(3, [0, 0, 0, 1, 0, 0, 0, 5])]);
        (await Should.ThrowAsync<SpdyException>(TextAsync(stream!))).Message.ShouldBe("the client has reset the stream");
    }

    [Fact]
    public async Task A_client_that_goes_fails_the_input()
    {
        var (stream, _, fault) = await ServeAsync([.. Open(1), .. Data(1, "half")]);
        fault.ShouldBeNull();
        (await Should.ThrowAsync<IOException>(TextAsync(stream!))).Message.ShouldBe("the client has gone");
    }

    [Fact]
    public async Task A_goodbye_ends_the_reading()
    {
        var (stream, _, fault) = await ServeAsync([.. Control(7, new byte[8]), .. Open(1)]);
        (stream, fault).ShouldBe((null, null));
    }

    [Fact]
    public async Task Breaches_end_the_connection_with_goaway()
    {
        (byte[] Bytes, string Words)[] breaches =
        [
            ([0x80, 2, 0, 1, 0, 0, 0, 0], "version 2"),
            ([0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff], "over the limit"),
            (Control(1, new byte[4]), "too short"),
            (Open(2), "odd and rise"),
            ([.. new SpdyConnectionTests().Open(3), 0x80, 3, 0, 1, 0, 0, 0, 14, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], "cannot be decompressed"),
            (Control(1, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]), "zlib header"),
        ];
        foreach (var (bytes, words) in breaches)
        {
            var (_, output, fault) = await ServeAsync(bytes);
            fault.ShouldBeOfType<SpdyException>().Message.ShouldContain(words);
            output[^16..][..4].ShouldBe([0x80, 3, 0, 7], words);
            output[^1].ShouldBe((byte)1, "the status is PROTOCOL_ERROR");
        }
    }

    [Fact]
    public async Task Whatever_bytes_come_nothing_but_a_named_end_follows()
    {
        var random = new Random(3107);
        var ended = 0;
        for (var round = 0; round < 2000; round++)
        {
            var client = new SpdyConnectionTests();
            byte[] session = [.. client.Open(1), .. Data(1, "hello"), .. Control(6, [0, 0, 0, 1]), .. client.Open(3), .. Data(3, "x", isLast: true), .. Control(3, new byte[8])];
            for (var change = random.Next(1, 6); change > 0; change--)
                session[random.Next(session.Length)] = (byte)random.Next(256);
            var (_, _, fault) = await ServeAsync(session[..random.Next(session.Length + 1)]);
            (fault is null or SpdyException or EndOfStreamException).ShouldBeTrue($"round {round}: {fault}");
            ended += fault is null ? 0 : 1;
        }
        ended.ShouldBeGreaterThan(100);
    }

    private static async Task<(SpdyStream? Stream, byte[] Output, Exception? Fault)> ServeAsync(byte[] input)
    {
        using var transport = new Transcript(input);
        using var connection = new SpdyConnection(transport);
        var fault = await Record.ExceptionAsync(() => connection.RunAsync(default));
        connection.Opened.TryRead(out var stream);
        return (stream, transport.Output, fault);
    }

    private static async Task<string> TextAsync(SpdyStream stream)
    {
        var text = new StringBuilder();
        await foreach (var piece in stream.Input.ReadAllAsync())
            text.Append(Encoding.UTF8.GetString(piece.Span));
        return text.ToString();
    }

    private byte[] Open(int id) => Control(1, [0, 0, 0, (byte)id, 0, 0, 0, 0, 0, 0, .. headers.Write(("streamtype", "stdin"))]);

    private static byte[] Control(byte type, byte[] body)
    {
        byte[] frame = [0x80, 3, 0, type, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), body.Length);
        return frame;
    }

    private static byte[] Data(byte id, string text, bool isLast = false) =>
        [0, 0, 0, id, isLast ? (byte)1 : (byte)0, 0, 0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    /// <summary>A transport that plays the client's bytes and keeps ours.</summary>
    private sealed class Transcript(byte[] input) : MemoryStream(input)
    {
        private readonly MemoryStream output = new();

        public byte[] Output => output.ToArray();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);
    }
}
