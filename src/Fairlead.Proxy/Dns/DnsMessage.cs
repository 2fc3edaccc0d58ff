using System.Buffers.Binary;
using System.Net;

namespace Fairlead.Proxy.Dns;

/// <summary>
/// Queries and responses for addresses (RFC 1035 section 4):
/// <code>
/// +----+-------+---------+---------+---------+---------+
/// | id | flags | qdcount | ancount | nscount | arcount |   six 16-bit numbers, then question and records
/// +----+-------+---------+---------+---------+---------+
/// </code>
/// Pure: bytes in, records out; a malformed message is null, never an exception.
/// </summary>
internal static class DnsMessage
{
    /// <summary>UDP payload announced by EDNS(0), RFC 6891: fits one Ethernet frame, so that answers are not fragmented.</summary>
    public const int UdpPayloadBytes = 1232;

    private const int HeaderBytes = 12;
    private const int MaxRecords = 1000; // a TCP response of 64 KiB holds no more address records
    private const ushort ClassInternet = 1;
    private const ushort RecursionDesired = 0x0100;
    private const int OptRecordBytes = 11;

    /// <summary>Bytes of a query with the longest name.</summary>
    public const int MaxQueryBytes = HeaderBytes + DnsName.MaxWireBytes + 4 + OptRecordBytes;

    /// <summary>False = the name cannot be asked for.</summary>
    public static bool TryWriteQuery(ushort id, string name, DnsRecordType type, Span<byte> destination, out int written)
    {
        written = 0;
        destination[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(destination, id);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], RecursionDesired);
        BinaryPrimitives.WriteUInt16BigEndian(destination[4..], 1);
        BinaryPrimitives.WriteUInt16BigEndian(destination[10..], 1);
        if (!DnsName.TryWrite(name, destination[HeaderBytes..], out var nameBytes)) return false;
        var at = HeaderBytes + nameBytes;
        BinaryPrimitives.WriteUInt16BigEndian(destination[at..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 2)..], ClassInternet);
        at += 4;
        destination.Slice(at, OptRecordBytes).Clear(); // root name, OPT = 41, payload size, no extended flags
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 1)..], 41);
        BinaryPrimitives.WriteUInt16BigEndian(destination[(at + 3)..], UdpPayloadBytes);
        written = at + OptRecordBytes;
        return true;
    }

    /// <summary>Null = not a response to this question: another id, another name or type, or malformed (RFC 5452 section 9).</summary>
    public static DnsResponse? ReadResponse(ReadOnlySpan<byte> message, ushort id, string name, DnsRecordType type)
    {
        if (message.Length < HeaderBytes || BinaryPrimitives.ReadUInt16BigEndian(message) != id) return null;
        var flags = BinaryPrimitives.ReadUInt16BigEndian(message[2..]);
        if ((flags & 0x8000) == 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1) return null;
        var at = HeaderBytes;
        var asked = DnsName.Read(message, ref at);
        if (asked is null || !asked.Equals(name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase) || at + 4 > message.Length) return null;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[at..]) != (ushort)type) return null;
        if (BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]) != ClassInternet) return null;
        at += 4;
        var code = (DnsResponseCode)(flags & 0x0f);
        if ((flags & 0x0200) != 0) return new DnsResponse(code, true, [], TimeSpan.Zero);
        var answers = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var authorities = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        return answers + authorities <= MaxRecords ? ReadRecords(message, at, asked, type, code, answers, authorities) : null;
    }

    private static DnsResponse? ReadRecords(
        ReadOnlySpan<byte> message, int at, string name, DnsRecordType type, DnsResponseCode code, int answers, int authorities)
    {
        var addresses = new List<IPAddress>();
        var ttl = uint.MaxValue;
        var negativeTtl = 0u;
        var owner = name;
        for (var i = 0; i < answers + authorities; i++)
        {
            if (!TryReadRecord(message, ref at, out var record)) return null;
            if (record.Class != ClassInternet) continue;
            if (i >= answers)
            {
                if (record.Type == (ushort)DnsRecordType.Soa) negativeTtl = NegativeTtl(message, record);
                continue;
            }
            // Records are taken only for the asked name and the names its CNAMEs lead to, in order.
            if (!record.Name.Equals(owner, StringComparison.OrdinalIgnoreCase)) continue;
            if (record.Type == (ushort)DnsRecordType.Cname)
            {
                var target = record.DataStart;
                var canonical = DnsName.Read(message, ref target);
                if (canonical is null) return null;
                owner = canonical;
                ttl = Math.Min(ttl, record.Ttl);
            }
            else if (record.Type == (ushort)type && record.DataLength == (type == DnsRecordType.A ? 4 : 16))
            {
                addresses.Add(new IPAddress(message.Slice(record.DataStart, record.DataLength)));
                ttl = Math.Min(ttl, record.Ttl);
            }
        }
        var seconds = addresses.Count > 0 ? ttl : negativeTtl;
        return new DnsResponse(code, false, addresses, TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue)));
    }

    private static bool TryReadRecord(ReadOnlySpan<byte> message, ref int at, out Record record)
    {
        record = default;
        var name = DnsName.Read(message, ref at);
        if (name is null || at + 10 > message.Length) return false;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var @class = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(message[(at + 4)..]);
        int length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
        at += 10;
        if (at + length > message.Length) return false;
        // RFC 2181 section 8: a TTL with the top bit set is zero.
        record = new Record(name, type, @class, ttl > int.MaxValue ? 0 : ttl, at, length);
        at += length;
        return true;
    }

    // RFC 2308 section 5: the smaller of the SOA's own TTL and its MINIMUM, the last of its numbers.
    private static uint NegativeTtl(ReadOnlySpan<byte> message, Record soa) => soa.DataLength < 22
        ? 0
        : Math.Min(soa.Ttl, BinaryPrimitives.ReadUInt32BigEndian(message[(soa.DataStart + soa.DataLength - 4)..]));

    private readonly record struct Record(string Name, ushort Type, ushort Class, uint Ttl, int DataStart, int DataLength);
}
