using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Http1;

/// <summary>Writes message heads in HTTP/1.1: lower-case names in stored order, host first, framing last.</summary>
internal static class HeadWriter
{
    public static void Request(OutputQueue output, HeaderBlock headers, bool chunked, bool upgrade)
    {
        output.Write(headers.Method);
        output.Write(" "u8);
        output.Write(headers.Path);
        output.Write(" HTTP/1.1\r\nhost: "u8);
        output.Write(headers.Authority);
        output.Write("\r\n"u8);
        Fields(output, headers);
        if (upgrade) output.Write("connection: upgrade\r\n"u8);
        if (chunked) output.Write("transfer-encoding: chunked\r\n"u8);
        output.Write("\r\n"u8);
    }

    /// <param name="output">Where to.</param>
    /// <param name="headers">With a status.</param>
    /// <param name="connection">Value of the connection field, empty for none.</param>
    /// <param name="chunked">The body follows in chunks.</param>
    public static void Response(OutputQueue output, HeaderBlock headers, ReadOnlySpan<byte> connection, bool chunked)
    {
        if (headers.Status.SequenceEqual("200"u8)) output.Write("HTTP/1.1 200 OK\r\n"u8); // most are
        else StatusLine(output, headers.Status);
        Fields(output, headers);
        if (!connection.IsEmpty)
        {
            output.Write("connection: "u8);
            output.Write(connection);
            output.Write("\r\n"u8);
        }
        if (chunked) output.Write("transfer-encoding: chunked\r\n"u8);
        output.Write("\r\n"u8);
    }

    private static void StatusLine(OutputQueue output, ReadOnlySpan<byte> status)
    {
        output.Write("HTTP/1.1 "u8);
        output.Write(status);
        output.Write(" "u8);
        output.Write(ReasonPhrase.Of(status));
        output.Write("\r\n"u8);
    }

    /// <summary>Fields as lines (also a trailer section, without its empty line).</summary>
    public static void Fields(OutputQueue output, HeaderBlock headers)
    {
        for (var slot = 0; headers.NextLines(ref slot) is { IsEmpty: false } lines;) output.Write(lines);
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

    public static void LastChunk(OutputQueue output, HeaderBlock? trailers)
    {
        output.Write("0\r\n"u8);
        if (trailers is not null) Fields(output, trailers);
        output.Write("\r\n"u8);
    }
}
