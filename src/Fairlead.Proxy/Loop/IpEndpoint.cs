using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// An IP address with a port as a value: compared, hashed and printed without allocation. IPv4 is kept as its four
/// bytes, never as a mapped IPv6 address, so that two spellings of one socket are one key.
/// </summary>
internal readonly struct IpEndpoint : IEquatable<IpEndpoint>
{
    /// <summary>Longest text: '[' + 45 characters of IPv6 + "]:65535".</summary>
    public const int MaxTextBytes = 53;

    /// <summary>Up to three digits and a dot, in memory order, and their number in the byte behind: an access log line prints some sixteen octets.</summary>
    private static readonly ulong[] OctetTexts = BuildOctets();

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly byte _family; // 0 unset, 4, 6

    private IpEndpoint(byte family, ulong high, ulong low, ushort port)
    {
        _family = family;
        _high = high;
        _low = low;
        Port = port;
    }

    public ushort Port { get; }

    /// <summary>False for <c>default</c>: the address is not known.</summary>
    public bool IsSet => _family != 0;

    public bool IsIPv4 => _family == 4;

    public bool IsIPv6 => _family == 6;

    public bool IsAny => IsSet && _high == 0 && _low == 0;

    public bool IsLoopback => _family == 4 ? _low >> 24 == 127 : _family == 6 && _high == 0 && _low == 1;

    /// <summary>The IPv4 address in host byte order; meaningful only when <see cref="IsIPv4"/>.</summary>
    public uint V4 => (uint)_low;

    public static IpEndpoint FromIPv4(uint hostOrderAddress, ushort port) => new(4, 0, hostOrderAddress, port);

    /// <param name="address">16 bytes in network order; a mapped IPv4 address becomes IPv4.</param>
    /// <param name="port">Host byte order.</param>
    public static IpEndpoint FromIPv6(ReadOnlySpan<byte> address, ushort port)
    {
        var high = BinaryPrimitives.ReadUInt64BigEndian(address);
        var low = BinaryPrimitives.ReadUInt64BigEndian(address[8..]);
        return high == 0 && low >> 32 == 0xffff ? new(4, 0, (uint)low, port) : new(6, high, low, port);
    }

    public static IpEndpoint From(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        return length == 4
            ? FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes), (ushort)port)
            : FromIPv6(bytes, (ushort)port);
    }

    /// <summary>Reads "1.2.3.4:80" or "[::1]:80".</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IpEndpoint endpoint)
    {
        endpoint = default;
        if (!IPEndPoint.TryParse(text, out var parsed)) return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork) return TryParseAddress(text.Contains(':') ? text[..text.IndexOf(':')] : text, parsed.Port, out endpoint);
        endpoint = From(parsed.Address, parsed.Port);
        return true;
    }

    /// <summary>
    /// Reads an address without port. IPv4 is four decimal numbers without leading zeros, as Envoy reads it (inet_pton): .NET takes "10" for
    /// 0.0.0.10 and "010.0.0.1" for 8.0.0.1, too.
    /// </summary>
    public static bool TryParseAddress(ReadOnlySpan<char> text, int port, out IpEndpoint endpoint)
    {
        if (TryParseIPv4(text, out var address))
        {
            endpoint = FromIPv4(address, (ushort)port);
            return true;
        }
        endpoint = default;
        if (!text.Contains(':') || !IPAddress.TryParse(text, out var parsed)) return false;
        endpoint = From(parsed, port);
        return true;
    }

    private static bool TryParseIPv4(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        var (number, digits, numbers) = (0u, 0, 1);
        foreach (var character in text)
        {
            if (char.IsAsciiDigit(character))
            {
                if (digits > 0 && number == 0) return false;
                number = number * 10 + (uint)(character - '0');
                digits++;
                if (number > byte.MaxValue) return false;
            }
            else
            {
                if (character != '.' || digits == 0 || numbers == 4) return false;
                address = address << 8 | number;
                (number, digits) = (0, 0);
                numbers++;
            }
        }
        address = address << 8 | number;
        return numbers == 4 && digits > 0;
    }

    public IpEndpoint WithPort(int port) => new(_family, _high, _low, (ushort)port);

    /// <summary>The address with every bit after the first <paramref name="prefixLength"/> zero (RFC 4632), without port.</summary>
    public IpEndpoint Masked(int prefixLength)
    {
        if (_family == 4) return new(4, 0, prefixLength == 0 ? 0 : _low & uint.MaxValue << (32 - prefixLength), 0);
        var high = prefixLength == 0 ? 0 : _high & ulong.MaxValue << Math.Max(64 - prefixLength, 0);
        return new(_family, high, prefixLength <= 64 ? 0 : _low & ulong.MaxValue << (128 - prefixLength), 0);
    }

    public IPAddress ToIPAddress()
    {
        if (!IsSet) throw new InvalidOperationException("the endpoint holds no address");
        Span<byte> bytes = stackalloc byte[16];
        WriteAddress(bytes, out var length);
        return new IPAddress(bytes[..length]);
    }

    /// <summary>The address in network order: 4 or 16 bytes.</summary>
    public void WriteAddress(Span<byte> destination, out int length)
    {
        if (_family == 4)
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, (uint)_low);
            length = 4;
            return;
        }
        BinaryPrimitives.WriteUInt64BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _low);
        length = 16;
    }

    /// <summary>True when the first <paramref name="prefixLength"/> bits equal those of <paramref name="network"/> and the families match.</summary>
    public bool IsWithin(in IpEndpoint network, int prefixLength)
    {
        if (_family != network._family) return false;
        if (_family == 4) return prefixLength == 0 || (_low ^ network._low) >> (32 - prefixLength) == 0;
        if (prefixLength == 0) return true;
        if (prefixLength <= 64) return (_high ^ network._high) >> (64 - prefixLength) == 0;
        return _high == network._high && (_low ^ network._low) >> (128 - prefixLength) == 0;
    }

    /// <summary>Writes "ip:port" ("[ip]:port" for IPv6) as Envoy prints an address. Needs <see cref="MaxTextBytes"/>.</summary>
    public int Format(Span<byte> destination)
    {
        ref var start = ref Start(destination);
        int at;
        if (_family == 4)
        {
            at = WriteOctets(ref start);
            Unsafe.Add(ref start, at - 1) = (byte)':';
        }
        else
        {
            destination[0] = (byte)'[';
            at = 1 + FormatAddress6(destination[1..]);
            destination[at++] = (byte)']';
            destination[at++] = (byte)':';
        }
        return at + WritePort(ref Unsafe.Add(ref start, at));
    }

    /// <summary>Writes the address without port and brackets. Needs <see cref="MaxTextBytes"/>.</summary>
    public int FormatAddress(Span<byte> destination) => _family == 4 ? WriteOctets(ref Start(destination)) - 1 : FormatAddress6(destination);

    /// <summary>Where text begins; what is written there in larger units than text has stays within the longest text.</summary>
    private static ref byte Start(Span<byte> destination) => ref MemoryMarshal.GetReference(destination[..MaxTextBytes]);

    private int FormatAddress6(Span<byte> destination)
    {
        // IPv6 text (RFC 5952) comes from the platform: one allocation, and IPv6 lines are rare.
        ToIPAddress().TryFormat(destination, out var written);
        return written;
    }

    /// <summary>Four octets with a dot behind each, the last one, too.</summary>
    private int WriteOctets(ref byte start)
    {
        ref var texts = ref MemoryMarshal.GetArrayDataReference(OctetTexts); // one for each value of a byte
        var address = (uint)_low;
        var at = WriteOctet(ref start, Unsafe.Add(ref texts, address >> 24));
        at += WriteOctet(ref Unsafe.Add(ref start, at), Unsafe.Add(ref texts, (byte)(address >> 16)));
        at += WriteOctet(ref Unsafe.Add(ref start, at), Unsafe.Add(ref texts, (byte)(address >> 8)));
        return at + WriteOctet(ref Unsafe.Add(ref start, at), Unsafe.Add(ref texts, (byte)address));
    }

    private static int WriteOctet(ref byte to, ulong text)
    {
        Unsafe.WriteUnaligned(ref to, (uint)text);
        return (int)(text >> 32);
    }

    private static ulong[] BuildOctets()
    {
        var texts = new ulong[256];
        Span<byte> text = stackalloc byte[sizeof(ulong)];
        for (var octet = 0; octet < texts.Length; octet++)
        {
            text.Clear();
            octet.TryFormat(text, out var length);
            text[length] = (byte)'.';
            text[4] = (byte)(length + 1);
            texts[octet] = BinaryPrimitives.ReadUInt64LittleEndian(text);
        }
        return texts;
    }

    private int WritePort(ref byte to)
    {
        uint rest = Port;
        if (rest < FourDigits.Limit) return FourDigits.Write(ref to, rest);
        var first = rest / FourDigits.Limit;
        to = (byte)('0' + first);
        return 1 + FourDigits.Write(ref Unsafe.Add(ref to, 1), rest - (first * FourDigits.Limit), width: 4);
    }

    public bool Equals(IpEndpoint other) =>
        _family == other._family && _high == other._high && _low == other._low && Port == other.Port;

    public override bool Equals(object? obj) => obj is IpEndpoint other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(_high, _low, Port, _family);

    public static bool operator ==(IpEndpoint left, IpEndpoint right) => left.Equals(right);

    public static bool operator !=(IpEndpoint left, IpEndpoint right) => !left.Equals(right);

    public AddressFamily Family => _family == 6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;

    public override string ToString()
    {
        if (!IsSet) return "-";
        Span<byte> text = stackalloc byte[MaxTextBytes];
        return System.Text.Encoding.ASCII.GetString(text[..Format(text)]);
    }
}
