using System.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Tests.Http1;

public sealed class HeadParserTests
{
    private static readonly Http1Limits Limits = new(60 * 1024, 100, false, false, false);

    private static (ParseStatus Status, HeadParser Parser, HeaderBlock Headers) Parse(string text, bool request = true, bool isHead = false, int step = int.MaxValue, Http1Limits? limits = null)
    {
        var parser = new HeadParser(request);
        var headers = new HeaderBlock();
        var bytes = Encoding.Latin1.GetBytes(text);
        var start = 0;
        var status = ParseStatus.NeedMore;
        for (var end = Math.Min(step, bytes.Length); status == ParseStatus.NeedMore; end = Math.Min(end + step, bytes.Length))
        {
            status = parser.Parse(bytes.AsSpan(start, end - start), headers, limits ?? Limits, isHead, out var consumed);
            start += consumed;
            if (end == bytes.Length) break;
        }
        return (status, parser, headers);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(int.MaxValue)]
    public void A_request_reads_the_same_however_it_is_cut(int step)
    {
        var (status, parser, headers) = Parse("POST /a?b HTTP/1.1\r\nHost: Svc.Example:80\r\nX-Two:  v \r\nContent-Length: 3\r\n\r\n", step: step);

        status.ShouldBe(ParseStatus.Complete);
        Encoding.Latin1.GetString(headers.Method).ShouldBe("POST");
        Encoding.Latin1.GetString(headers.Path).ShouldBe("/a?b");
        Encoding.Latin1.GetString(headers.Authority).ShouldBe("Svc.Example:80");
        headers.TryGet("x-two"u8, out var value).ShouldBeTrue();
        Encoding.Latin1.GetString(value).ShouldBe("v");
        parser.Body.ShouldBe(BodyKind.Length);
        parser.ContentLength.ShouldBe(3);
        parser.KeepAlive.ShouldBeTrue();
    }

