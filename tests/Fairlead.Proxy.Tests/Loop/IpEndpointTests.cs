using System.Net;
using System.Text;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tests.Loop;

public sealed class IpEndpointTests
{
    [Fact]
    public void An_address_is_printed_as_the_platform_does()
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        for (var octet = 0; octet < 256; octet++)
        {
            foreach (var port in (int[])[0, 7, 80, 443, 8080, 15001, 65535])
            {
                var expected = new IPEndPoint(new IPAddress([(byte)octet, (byte)(255 - octet), 0, (byte)octet]), port);
                var endpoint = IpEndpoint.From(expected.Address, port);
                text.Fill((byte)'x');

                Encoding.ASCII.GetString(text[..endpoint.Format(text)]).ShouldBe(expected.ToString());
                Encoding.ASCII.GetString(text[..endpoint.FormatAddress(text)]).ShouldBe(expected.Address.ToString());
            }
        }
    }

    [Fact]
    public void Each_port_is_printed_in_decimal()
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        for (var port = 0; port <= ushort.MaxValue; port++)
        {
            var endpoint = IpEndpoint.FromIPv4(0x0af40001, (ushort)port);
            if (Encoding.ASCII.GetString(text[..endpoint.Format(text)]) != $"10.244.0.1:{port}") Assert.Fail($"port {port}");
        }
    }

    [Theory]
    [InlineData("10.244.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("255.255.255.255")]
    [InlineData("::1")]
    [InlineData("2001:db8::7")]
    public void An_address_is_read_as_the_platform_does(string text)
    {
        IpEndpoint.TryParseAddress(text, 80, out var endpoint).ShouldBeTrue();
        endpoint.ShouldBe(IpEndpoint.From(IPAddress.Parse(text), 80));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")] // .NET: 0.0.0.10
    [InlineData("127.1")] // .NET: 127.0.0.1
    [InlineData("010.0.0.1")] // .NET: 8.0.0.1
    [InlineData("0x7f.0.0.1")]
    [InlineData("256.0.0.1")]
    [InlineData("1.2.3.4.5")]
    [InlineData("1.2.3.")]
    [InlineData("1..3.4")]
    [InlineData("1.2.3.4 ")]
    [InlineData("99999999999.0.0.1")]
    [InlineData("nowhere")]
    [InlineData(":::")]
    public void What_is_no_address_in_four_decimals_is_refused(string text)
    {
        IpEndpoint.TryParseAddress(text, 80, out _).ShouldBeFalse();
        IpEndpoint.TryParse(text + ":80", out _).ShouldBeFalse();
    }

    [Fact]
    public void An_address_of_ipv6_stands_in_brackets()
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        var endpoint = IpEndpoint.From(IPAddress.Parse("2001:db8::7"), 8080);

        Encoding.ASCII.GetString(text[..endpoint.Format(text)]).ShouldBe("[2001:db8::7]:8080");

        endpoint = IpEndpoint.From(IPAddress.Parse("1111:2222:3333:4444:5555:6666:123.123.123.123"), 65535);
        Encoding.ASCII.GetString(text[..endpoint.Format(text)]).ShouldBe("[1111:2222:3333:4444:5555:6666:7b7b:7b7b]:65535");
    }

    [Fact]
    public void Too_little_room_is_refused_and_not_overrun() =>
        Should.Throw<ArgumentOutOfRangeException>(() => IpEndpoint.FromIPv4(0x0af40001, 80).Format(new byte[IpEndpoint.MaxTextBytes - 1]));
}
