using System.Buffers.Binary;
using System.Text;

namespace Fairlead.Node.Dns;

/// <summary>Reads the answer section of another server's reply (RFC 1035 section 4.1): addresses and aliases, whose names may be compressed.</summary>
internal static class DnsReply
{
    private const int HeaderSize = 12;

    /// <summary>Names point backwards only; more jumps than this are a loop.</summary>
    private const int JumpLimit = 32;

    /// <summary>Code and records; whatever is cut or malformed ends the list.</summary>
    public static (DnsCode Code, List<DnsRecord> Records) Read(ReadOnlySpan<byte> message)
    {
        var records = new List<DnsRecord>();
        if (message.Length < HeaderSize)
            return (DnsCode.ServerFailure, records);
        var code = (DnsCode)(message[3] & 0xf);
        var position = HeaderSize;
        for (var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]); questions > 0; questions--)
        {
            if (ReadName(message, ref position) is null)
                return (code, records);
            position += 4;
        }
        for (var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]); answers > 0; answers--)
        {
            if (ReadName(message, ref position) is not { } name || position + 10 > message.Length)
                break;
            var type = BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(position + 8)..]);
            position += 10;
            if (position + length > message.Length)
                break;
            var inner = position;
            if (type is DnsQuestion.TypeA or DnsQuestion.TypeAaaa)
                records.Add(new DnsRecord(name, type, message.Slice(position, length).ToArray()));
            else if (type == DnsQuestion.TypeCname && ReadName(message, ref inner) is { } target)
                records.Add(DnsRecord.Alias(name, target));
            position += length;
        }
        return (code, records);
    }

    private static string? ReadName(ReadOnlySpan<byte> message, ref int position)
    {
        var name = new StringBuilder();
        var (at, end, jumps) = (position, -1, 0);
        while (at < message.Length)
        {
            int length = message[at++];
            if (length == 0)
            {
                position = end < 0 ? at : end;
                return name.ToString();
            }
            if (length >= 0xc0)
            {
                if (at >= message.Length || ++jumps > JumpLimit)
                    return null;
                end = end < 0 ? at + 1 : end;
                at = ((length & 0x3f) << 8) | message[at];
                continue;
            }
            if (length > 63 || at + length > message.Length || name.Length + length > 255)
                return null;
            if (name.Length > 0)
                name.Append('.');
            name.Append(Encoding.ASCII.GetString(message.Slice(at, length)));
            at += length;
        }
        return null;
    }
}
