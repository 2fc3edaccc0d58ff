using Envoy.Config.Core.V3;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Addresses and ranges on the wire.</summary>
internal static class Addresses
{
    public static Address Tcp(string address, int port) => new()
    {
        SocketAddress = new SocketAddress { Address = address, PortValue = (uint)port },
    };

    /// <summary>An endpoint's address: <c>unix://path</c> is a pipe.</summary>
    public static Address Endpoint(string address, int port) =>
        address.StartsWith("unix://", StringComparison.Ordinal)
            ? new Address { Pipe = new Pipe { Path = address["unix://".Length..] } }
            : Tcp(address, port);

    /// <summary>A CIDR block, or a single address as its /32 or /128.</summary>
    public static CidrRange Cidr(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var prefix = slash < 0 ? text : text[..slash];
        var length = slash < 0
            ? (prefix.Contains(':', StringComparison.Ordinal) ? 128u : 32u)
            : uint.Parse(text.AsSpan(slash + 1));
        return new CidrRange { AddressPrefix = prefix, PrefixLen = length };
    }
}
