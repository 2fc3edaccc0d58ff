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
        block.Add("A"u8, "1"u8);
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
