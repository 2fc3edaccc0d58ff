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
