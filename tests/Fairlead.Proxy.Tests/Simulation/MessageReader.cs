using System.Globalization;
using System.Text;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>
/// HTTP/1.1 messages off a stream, read by the simplest means: an oracle must share nothing with what it judges. Whether a response has
/// a body depends on the request, which <paramref name="isBodyless"/> knows.
/// </summary>
internal sealed class MessageReader(Func<string, bool> isBodyless)
{
    private readonly List<byte> _bytes = [];

    /// <summary>A message has begun and is not complete.</summary>
    public bool IsInside => _bytes.Count > 0;

    public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

    /// <summary>The next whole message, or null. At the end of the stream a body without a length is complete.</summary>
    public Message? Next(bool ended)
    {
        var text = Encoding.Latin1.GetString([.. _bytes]);
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return null;
        var lines = text[..end].Split("\r\n");
        var fields = lines.Skip(1).Select(line => line.Split(": ", 2)).ToLookup(pair => pair[0].ToLowerInvariant(), pair => pair[1]);
        var at = end + 4;
        string body;
        if (isBodyless(lines[0]))
        {
            body = string.Empty;
        }
        else if (fields["transfer-encoding"].Contains("chunked"))
        {
            if (Chunks(text, ref at) is not { } whole) return null;
            body = whole;
        }
        else if (fields["content-length"].SingleOrDefault() is { } length)
        {
            var count = int.Parse(length, CultureInfo.InvariantCulture);
            if (text.Length - at < count) return null;
            body = text.Substring(at, count);
            at += count;
        }
        else if (lines[0].StartsWith("HTTP/", StringComparison.Ordinal))
        {
            if (!ended) return null;
            body = text[at..];
            at = text.Length;
        }
        else
        {
            body = string.Empty;
        }
        _bytes.RemoveRange(0, at);
        return new Message(lines[0], fields, body);
    }

    private static string? Chunks(string text, ref int at)
    {
        var body = new StringBuilder();
        while (true)
        {
            var line = text.IndexOf("\r\n", at, StringComparison.Ordinal);
            if (line < 0) return null;
            var size = int.Parse(text[at..line], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            at = line + 2;
            if (text.Length < at + size + 2) return null;
            body.Append(text, at, size);
            at += size + 2;
            if (size == 0) return body.ToString();
        }
    }

    internal sealed record Message(string StartLine, ILookup<string, string> Fields, string Body)
    {
        public string Field(string name) => Fields[name].FirstOrDefault() ?? string.Empty;

        public int Status => int.Parse(StartLine.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
