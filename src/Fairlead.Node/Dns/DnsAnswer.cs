using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Fairlead.Node.Dns;

internal enum DnsCode
{
    Success = 0,
    FormatError = 1,
    ServerFailure = 2,
    NoSuchName = 3,
}

/// <summary>One resource record of an answer; the data is in wire form.</summary>
internal sealed record DnsRecord(string Name, ushort Type, byte[] Data)
{
    public static DnsRecord Address(string name, IPAddress address) => new(name, DnsQuestion.TypeA, address.GetAddressBytes());

    public static DnsRecord Alias(string name, string target) => new(name, DnsQuestion.TypeCname, DnsAnswer.WireName(target));

    public static DnsRecord Pointer(string name, string target) => new(name, DnsQuestion.TypePtr, DnsAnswer.WireName(target));

    public static DnsRecord Service(string name, int port, string target)
    {
        var host = DnsAnswer.WireName(target);
        var data = new byte[6 + host.Length];
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(2), 100);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4), (ushort)port);
        host.CopyTo(data, 6);
        return new DnsRecord(name, DnsQuestion.TypeSrv, data);
    }
}

/// <summary>Writes answers (RFC 1035 section 4.1), without name compression.</summary>
internal static class DnsAnswer
{
    /// <summary>Seconds that cluster names may be kept: endpoints move (CoreDNS's default for Kubernetes).</summary>
    private const int ClusterTtl = 5;

    public static byte[] Write(DnsQuestion question, DnsCode code, IReadOnlyList<DnsRecord> records, bool isAuthoritative, string zone)
    {
        var message = new MemoryStream();
        Header(message, question, code, records.Count, records.Count == 0 && zone.Length > 0 ? 1 : 0, isAuthoritative, isTruncated: false);
        message.Write(question.Wire);
        foreach (var record in records)
            Record(message, record);
        if (records.Count == 0 && zone.Length > 0)
            Record(message, new DnsRecord(zone, DnsQuestion.TypeSoa, Authority(zone)));
        return message.ToArray();
    }

    /// <summary>Header and question alone, with TC set: the client asks again over TCP.</summary>
    public static byte[] Truncated(DnsQuestion question)
    {
        var message = new MemoryStream();
        Header(message, question, DnsCode.Success, 0, 0, isAuthoritative: false, isTruncated: true);
        message.Write(question.Wire);
        return message.ToArray();
    }

    public static byte[] WireName(string name)
    {
        var wire = new MemoryStream();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var bytes = Encoding.ASCII.GetBytes(label);
            wire.WriteByte((byte)Math.Min(bytes.Length, 63));
            wire.Write(bytes, 0, Math.Min(bytes.Length, 63));
        }
        wire.WriteByte(0);
        return wire.ToArray();
    }

    private static void Header(MemoryStream message, DnsQuestion question, DnsCode code, int answers, int authorities, bool isAuthoritative, bool isTruncated)
    {
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(header, question.Id);
        header[2] = (byte)(0x80 | (isAuthoritative ? 4 : 0) | (isTruncated ? 2 : 0) | (question.RecursionDesired ? 1 : 0));
        header[3] = (byte)(0x80 | (int)code);
        header[5] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)answers);
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], (ushort)authorities);
        message.Write(header);
    }

    private static void Record(MemoryStream message, DnsRecord record)
    {
        message.Write(WireName(record.Name));
        Span<byte> fields = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(fields, record.Type);
        BinaryPrimitives.WriteUInt16BigEndian(fields[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(fields[4..], ClusterTtl);
        BinaryPrimitives.WriteUInt16BigEndian(fields[8..], (ushort)record.Data.Length);
        message.Write(fields);
        message.Write(record.Data);
    }

    /// <summary>An SOA record, whose last number bounds how long "there is no such name" is kept.</summary>
    private static byte[] Authority(string zone)
    {
        var data = new MemoryStream();
        data.Write(WireName("ns.dns." + zone));
        data.Write(WireName("hostmaster." + zone));
        Span<byte> numbers = stackalloc byte[20];
        numbers.Clear();
        BinaryPrimitives.WriteUInt32BigEndian(numbers, 1);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[4..], 7200);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[8..], 1800);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[12..], 86400);
        BinaryPrimitives.WriteUInt32BigEndian(numbers[16..], ClusterTtl);
        data.Write(numbers);
        return data.ToArray();
    }
}
