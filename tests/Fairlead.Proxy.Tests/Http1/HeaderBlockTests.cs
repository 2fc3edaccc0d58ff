using System.Text;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Tests.Http1;

public sealed class HeaderBlockTests
{
    private static string Show(HeaderBlock block) => string.Join(
        "|", Enumerable.Range(0, block.SlotCount).Where(block.IsLive).Select(i => $"{Encoding.Latin1.GetString(block.Name(i))}={Encoding.Latin1.GetString(block.Value(i))}"));

    [Fact]
    public void Mutations_keep_order_and_lower_names()
    {
        var block = new HeaderBlock();
        block.AddReceived("A"u8, "1"u8);
        block.Add("b"u8, "2"u8);
        block.Add("a"u8, "3"u8);
        block.Set("a"u8, "9"u8);
        block.Append("b"u8, "x"u8);
        block.Append("c"u8, "y"u8);

        Show(block).ShouldBe("a=9|b=2,x|c=y");
        block.Remove("b"u8).ShouldBeTrue();
        block.Remove("b"u8).ShouldBeFalse();
        Show(block).ShouldBe("a=9|c=y");
        block.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("A", "a")]
    [InlineData("Seven-A", "seven-a")]
    [InlineData("EightBYT", "eightbyt")]
    [InlineData("X-LONGER-THAN-EIGHT", "x-longer-than-eight")]
    public void A_name_is_lowered_and_nothing_else(string name, string expected)
    {
        var block = new HeaderBlock();
        block.AddReceived(Encoding.Latin1.GetBytes(name), "VALUE"u8);
        block.AddReceived("UPPER"u8, ""u8);

        Show(block).ShouldBe(expected + "=VALUE|upper=");
        block.IndexOf(Encoding.Latin1.GetBytes(expected), 0).ShouldBe(0);
        block.IndexOf("upper"u8, 0).ShouldBe(1);
    }

    [Fact]
    public void Lines_that_were_announced_are_kept_in_one_copy()
    {
        var block = new HeaderBlock();
        block.Add("before"u8, "0"u8);
        block.Announce(0, "a"u8, 1);
        block.Announce(6, "b-c"u8, 0);

        block.AddAnnounced("a: 1\r\nb-c: \r\n"u8);

        Show(block).ShouldBe("before=0|a=1|b-c=");
        block.IndexOf("b-c"u8, 0).ShouldBe(2);
    }

    [Fact]
    public void Names_that_share_length_and_ends_are_told_apart()
    {
        var block = new HeaderBlock();
        block.Add("x-abc-z"u8, "1"u8);
        block.Add("x-def-z"u8, "2"u8);

        block.IndexOf("x-def-z"u8, 0).ShouldBe(1);
        block.IndexOf("x-ghi-z"u8, 0).ShouldBe(-1);
        block.Remove("x-abc-z"u8).ShouldBeTrue();
        block.Contains("x-abc-z"u8).ShouldBeFalse();
        Show(block).ShouldBe("x-def-z=2");
    }

    [Fact]
    public void A_value_may_be_a_slice_of_the_block_itself_while_it_grows()
    {
        var block = new HeaderBlock();
        block.SetPath(Encoding.Latin1.GetBytes("/" + new string('p', 1500)));
        for (var i = 0; i < 5; i++) block.SetPath(block.Path);

        block.Path.Length.ShouldBe(1501);
        block.Path[0].ShouldBe((byte)'/');
        block.Path.Slice(1).ToArray().ShouldAllBe(b => b == 'p');
    }

    [Fact]
    public void Pseudo_headers_are_read_and_set_by_name()
    {
        var block = new HeaderBlock();
        block.Contains(":path"u8).ShouldBeFalse();
        block.Set(":path"u8, "/x"u8);

        block.TryGet(":path"u8, out var path).ShouldBeTrue();
        Encoding.Latin1.GetString(path).ShouldBe("/x");
        block.Count.ShouldBe(0);
    }
}
