using Fairlead.ApiServer.Streams.Spdy;

namespace Fairlead.ApiServer.Tests.Streams;

/// <summary>Header blocks against zlib's own output with SPDY/3's dictionary, and our own writer against our reader.</summary>
public sealed class SpdyHeadersTests
{
    /// <summary>{streamtype: error, port: 8080, requestid: 0}, then {streamtype: data, port: 8080, requestid: 0}, of one zlib stream with the dictionary.</summary>
    private const string First = "78bbe3c6a7c202253a703a2b294a4dcc851625aca9a0808614cb45e01c6061606100a4398b20d198094ade8c0600000000ffff";

    private const string Second = "c2aa19540e2512d60b000000ffff";

    [Fact]
    public void The_dictionary_is_the_one_that_zlib_headers_name()
    {
        SpdyDictionary.Bytes.Length.ShouldBe(1423);
        SpdyDictionary.Checksum.ShouldBe(0xe3c6a7c2);
    }

    [Fact]
    public void Blocks_of_one_connection_are_one_zlib_stream()
    {
        using var reader = new SpdyHeaderReader();
        reader.Read(Convert.FromHexString(First)).ShouldBe(new Dictionary<string, string> { ["streamtype"] = "error", ["port"] = "8080", ["requestid"] = "0" });
        reader.Read(Convert.FromHexString(Second)).ShouldBe(new Dictionary<string, string> { ["streamtype"] = "data", ["port"] = "8080", ["requestid"] = "0" });
    }

    [Fact]
    public void What_the_writer_writes_the_reader_reads()
    {
        var writer = new SpdyHeaderWriter();
        using var reader = new SpdyHeaderReader();
        reader.Read(writer.Write(("a", "1"), ("b", ""))).ShouldBe(new Dictionary<string, string> { ["a"] = "1", ["b"] = "" });
        reader.Read(writer.Write()).ShouldBeEmpty();
        reader.Read(writer.Write(("c", new string('x', 20_000)))).ShouldBe(new Dictionary<string, string> { ["c"] = new('x', 20_000) });
    }

    [Theory]
    [InlineData("", "does not begin with a zlib header")]
    [InlineData("000000000000", "does not begin with a zlib header")]
    [InlineData("78bb00000000", "another dictionary")]
    [InlineData("78bbe3c6a7c2", "cannot be decompressed")]
    [InlineData("78bbe3c6a7c202253a703a2b294a", "cannot be decompressed")]
    [InlineData("780107ffffffffff", "cannot be decompressed")]
    public void A_broken_block_is_refused_by_name(string block, string words)
    {
        using var reader = new SpdyHeaderReader();
        Should.Throw<SpdyException>(() => reader.Read(Convert.FromHexString(block))).Message.ShouldContain(words);
    }

    [Fact]
    public void A_header_may_not_be_there_twice()
    {
        using var reader = new SpdyHeaderReader();
        Should.Throw<SpdyException>(() => reader.Read(new SpdyHeaderWriter().Write(("a", "1"), ("a", "2")))).Message.ShouldBe("the header 'a' is there twice");
    }

    [Fact]
    public void A_block_that_unfolds_without_end_is_refused_at_the_limit()
    {
        // A length of 2 GiB in the second name, and nothing behind it.
        byte[] pairs = [0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff];
        using var reader = new SpdyHeaderReader();
        Should.Throw<SpdyException>(() => reader.Read([0x78, 0x01, .. SpdyHeaderWriter.Stored(pairs)])).Message.ShouldContain("over the limit");
        using var another = new SpdyHeaderReader();
        Should.Throw<SpdyException>(() => another.Read(new byte[70_000])).Message.ShouldContain("over the limit");
    }
}
