using System.Buffers.Binary;
using System.Net;
using Fairlead.Proxy.Dns;

namespace Fairlead.Proxy.Tests.Dns;

/// <summary>Writes responses by hand, so that the reader is not tested against its own writer.</summary>
internal sealed class DnsMessageBuilder
{
    private readonly List<byte> _bytes = [];

    public DnsMessageBuilder(ushort id, string name, DnsRecordType type, int code = 0, bool truncated = false)
    {
        Number(id);
        Number((ushort)(0x8180 | code | (truncated ? 0x0200 : 0)));
        Number(1);
        for (var i = 0; i < 3; i++) Number(0);
        Name(name);
        Number((ushort)type);
        Number(1);
    }

    public DnsMessageBuilder Address(string name, string address, uint ttl)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return Record(name, bytes.Length == 4 ? DnsRecordType.A : DnsRecordType.Aaaa, ttl, bytes);
    }

    public DnsMessageBuilder Cname(string name, string target, uint ttl)
    {
        var data = new DnsMessageBuilder(0, target, DnsRecordType.A)._bytes.Skip(12).SkipLast(4).ToArray();
        return Record(name, DnsRecordType.Cname, ttl, data);
    }

    public byte[] Build() => [.. _bytes];

    private DnsMessageBuilder Record(string name, DnsRecordType type, uint ttl, byte[] data)
    {
        Name(name);
        Number((ushort)type);
        Number(1);
        var four = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(four, ttl);
        _bytes.AddRange(four);
        Number((ushort)data.Length);
        _bytes.AddRange(data);
        _bytes[7]++;
        return this;
    }

    private void Number(ushort value)
    {
        _bytes.Add((byte)(value >> 8));
        _bytes.Add((byte)value);
    }

    private void Name(string name)
    {
        foreach (var label in name.Split('.'))
        {
            _bytes.Add((byte)label.Length);
            _bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(label));
        }
        _bytes.Add(0);
    }
}