    /// <summary>The lines of usual shape are taken together, the others one by one: their order, the limits and Host must not show it.</summary>
    [Theory]
    [InlineData("A: 1\r\nB:2\r\nC: 3\r\n", "a=1|b=2|c=3")]
    [InlineData("A: 1\r\nHost: h\r\nB: 2\r\n", "a=1|host=h|b=2")]
    [InlineData("HOST:h\r\nA: 1\r\n", "host=h|a=1")]
    [InlineData("A: x \r\nB: \ty\r\nC: \r\nD:\r\n", "a=x|b=y|c=|d=")]
    [InlineData("!#$: odd but a token\r\nA: 1\r\n", "!#$=odd but a token|a=1")]
    public void Usual_and_unusual_lines_mix(string lines, string expected)
    {
        foreach (var step in (int[])[1, 5, int.MaxValue])
        {
            var (status, _, headers) = Parse("GET / HTTP/1.1\r\n" + lines + "\r\n", step: step);

            status.ShouldBe(ParseStatus.Complete);
            string.Join("|", Enumerable.Range(0, headers.SlotCount).Select(i => $"{Encoding.Latin1.GetString(headers.Name(i))}={Encoding.Latin1.GetString(headers.Value(i))}")).ShouldBe(expected);
            if (lines.Contains('h')) Encoding.Latin1.GetString(headers.Authority).ShouldBe(expected.Contains("host", StringComparison.Ordinal) ? "h" : "");
        }
    }

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void The_limit_of_fields_holds_for_lines_that_are_taken_together(int fields, bool isTooMany)
    {
        var lines = string.Concat(Enumerable.Range(0, fields - 1).Select(i => $"x-{i}: {i}\r\n"));

        var (status, parser, headers) = Parse($"GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n");

        status.ShouldBe(isTooMany ? ParseStatus.Failed : ParseStatus.Complete);
        parser.Error.ShouldBe(isTooMany ? Http1Error.TooManyHeaders : Http1Error.None);
        headers.Count.ShouldBe(100);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: a\r\n\r\n", Http1Error.Malformed)] // bare LF
    [InlineData("GET / HTTP/1.1\r\nHost: a\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", Http1Error.InvalidCharacters)] // bare CR in a value
    [InlineData("GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", Http1Error.InvalidCharacters)]
    [InlineData("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", Http1Error.Malformed)] // obs-fold
    [InlineData("GET / HTTP/1.1\r\nA : b\r\n\r\n", Http1Error.Malformed)] // space before the colon
    [InlineData("GET / HTTP/1.1\r\n: b\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nnocolon\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/2.0\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n", Http1Error.Malformed)]
    [InlineData("G@T / HTTP/1.1\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Error.ContentLengthAndChunked)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 5, 6\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n", Http1Error.InvalidTransferEncoding)]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", Http1Error.InvalidTransferEncoding)]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", Http1Error.InvalidTransferEncoding)]
    [InlineData("GET / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", Http1Error.InvalidTransferEncoding)]
    [InlineData("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Error.InvalidTransferEncoding)]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", Http1Error.TransferEncodingNotAllowed)]
    [InlineData("CONNECT a:1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n", Http1Error.ContentLengthNotAllowed)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", Http1Error.Malformed)]
    [InlineData("GET https://a/ HTTP/1.1\r\n\r\n", Http1Error.InvalidScheme)]
    [InlineData("\u0016\u0003\u0001\u0002\u0000", Http1Error.Malformed)] // a TLS ClientHello, before any line ends
    public void Requests_with_two_meanings_are_refused(string text, object error)
    {
        var (status, parser, _) = Parse(text);

        status.ShouldBe(ParseStatus.Failed);
        parser.Error.ShouldBe((Http1Error)error);
    }

    [Fact]
    public void Equal_content_lengths_collapse_to_one()
    {
        var (status, parser, headers) = Parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\n");

        status.ShouldBe(ParseStatus.Complete);
        parser.ContentLength.ShouldBe(5);
        headers.TryGet("content-length"u8, out var value).ShouldBeTrue();
        Encoding.Latin1.GetString(value).ShouldBe("5");
        headers.Count.ShouldBe(2); // host and content-length
    }

    [Fact]
    public void An_absolute_target_replaces_the_host()
    {
        var (status, _, headers) = Parse("GET http://other.example/x?y HTTP/1.1\r\nHost: svc.example\r\n\r\n");

        status.ShouldBe(ParseStatus.Complete);
        Encoding.Latin1.GetString(headers.Authority).ShouldBe("other.example");
        Encoding.Latin1.GetString(headers.Path).ShouldBe("/x?y");
    }

    [Fact]
    public void A_head_beyond_the_limit_is_431_before_it_ends()
    {
        var limits = Limits with { MaxHeadBytes = 1000 };

        var (status, parser, _) = Parse("GET / HTTP/1.1\r\nA: " + new string('x', 2000), limits: limits);

        status.ShouldBe(ParseStatus.Failed);
        parser.Error.ShouldBe(Http1Error.HeadersTooLarge);
        Http1ErrorText.Status(parser.Error).ShouldBe(431);
    }

    [Fact]
    public void More_fields_than_the_limit_are_refused()
    {
        var (status, parser, _) = Parse("GET / HTTP/1.1\r\n" + string.Concat(Enumerable.Range(0, 101).Select(i => $"h{i}: v\r\n")) + "\r\n");

        status.ShouldBe(ParseStatus.Failed);
        parser.Error.ShouldBe(Http1Error.TooManyHeaders);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyKind.Length, true)]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", false, BodyKind.UntilClose, false)]
    [InlineData("HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n", false, BodyKind.Chunked, true)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", false, BodyKind.None, true)]
    [InlineData("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, BodyKind.None, true)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", true, BodyKind.None, false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, BodyKind.Length, false)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", false, BodyKind.Upgraded, true)]
    public void Responses_end_as_RFC_9112_says(string text, bool isHead, object body, bool keepAlive)
    {
        var (status, parser, _) = Parse(text, request: false, isHead: isHead);

        status.ShouldBe(ParseStatus.Complete);
        parser.Body.ShouldBe((BodyKind)body);
        parser.KeepAlive.ShouldBe(keepAlive);
    }

    [Theory]
    [InlineData("HTTP/1.1 2x0 OK\r\n\r\n")]
    [InlineData("HTTP/1.1  200 OK\r\n\r\n")]
    [InlineData("HTTP/3.1 200 OK\r\n\r\n")]
    [InlineData("\r\nHTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n")]
    [InlineData("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 103 Early\r\nContent-Length: 9\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    [InlineData("GARBAGE")]
    public void Hostile_responses_are_refused(string text) => Parse(text, request: false).Status.ShouldBe(ParseStatus.Failed);

    [Fact]
    public void Random_bytes_and_mutated_heads_never_throw_nor_loop()
    {
        var random = new Random(12345);
        var seed = Encoding.Latin1.GetBytes("POST /a?b HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTE: trailers\r\nConnection: keep-alive\r\n\r\n");
        var outcomes = new HashSet<ParseStatus>();
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = (byte[])seed.Clone();
            for (var change = random.Next(4); change >= 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            foreach (var isRequest in new[] { true, false })
            {
                var parser = new HeadParser(isRequest);
                outcomes.Add(parser.Parse(bytes, new HeaderBlock(), Limits, false, out var consumed));
                consumed.ShouldBeLessThanOrEqualTo(bytes.Length);
            }
        }
        outcomes.ShouldBe([ParseStatus.Complete, ParseStatus.Failed, ParseStatus.NeedMore], ignoreOrder: true);
    }
}
