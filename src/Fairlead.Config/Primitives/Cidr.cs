using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fairlead.Config.Primitives;

/// <summary>An address block <c>address/length</c>; a lone address is a block of one (/32 or /128). The host bits are cleared.</summary>
public readonly record struct Cidr
{
    private Cidr(IPAddress address, int length)
    {
        Address = address;
        Length = length;
    }

    /// <summary>The block's first address.</summary>
    public IPAddress Address { get; }

    /// <summary>Prefix length in bits.</summary>
    public int Length { get; }

    /// <summary>Whether the block is one address.</summary>
    public bool IsSingle => Length == Bits(Address);

    public bool IsIPv6 => Address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>Reads <c>10.0.0.0/8</c>, <c>2001:db8::/32</c> or a lone address; refuses IPv4 in other than four-part decimal form.</summary>
    public static bool TryParse(string text, out Cidr cidr)
    {
        cidr = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!TryParseAddress(slash < 0 ? text : text[..slash], out var address))
            return false;
        var bits = Bits(address);
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            return false;
        cidr = new Cidr(Mask(address, length), length);
        return true;
    }

    /// <summary>An IP address in its strict textual form (no octal, hex or shortened IPv4, no zone, no brackets).</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length == 0 || text.Contains('%', StringComparison.Ordinal) || text.Contains('[', StringComparison.Ordinal))
            return false;
        if (!text.Contains(':', StringComparison.Ordinal) && !IsDottedQuad(text))
            return false;
        return IPAddress.TryParse(text, out address);
    }

    public bool Contains(IPAddress other) =>
        other.AddressFamily == Address.AddressFamily && Mask(other, Length).Equals(Address);

    /// <summary>Whether the two blocks share an address.</summary>
    public bool Overlaps(Cidr other) =>
        other.Address.AddressFamily == Address.AddressFamily
        && (Length <= other.Length ? Contains(other.Address) : other.Contains(Address));

    public override string ToString() => IsSingle ? Address.ToString() : $"{Address}/{Length}";

    private static int Bits(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;

    private static bool IsDottedQuad(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4
            && parts.All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit) && (part.Length == 1 || part[0] != '0'));
    }

    private static IPAddress Mask(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var count);
        bytes = bytes[..count];
        for (var i = 0; i < count; i++)
        {
            var keep = Math.Clamp(length - i * 8, 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - keep));
        }
        return new IPAddress(bytes);
    }
}
