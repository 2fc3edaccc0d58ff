using System.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Tests.Http1;

public sealed class BodyReaderTests
{
    private static readonly Http1Limits Limits = new(60 * 1024, 100, false, false, false);

    private static (ParseStatus Status, string Body, int Consumed, Http1Error Error) Read(BodyKind kind, long length, string text, int step = int.MaxValue)
    {
        var reader = new BodyReader();
        reader.Begin(kind, length);
        var bytes = Encoding.Latin1.GetBytes(text);
        var body = new StringBuilder();
        var start = 0;
        for (var end = 0; end < bytes.Length;)
        {
            end = (int)Math.Min((long)end + step, bytes.Length);
            while (true)
            {
                var status = reader.Read(bytes.AsSpan(start, end - start), null, Limits, out var consumed, out var data);
                body.Append(Encoding.Latin1.GetString(data));
                start += consumed;
                if (status != ParseStatus.NeedMore) return (status, body.ToString(), start, reader.Error);
                if (consumed == 0 || start == end) break;
            }
        }
        return (ParseStatus.NeedMore, body.ToString(), start, reader.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(int.MaxValue)]
    public void A_chunked_body_reads_the_same_however_it_is_cut(int step)
    {
        var (status, body, consumed, _) = Read(BodyKind.Chunked, 0, "3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT", step);

        status.ShouldBe(ParseStatus.Complete);
        body.ShouldBe("abc0123456789");
        consumed.ShouldBe("3\r\nabc\r\nA;ext=1\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n".Length);
    }

    [Fact]
    public void A_counted_body_ends_at_its_count()
    {
        var (status, body, consumed, _) = Read(BodyKind.Length, 5, "helloGET / HTTP/1.1");

        status.ShouldBe(ParseStatus.Complete);
        body.ShouldBe("hello");
        consumed.ShouldBe(5);
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("x\r\n")]
    [InlineData("5\nhello")]
    [InlineData("5 \nhello")]
    [InlineData("-1\r\n")]
    [InlineData("0x5\r\nhello\r\n")]
    [InlineData("3\r\nabcd\r\n")]
    [InlineData("3\r\nabcXY")]
    [InlineData("5;a\rb\r\nhello\r\n")]
    [InlineData("ffffffffffffffffff\r\n")]
    [InlineData("0\r\nbad trailer\r\n\r\n")]
    [InlineData("0\r\nA : b\r\n\r\n")]
    public void Broken_framing_is_refused(string text) => Read(BodyKind.Chunked, 0, text).Status.ShouldBe(ParseStatus.Failed);

    [Fact]
    public void A_chunk_line_beyond_its_limit_is_refused_before_it_ends() =>
        Read(BodyKind.Chunked, 0, "5;" + new string('e', Http1Limits.MaxChunkLineBytes)).Status.ShouldBe(ParseStatus.Failed);

    [Fact]
    public void Random_chunk_streams_never_throw_and_never_give_more_than_came()
    {
        var random = new Random(777);
        var failed = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var text = Encoding.Latin1.GetBytes("3\r\nabc\r\n4;x\r\nwxyz\r\n0\r\nT: v\r\n\r\n");
            for (var change = random.Next(3); change >= 0; change--) text[random.Next(text.Length)] = (byte)random.Next(256);
            var (status, body, consumed, _) = Read(BodyKind.Chunked, 0, Encoding.Latin1.GetString(text), random.Next(1, 9));
            consumed.ShouldBeLessThanOrEqualTo(text.Length);
            body.Length.ShouldBeLessThanOrEqualTo(text.Length);
            if (status == ParseStatus.Failed) failed++;
        }
        failed.ShouldBeGreaterThan(1000);
    }
}
