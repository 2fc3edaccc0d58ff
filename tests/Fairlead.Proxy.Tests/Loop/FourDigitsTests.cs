using System.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Loop;

public sealed class FourDigitsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_number_is_written_as_the_platform_does(int width)
    {
        var text = new byte[4];
        for (var number = 0; number < FourDigits.Limit; number++)
        {
            var length = FourDigits.Write(ref text[0], (uint)number, width);
            if (Encoding.ASCII.GetString(text, 0, length) != number.ToString("D" + width)) Assert.Fail($"{number} is {Encoding.ASCII.GetString(text)}, {length} bytes of it");
        }
    }
}
