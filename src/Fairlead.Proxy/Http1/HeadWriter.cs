using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Http1;

/// <summary>Writes message heads in HTTP/1.1: names in stored order and, as a rule, lower case, host first, framing last.</summary>
internal static class HeadWriter
{
    /// <param name="output">Where to.</param>
    /// <param name="headers">With method, path and authority.</param>
    /// <param name="chunked">The body follows in chunks.</param>
    /// <param name="upgrade">The connection is to change its protocol.</param>
    /// <param name="spelling">Of names; null = lower case.</param>
    public static void Request(OutputQueue output, HeaderBlock headers, bool chunked, bool upgrade, HeaderSpelling? spelling)
    {
        output.Write(headers.Method);
        output.Write(" "u8);
        output.Write(headers.Path);
        if (spelling is null)
        {
            output.Write(" HTTP/1.1\r\nhost: "u8);
            output.Write(headers.Authority);
            output.Write("\r\n"u8);
        }
        else
        {
            output.Write(" HTTP/1.1\r\n"u8);
            Field(output, "host"u8, headers.Authority, spelling);
        }
        Fields(output, headers, spelling);
        if (upgrade) Field(output, "connection"u8, "upgrade"u8, spelling);
        if (chunked) Field(output, "transfer-encoding"u8, "chunked"u8, spelling);
        output.Write("\r\n"u8);
    }

    /// <param name="output">Where to.</param>
    /// <param name="headers">With a status.</param>
    /// <param name="connection">Value of the connection field, empty for none.</param>
    /// <param name="chunked">The body follows in chunks.</param>
    /// <param name="spelling">Of names; null = lower case.</param>
    public static void Response(OutputQueue output, HeaderBlock headers, ReadOnlySpan<byte> connection, bool chunked, HeaderSpelling? spelling)
    {
        if (spelling is null && headers.Status.SequenceEqual("200"u8)) output.Write("HTTP/1.1 200 OK\r\n"u8); // most are
        else StatusLine(output, headers.Status, spelling is { Reason.IsEmpty: false } ? spelling.Reason : ReasonPhrase.Of(headers.Status));
        Fields(output, headers, spelling);
        if (!connection.IsEmpty) Field(output, "connection"u8, connection, spelling);
        if (chunked) Field(output, "transfer-encoding"u8, "chunked"u8, spelling);
        output.Write("\r\n"u8);
    }

    private static void StatusLine(OutputQueue output, ReadOnlySpan<byte> status, ReadOnlySpan<byte> reason)
    {
        output.Write("HTTP/1.1 "u8);
        output.Write(status);
        output.Write(" "u8);
        output.Write(reason);
        output.Write("\r\n"u8);
    }

    /// <summary>Fields as lines (also a trailer section, without its empty line).</summary>
    private static void Fields(OutputQueue output, HeaderBlock headers, HeaderSpelling? spelling)
    {
        if (spelling is null)
        {
            for (var slot = 0; headers.NextLines(ref slot) is { IsEmpty: false } lines;) output.Write(lines);
            return;
        }
        for (var slot = 0; slot < headers.SlotCount; slot++)
        {
            if (headers.IsLive(slot)) Field(output, headers.Name(slot), headers.Value(slot), spelling);
        }
    }

    private static void Field(OutputQueue output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, HeaderSpelling? spelling)
    {
        if (spelling is null) output.Write(name);
        else spelling.Write(output, name);
        output.Write(": "u8);
        output.Write(value);
        output.Write("\r\n"u8);
    }

    public static void Chunk(OutputQueue output, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return; // an empty chunk would end the body
        var room = output.Reserve(10);
        data.Length.TryFormat(room, out var digits, "x");
        room[digits] = (byte)'\r';
        room[digits + 1] = (byte)'\n';
        output.Advance(digits + 2);
        output.Write(data);
        output.Write("\r\n"u8);
    }

    public static void LastChunk(OutputQueue output, HeaderBlock? trailers, HeaderSpelling? spelling)
    {
        output.Write("0\r\n"u8);
        if (trailers is not null) Fields(output, trailers, spelling);
        output.Write("\r\n"u8);
    }
}
