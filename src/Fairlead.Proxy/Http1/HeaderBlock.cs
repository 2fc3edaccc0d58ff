using System.Runtime.CompilerServices;

namespace Fairlead.Proxy.Http1;

/// <summary>
/// The fields of one message: slices into one growing byte array, codec-neutral (pseudo-headers are
/// <c>:method :path :authority :scheme :status</c>), names in lower case, order of arrival kept. Each field stands there as the line
/// <c>name ": " value CRLF</c>, so that a run of fields that nobody touched is written in one copy. The object is reused from
/// message to message, so a warm block allocates nothing. Owned by one loop; spans it hands out live until the next change.
/// </summary>
internal sealed class HeaderBlock
{
    private const int InitialBytes = 2048; // a browser's request head fits; larger ones grow once and the block is reused
    private const int InitialFields = 32;
    private const int KeepBytes = 16 * 1024; // a block that grew past this gives its array back instead of keeping it for the next message

    private const int LineOverhead = 4; // ": " and CRLF

    private byte[] _bytes = new byte[InitialBytes];
    private Field[] _fields = new Field[InitialFields];
    private int _used;
    private int _count;
    private int _live;
    private ulong _seen; // a bit per length and ends of a name that was added: most of the thirty names that filters ask for are not there
    private Slice _method, _path, _authority, _scheme, _status;

    /// <summary>Number of field slots, removed ones included: loop with <see cref="IsLive"/>.</summary>
    public int SlotCount => _count;

    /// <summary>Number of fields without pseudo-headers.</summary>
    public int Count => _live;

    public ReadOnlySpan<byte> Method => Read(_method);

    /// <summary>Path with query, as the request line carries it.</summary>
    public ReadOnlySpan<byte> Path => Read(_path);

    public ReadOnlySpan<byte> Authority => Read(_authority);

    public ReadOnlySpan<byte> Scheme => Read(_scheme);

    /// <summary>Three digits, empty on requests.</summary>
    public ReadOnlySpan<byte> Status => Read(_status);

    /// <summary>Bytes of all names and values, pseudo-headers with them.</summary>
    public long NamesAndValuesLength
    {
        get
        {
            var sum = Length(":method"u8, _method) + Length(":path"u8, _path) + Length(":authority"u8, _authority) + Length(":scheme"u8, _scheme) + Length(":status"u8, _status);
            for (var slot = 0; slot < _count; slot++)
            {
                if (IsLive(slot)) sum += _fields[slot].NameLength + _fields[slot].ValueLength;
            }
            return sum;

            static long Length(ReadOnlySpan<byte> name, in Slice value) => value.IsSet ? name.Length + value.Length : 0;
        }
    }

    /// <summary>Where the next lines go, as far as there is room without growing.</summary>
    public Span<byte> Room => _bytes.AsSpan(_used);

    /// <summary>Bytes of a field's line.</summary>
    public static int LineLength(int nameLength, int valueLength) => nameLength + valueLength + LineOverhead;

    public bool IsLive(int slot) => _fields[slot].NameLength != 0;

    public ReadOnlySpan<byte> Name(int slot) => _bytes.AsSpan(_fields[slot].Offset, _fields[slot].NameLength);

    public ReadOnlySpan<byte> Value(int slot) => Value(_fields[slot]);

    /// <summary>
    /// The lines of the fields from <paramref name="slot"/> on that stand together, with their line ends; <paramref name="slot"/>
    /// moves behind them. Empty when no field is left.
    /// </summary>
    public ReadOnlySpan<byte> NextLines(ref int slot)
    {
        while (slot < _count && _fields[slot].NameLength == 0) slot++;
        if (slot >= _count) return default;
        var start = _fields[slot].Offset;
        var end = start + _fields[slot].LineLength;
        for (slot++; slot < _count; slot++)
        {
            ref readonly var field = ref _fields[slot];
            if (field.NameLength == 0 || field.Offset != end) break;
            end += field.LineLength;
        }
        return _bytes.AsSpan(start, end - start);
    }

    public void Clear()
    {
        _used = 0;
        _count = 0;
        _live = 0;
        _seen = 0;
        _method = _path = _authority = _scheme = _status = default;
        if (_bytes.Length > KeepBytes) _bytes = new byte[InitialBytes];
    }

    public void SetMethod(ReadOnlySpan<byte> value) => _method = Write(value);

    public void SetPath(ReadOnlySpan<byte> value) => _path = Write(value);

    public void SetAuthority(ReadOnlySpan<byte> value) => _authority = Write(value);

    public void SetScheme(ReadOnlySpan<byte> value) => _scheme = Write(value);

    public void SetStatus(ReadOnlySpan<byte> value) => _status = Write(value);

    public void SetStatus(int code)
    {
        Span<byte> digits = [(byte)('0' + (code / 100)), (byte)('0' + (code / 10 % 10)), (byte)('0' + (code % 10))];
        _status = Write(digits);
    }

