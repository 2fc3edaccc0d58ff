using System.Buffers.Binary;
using System.Text;

namespace Fairlead.Node.Dns;

/// <summary>The one question of a DNS query (RFC 1035 section 4.1), with what of the header an answer repeats. Names are lower case, without the final dot.</summary>
internal sealed record DnsQuestion(ushort Id, string Name, ushort Type, bool RecursionDesired, int PayloadSize, byte[] Wire)
{
    public const ushort TypeA = 1;
    public const ushort TypeCname = 5;
    public const ushort TypeSoa = 6;
    public const ushort TypePtr = 12;
    public const ushort TypeAaaa = 28;
    public const ushort TypeSrv = 33;
    private const ushort TypeOpt = 41;
    private const ushort ClassIn = 1;
    private const int HeaderSize = 12;
    private const int NameLimit = 255;

    /// <summary>What a client takes over UDP when it does not say (RFC 1035), and the most that we send (one Ethernet frame).</summary>
    public const int PlainPayload = 512;

    public const int LargestPayload = 1400;

    /// <summary>Null when the bytes are no query with exactly one question.</summary>
    public static DnsQuestion? Read(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderSize || (message[2] & 0x80) != 0 || BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1)
            return null;
        var opcode = (message[2] >> 3) & 0xf;
        var position = HeaderSize;
        if (opcode != 0 || ReadName(message, ref position) is not { } name || position + 4 > message.Length)
            return null;
        var type = BinaryPrimitives.ReadUInt16BigEndian(message[position..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(message[(position + 2)..]) != ClassIn)
            return null;
        position += 4;
        var wire = message[HeaderSize..position].ToArray();
        return new DnsQuestion(BinaryPrimitives.ReadUInt16BigEndian(message), name, type, (message[2] & 1) != 0, Payload(message, position), wire);
    }

    /// <summary>The same question about another name.</summary>
    public DnsQuestion For(string name)
    {
        var wire = new byte[DnsAnswer.WireName(name).Length + 4];
        DnsAnswer.WireName(name).CopyTo(wire, 0);
        BinaryPrimitives.WriteUInt16BigEndian(wire.AsSpan(wire.Length - 4), Type);
        BinaryPrimitives.WriteUInt16BigEndian(wire.AsSpan(wire.Length - 2), ClassIn);
        return this with { Name = name, Wire = wire };
    }

    /// <summary>The name of a record that was made here: uncompressed and whole.</summary>
    public static string ReadName(ReadOnlySpan<byte> wire)
    {
        var position = 0;
        return ReadName(wire, ref position) ?? "";
    }

    /// <summary>A query of our own for the same question, to be sent on.</summary>
    public byte[] Forwarded(ushort id)
    {
        var query = new byte[HeaderSize + Wire.Length + 11];
        BinaryPrimitives.WriteUInt16BigEndian(query, id);
        query[2] = 1;
        query[5] = 1;
        query[11] = 1;
        Wire.CopyTo(query, HeaderSize);
        // OPT record (RFC 6891): root name, our payload size.
        var opt = query.AsSpan(HeaderSize + Wire.Length);
        BinaryPrimitives.WriteUInt16BigEndian(opt[1..], TypeOpt);
        BinaryPrimitives.WriteUInt16BigEndian(opt[3..], LargestPayload);
        return query;
    }

    /// <summary>An uncompressed name; a query has no earlier name to point at.</summary>
    private static string? ReadName(ReadOnlySpan<byte> message, ref int position)
    {
        var name = new StringBuilder();
        while (position < message.Length)
        {
            int length = message[position++];
            if (length == 0)
                return name.ToString();
            if (length > 63 || position + length > message.Length || name.Length + length + 1 > NameLimit)
                return null;
            if (name.Length > 0)
                name.Append('.');
            foreach (var octet in message.Slice(position, length))
                name.Append(char.ToLowerInvariant((char)octet));
            position += length;
        }
        return null;
    }

    private static int Payload(ReadOnlySpan<byte> message, int position)
    {
        var additional = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        var isOpt = additional == 1 && message.Length >= position + 11 && message[position] == 0 && BinaryPrimitives.ReadUInt16BigEndian(message[(position + 1)..]) == TypeOpt;
        return isOpt ? Math.Clamp(BinaryPrimitives.ReadUInt16BigEndian(message[(position + 3)..]), (ushort)PlainPayload, (ushort)LargestPayload) : PlainPayload;
    }
}
