using System.Buffers.Binary;

namespace Fairlead.Xds.Json;

/// <summary>Walks the protobuf wire format (protobuf.dev, "Encoding") field by field. Throws <see cref="FormatException"/> on malformed bytes.</summary>
public ref struct WireReader(ReadOnlySpan<byte> bytes)
{
    public const int Varint = 0;
    public const int Fixed64 = 1;
    public const int Length = 2;
    public const int Fixed32 = 5;

    private ReadOnlySpan<byte> _rest = bytes;

    public int Field { get; private set; }

    public int WireType { get; private set; }

    /// <summary>The scalar value of the field; for a length-delimited field its length.</summary>
    public ulong Number { get; private set; }

    /// <summary>The content of a length-delimited field.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>The whole field, its tag included.</summary>
    public ReadOnlySpan<byte> Raw { get; private set; }

    public bool Read()
    {
        if (_rest.IsEmpty) return false;
        var from = _rest;
        var tag = ReadVarint();
        Field = checked((int)(tag >> 3));
        WireType = (int)(tag & 7);
        Content = default;
        switch (WireType)
        {
            case Varint:
                Number = ReadVarint();
                break;
            case Fixed64:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case Fixed32:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            case Length:
                Number = ReadVarint();
                if (Number > (ulong)_rest.Length) throw new FormatException("a field is longer than its message");
                Content = Take((int)Number);
                break;
            default:
                throw new FormatException($"wire type {WireType} does not exist");
        }
        Raw = from[..^_rest.Length];
        return Field > 0 ? true : throw new FormatException("field number 0 does not exist");
    }

    /// <summary>Reads packed varints one by one from a span.</summary>
    public static bool TryReadVarint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7f) << (7 * i);
            if (bytes[i] >= 0x80) continue;
            bytes = bytes[(i + 1)..];
            return true;
        }
        return false;
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length) throw new FormatException("the message is cut off");
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    private ulong ReadVarint() =>
        TryReadVarint(ref _rest, out var value) ? value : throw new FormatException("a varint does not end");
}
