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
    public void An_address_of_ipv6_stands_in_brackets()
    {
        Span<byte> text = stackalloc byte[IpEndpoint.MaxTextBytes];
        var endpoint = IpEndpoint.From(IPAddress.Parse("2001:db8::7"), 8080);

        Encoding.ASCII.GetString(text[..endpoint.Format(text)]).ShouldBe("[2001:db8::7]:8080");
    }
}
