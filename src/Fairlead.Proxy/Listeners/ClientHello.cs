using System.Buffers.Binary;
using System.Text;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// Reads SNI and ALPN out of the first bytes of a connection without keeping any state: the caller passes everything received so
/// far. TLS 1.0 to 1.3 (RFC 8446 4.1.2), fragments over several records included:
/// <code>
/// record:    type(1)=22 version(2) length(2) fragment
/// handshake: type(1)=1 length(3) version(2) random(32) session id(1+n) cipher suites(2+n) compression(1+n) extensions(2+n)
/// extension: type(2) length(2) data; 0 = server_name (RFC 6066), 16 = ALPN (RFC 7301)
/// </code>
/// </summary>
internal sealed class ClientHello
{
    private const int RecordHeader = 5;
    private const int HandshakeHeader = 4;
    private const byte HandshakeRecord = 22;
    private const byte ClientHelloType = 1;
    private const int MaxRecordBytes = 16 * 1024 + 256;

    private ClientHello(byte[]? serverName, IReadOnlyList<string> protocols)
    {
        ServerName = serverName;
        Protocols = protocols;
    }

    /// <summary>Lower case; null when absent.</summary>
    public byte[]? ServerName { get; }

    public IReadOnlyList<string> Protocols { get; }

    public enum Outcome
    {
        NeedMore,
        NotTls,
        Found,

        /// <summary>TLS, but not a ClientHello that could be read: the connection is TLS without name.</summary>
        Malformed,
        TooLarge,
    }

    public static Outcome Read(ReadOnlySpan<byte> received, int maxBytes, out ClientHello? hello)
    {
        hello = null;
        if (received.Length > 0 && received[0] != HandshakeRecord) return Outcome.NotTls;
        if (received.Length > 1 && received[1] != 3) return Outcome.NotTls;
        var message = new byte[Math.Min(received.Length, maxBytes)];
        var outcome = Defragment(received, message, out var length);
        if (outcome == Outcome.Malformed || outcome == Outcome.NotTls) return outcome;
        if (length >= HandshakeHeader)
        {
            if (message[0] != ClientHelloType) return Outcome.Malformed;
            var need = HandshakeHeader + ((message[1] << 16) | (message[2] << 8) | message[3]);
            if (need > maxBytes) return Outcome.TooLarge;
            if (length >= need) return ReadBody(message.AsSpan(HandshakeHeader, need - HandshakeHeader), out hello) ? Outcome.Found : Outcome.Malformed;
        }
        return received.Length >= maxBytes ? Outcome.TooLarge : Outcome.NeedMore;
    }

    /// <summary>Joins the fragments of the records at hand.</summary>
    private static Outcome Defragment(ReadOnlySpan<byte> received, Span<byte> message, out int length)
    {
        length = 0;
        var rest = received;
        while (rest.Length >= RecordHeader)
        {
            if (rest[0] != HandshakeRecord) return Outcome.Malformed;
            var size = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]);
            if (size is 0 or > MaxRecordBytes) return Outcome.Malformed;
            var fragment = rest.Slice(RecordHeader, Math.Min(size, rest.Length - RecordHeader));
            if (length + fragment.Length > message.Length) fragment = fragment[..(message.Length - length)];
            fragment.CopyTo(message[length..]);
            length += fragment.Length;
            if (rest.Length < RecordHeader + size) return Outcome.NeedMore;
            rest = rest[(RecordHeader + size)..];
        }
        return Outcome.NeedMore;
    }

    private static bool ReadBody(ReadOnlySpan<byte> body, out ClientHello? hello)
    {
        hello = null;
        if (body.Length < 35) return false;
        var rest = body[34..];
        if (!Skip(ref rest, 1) || !Skip(ref rest, 2) || !Skip(ref rest, 1)) return false;
        byte[]? name = null;
        IReadOnlyList<string> protocols = [];
        if (!rest.IsEmpty)
        {
            if (!Take(ref rest, 2, out var extensions) || !rest.IsEmpty) return false;
            while (!extensions.IsEmpty)
            {
                if (extensions.Length < 4) return false;
                var type = BinaryPrimitives.ReadUInt16BigEndian(extensions);
                extensions = extensions[2..];
                if (!Take(ref extensions, 2, out var data)) return false;
                if (type == 0 && !ReadServerName(data, out name)) return false;
                if (type == 16 && !ReadProtocols(data, out protocols)) return false;
            }
        }
        hello = new ClientHello(name, protocols);
        return true;
    }

    private static bool ReadServerName(ReadOnlySpan<byte> data, out byte[]? name)
    {
        name = null;
        if (!Take(ref data, 2, out var list)) return false;
        while (!list.IsEmpty)
        {
            var type = list[0];
            list = list[1..];
            if (!Take(ref list, 2, out var value)) return false;
            if (type != 0 || name is not null) continue;
            if (value.IsEmpty || value.IndexOfAnyInRange((byte)0, (byte)0x20) >= 0) return false;
            name = new byte[value.Length];
            Http1.AsciiCase.Lower(value, name);
        }
        return true;
    }

    private static bool ReadProtocols(ReadOnlySpan<byte> data, out IReadOnlyList<string> protocols)
    {
        var found = new List<string>();
        protocols = found;
        if (!Take(ref data, 2, out var list)) return false;
        while (!list.IsEmpty)
        {
            if (!Take(ref list, 1, out var name) || name.IsEmpty) return false;
            found.Add(Encoding.Latin1.GetString(name));
        }
        return true;
    }

    private static bool Skip(ref ReadOnlySpan<byte> rest, int lengthBytes) => Take(ref rest, lengthBytes, out _);

    private static bool Take(ref ReadOnlySpan<byte> rest, int lengthBytes, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (rest.Length < lengthBytes) return false;
        var length = lengthBytes == 1 ? rest[0] : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (rest.Length < lengthBytes + length) return false;
        value = rest.Slice(lengthBytes, length);
        rest = rest[(lengthBytes + length)..];
        return true;
    }
}
