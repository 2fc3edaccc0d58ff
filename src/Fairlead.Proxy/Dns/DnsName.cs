using System.Text;

namespace Fairlead.Proxy.Dns;

/// <summary>Domain names as labels on the wire (RFC 1035, sections 3.1 and 4.1.4).</summary>
internal static class DnsName
{
    /// <summary>Bytes of a name on the wire, RFC 1035 section 2.3.4.</summary>
    public const int MaxWireBytes = 255;

    private const int MaxLabelBytes = 63;
    private const int MaxPointers = 64; // a chain of pointers longer than a name has labels is a loop

    /// <summary>Appends the name. False = a label is empty or too long, or the name is.</summary>
    public static bool TryWrite(string name, Span<byte> destination, out int written)
    {
        written = 0;
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            var length = Encoding.UTF8.GetByteCount(label);
            if (length is 0 or > MaxLabelBytes || written + length + 2 > MaxWireBytes || written + length + 2 > destination.Length) return false;
            destination[written++] = (byte)length;
            written += Encoding.UTF8.GetBytes(label, destination[written..]);
        }
        destination[written++] = 0;
        return true;
    }

    /// <summary>Reads a name, following pointers; <paramref name="at"/> ends after the name in place. Null = malformed.</summary>
    public static string? Read(ReadOnlySpan<byte> message, ref int at)
    {
        var text = new StringBuilder();
        var position = at;
        var jumped = false;
        for (var pointers = 0; ;)
        {
            if (position >= message.Length) return null;
            var length = message[position];
            if ((length & 0xc0) == 0xc0)
            {
                if (position + 1 >= message.Length || ++pointers > MaxPointers) return null;
                if (!jumped) at = position + 2;
                jumped = true;
                position = ((length & 0x3f) << 8) | message[position + 1];
                continue;
            }
            if (length > MaxLabelBytes) return null;
            position++;
            if (length == 0) break;
            if (position + length > message.Length || text.Length + length > MaxWireBytes) return null;
            if (text.Length > 0) text.Append('.');
            text.Append(Encoding.Latin1.GetString(message.Slice(position, length)));
            position += length;
        }
        if (!jumped) at = position;
        return text.ToString();
    }
}