    /// <summary>The first value of a field or pseudo-header. <paramref name="name"/> is lower case.</summary>
    public bool TryGet(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (name.Length > 0 && name[0] == (byte)':')
        {
            var slice = PseudoHeader(name);
            value = Read(slice);
            return slice.IsSet;
        }
        var slot = IndexOf(name, 0);
        value = slot < 0 ? default : Value(_fields[slot]);
        return slot >= 0;
    }

    public bool Contains(ReadOnlySpan<byte> name) => TryGet(name, out _);

    /// <summary>False = no field of that name was added or announced; true = perhaps one was.</summary>
    public bool MayContain(ReadOnlySpan<byte> name) => (_seen & Bit(Key(name))) != 0;

    /// <summary>The slot of the next field of that name at or after <paramref name="from"/>, or -1. No pseudo-headers.</summary>
    public int IndexOf(ReadOnlySpan<byte> name, int from)
    {
        var key = Key(name);
        return (_seen & Bit(key)) == 0 ? -1 : Search(name, key, from);
    }

    /// <summary>
    /// Adds a field; <paramref name="name"/> is lower case. Pseudo-headers have their own setters
    /// (<see cref="Set"/> takes both).
    /// </summary>
    /// <returns>Its slot.</returns>
    public int Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length is 0 or > ushort.MaxValue) throw new ArgumentException("a header name has 1 to 65535 bytes", nameof(name));
        var slot = Register(WriteLine(name, value), name, value.Length);
        _live++;
        return slot;
    }

    /// <summary>Adds a field as a peer spelled it; the block has its name in lower case.</summary>
    public void AddReceived(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var slot = Add(name, value);
        AsciiCase.LowerFirst(_bytes.AsSpan(_fields[slot].Offset, _fields[slot].LineLength), name.Length);
    }

    /// <summary>
    /// Announces a field whose line <c>name ": " value CRLF</c> begins <paramref name="offset"/> bytes after the first of its run: nothing of it
    /// may be read before <see cref="AddAnnounced"/> or <see cref="Keep"/>.
    /// </summary>
    /// <returns>Its slot.</returns>
    public int Announce(int offset, ReadOnlySpan<byte> name, int valueLength)
    {
        _live++;
        return Register(_used + offset, name, valueLength);
    }

    /// <summary>Keeps the run of lines whose fields were announced, names in lower case, in one copy.</summary>
    public void AddAnnounced(ReadOnlySpan<byte> lines)
    {
        EnsureBytes(lines.Length);
        lines.CopyTo(Room);
        Keep(lines.Length);
    }

    /// <summary>The lines that were announced stand in the first <paramref name="count"/> bytes of <see cref="Room"/>, names in lower case.</summary>
    public void Keep(int count) => _used += count;

    /// <summary>Replaces every field of that name by one, at the place of the first; adds it when there is none.</summary>
    public void Set(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (name.Length > 0 && name[0] == (byte)':')
        {
            PseudoHeader(name) = Write(value);
            return;
        }
        var slot = IndexOf(name, 0);
        if (slot < 0)
        {
            Add(name, value);
            return;
        }
        SetValue(slot, value);
        for (slot = IndexOf(name, slot + 1); slot >= 0; slot = IndexOf(name, slot + 1)) RemoveAt(slot);
    }

    public void SetValue(int slot, ReadOnlySpan<byte> value)
    {
        ref var field = ref _fields[slot];
        field.Offset = WriteLine(Name(slot), value);
        field.ValueLength = value.Length;
    }

    /// <summary>The value of a field becomes the authority (a Host line).</summary>
    public void SetAuthorityFrom(int slot) => _authority = new Slice(_fields[slot].ValueOffset, _fields[slot].ValueLength);

    public void SetNumber(ReadOnlySpan<byte> name, long value)
    {
        Span<byte> digits = stackalloc byte[20];
        value.TryFormat(digits, out var length);
        Set(name, digits[..length]);
    }

    /// <summary>Joins <paramref name="value"/> to the last field of that name with a comma (Envoy's appendCopy), or adds the field.</summary>
    public void Append(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var slot = -1;
        for (var next = IndexOf(name, 0); next >= 0; next = IndexOf(name, next + 1)) slot = next;
        if (slot < 0 || _fields[slot].ValueLength == 0)
        {
            if (slot < 0) Add(name, value);
            else SetValue(slot, value);
            return;
        }
        var old = _fields[slot];
        EnsureBytes(old.LineLength + 1 + value.Length);
        var kept = old.LineLength - 2;
        _bytes.AsSpan(old.Offset, kept).CopyTo(_bytes.AsSpan(_used));
        _fields[slot].Offset = _used;
        _fields[slot].ValueLength = old.ValueLength + 1 + value.Length;
        _used += kept;
        _bytes[_used++] = (byte)',';
        value.CopyTo(_bytes.AsSpan(_used));
        _used += value.Length;
        _bytes[_used++] = (byte)'\r';
        _bytes[_used++] = (byte)'\n';
    }

    /// <summary>Removes every field of that name. Returns whether there was one.</summary>
    public bool Remove(ReadOnlySpan<byte> name)
    {
        var slot = IndexOf(name, 0);
        if (slot < 0) return false;
        for (; slot >= 0; slot = IndexOf(name, slot + 1)) RemoveAt(slot);
        return true;
    }

    public void RemoveAt(int slot)
    {
        if (_fields[slot].NameLength == 0) return;
        _fields[slot].Key = 0;
        _live--;
    }

    /// <summary>Removes every field whose name starts with <paramref name="prefix"/>.</summary>
    public void RemovePrefix(ReadOnlySpan<byte> prefix)
    {
        for (var slot = 0; slot < _count; slot++)
        {
            if (IsLive(slot) && Name(slot).StartsWith(prefix)) RemoveAt(slot);
        }
    }

    /// <summary>Makes this block an equal copy of <paramref name="other"/> (retries send the request as it was before the attempt).</summary>
    public void CopyFrom(HeaderBlock other)
    {
        Clear();
        EnsureBytes(other._used);
        other._bytes.AsSpan(0, other._used).CopyTo(_bytes);
        _used = other._used;
        if (_fields.Length < other._count) _fields = new Field[other._fields.Length];
        other._fields.AsSpan(0, other._count).CopyTo(_fields);
        _count = other._count;
        _live = other._live;
        _seen = other._seen;
        (_method, _path, _authority, _scheme, _status) = (other._method, other._path, other._authority, other._scheme, other._status);
    }

    private ref Slice PseudoHeader(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(":path"u8)) return ref _path;
        if (name.SequenceEqual(":authority"u8)) return ref _authority;
        if (name.SequenceEqual(":method"u8)) return ref _method;
        if (name.SequenceEqual(":scheme"u8)) return ref _scheme;
        if (name.SequenceEqual(":status"u8)) return ref _status;
        throw new ArgumentException("not a pseudo-header of HTTP: " + System.Text.Encoding.ASCII.GetString(name), nameof(name));
    }

    /// <summary>Enters a line that stands at <paramref name="offset"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Register(int offset, ReadOnlySpan<byte> name, int valueLength)
    {
        var slot = _count;
        var fields = _fields;
        if ((uint)slot >= (uint)fields.Length) fields = MoreFields();
        var key = Key(name);
        _seen |= Bit(key);
        fields[slot] = new Field { Offset = offset, ValueLength = valueLength, Key = key };
        _count = slot + 1;
        return slot;
    }

    private Field[] MoreFields()
    {
        Array.Resize(ref _fields, _fields.Length * 2);
        return _fields;
    }

    /// <summary>Writes a line. Returns where it stands.</summary>
    private int WriteLine(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        // A name or value may be a span of this very array: growing copies the array, the span keeps the old one.
        var length = name.Length + value.Length + LineOverhead;
        EnsureBytes(length);
        var line = _bytes.AsSpan(_used, length);
        name.CopyTo(line);
        line[name.Length] = (byte)':';
        line[name.Length + 1] = (byte)' ';
        value.CopyTo(line[(name.Length + 2)..]);
        line[length - 2] = (byte)'\r';
        line[length - 1] = (byte)'\n';
        var offset = _used;
        _used += length;
        return offset;
    }

    private int Search(ReadOnlySpan<byte> name, uint key, int from)
    {
        var fields = _fields.AsSpan(0, _count);
        for (var slot = from; slot < fields.Length; slot++)
        {
            if (fields[slot].Key == key && _bytes.AsSpan(fields[slot].Offset, name.Length).SequenceEqual(name)) return slot;
        }
        return -1;
    }

    /// <summary>Length and ends of a name: few names of one message share them. Both cases of a name have the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Key(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? 0 : (ushort)name.Length | ((uint)(name[0] | 0x20) << 16) | ((uint)(name[^1] | 0x20) << 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bit(uint key) => 1UL << (int)((key * 0x9E3779B1) >> 26); // Fibonacci hashing: the product's high bits depend on all of the key

    private Slice Write(ReadOnlySpan<byte> value)
    {
        // A value may be a span of this very array (path rewrites): growing copies the array, the span keeps the old one.
        EnsureBytes(value.Length);
        value.CopyTo(_bytes.AsSpan(_used));
        var slice = new Slice(_used, value.Length);
        _used += value.Length;
        return slice;
    }

    private void EnsureBytes(int more)
    {
        if (_used + more <= _bytes.Length) return;
        Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + more));
    }

    private ReadOnlySpan<byte> Value(in Field field) => _bytes.AsSpan(field.ValueOffset, field.ValueLength);

    private ReadOnlySpan<byte> Read(Slice slice) => _bytes.AsSpan(slice.Offset, slice.Length);

    private readonly struct Slice(int offset, int length)
    {
        private readonly int _lengthPlusOne = length + 1;

        public int Offset { get; } = offset;

        public int Length => _lengthPlusOne == 0 ? 0 : _lengthPlusOne - 1;

        /// <summary>False for <c>default</c>: absent, which differs from empty.</summary>
        public bool IsSet => _lengthPlusOne != 0;
    }

    private struct Field
    {
        public int Offset;
        public int ValueLength;
        public uint Key; // 0 = removed

        public readonly int NameLength => (ushort)Key;

        public readonly int ValueOffset => Offset + NameLength + 2;

        public readonly int LineLength => NameLength + ValueLength + LineOverhead;
    }
}
