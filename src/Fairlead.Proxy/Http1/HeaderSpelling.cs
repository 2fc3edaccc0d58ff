using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Http1;

/// <summary>
/// How the header names of one message are spelled where they are written: as the peer spelled them, in Proper-Case, or as they are stored
/// (Envoy's preserve_case and proper_case_words). For peers that take header names to be case-sensitive, which they are not (RFC 9110, 5.1).
/// </summary>
internal sealed class HeaderSpelling
{
    /// <summary>Content-Type, Foo$B#$Are: the first letter, and every letter behind something that is no letter or digit.</summary>
    public static readonly HeaderSpelling Proper = new() { IsProper = true };

    private readonly List<(int Offset, int Length)> _names = [];
    private byte[] _bytes = [];
    private int _used;
    private (int Offset, int Length) _reason;
    private bool _isInHead;

    /// <summary>Of names that the peer did not send.</summary>
    public bool IsProper { get; private set; }

    /// <summary>Empty = the standard one of the status.</summary>
    public ReadOnlySpan<byte> Reason => _bytes.AsSpan(_reason.Offset, _reason.Length);

    /// <summary>A message begins.</summary>
    public void Begin(bool isProper)
    {
        _names.Clear();
        _used = 0;
        _reason = default;
        _isInHead = false;
        IsProper = isProper;
    }

    /// <summary>Takes the names out of whole lines of a head, in order; <paramref name="keepReason"/>: the status line's phrase, too.</summary>
    public void Remember(ReadOnlySpan<byte> lines, bool keepReason)
    {
        while (lines.IndexOf((byte)'\n') is var end and >= 0)
        {
            var line = lines[..end].TrimEnd((byte)'\r');
            lines = lines[(end + 1)..];
            if (line.IsEmpty) continue;
            if (!_isInHead)
            {
                _isInHead = true;
                if (keepReason) KeepReason(line);
            }
            else if (line.IndexOf((byte)':') is var colon and > 0)
            {
                _names.Add(Keep(line[..colon]));
            }
        }
    }

    /// <summary>Writes a name that is stored in lower case.</summary>
    public void Write(OutputQueue output, ReadOnlySpan<byte> name)
    {
        foreach (var (offset, length) in _names)
        {
            var sent = _bytes.AsSpan(offset, length);
            if (length != name.Length || !AsciiCase.EqualsLower(sent, name)) continue;
            output.Write(sent);
            return;
        }
        if (IsProper) WriteProper(output, name);
        else output.Write(name);
    }

    private static void WriteProper(OutputQueue output, ReadOnlySpan<byte> name)
    {
        Span<byte> one = stackalloc byte[1];
        var isFirst = true;
        foreach (var b in name)
        {
            var isLetter = b is >= (byte)'a' and <= (byte)'z';
            one[0] = isFirst && isLetter ? (byte)(b - 32) : b;
            output.Write(one);
            isFirst = !isLetter && b is not (>= (byte)'0' and <= (byte)'9');
        }
    }

    /// <summary>"HTTP/1.1 200 OK": what follows the second space.</summary>
    private void KeepReason(ReadOnlySpan<byte> statusLine)
    {
        var code = statusLine.IndexOf((byte)' ') + 1;
        var phrase = statusLine[code..].IndexOf((byte)' ');
        if (phrase >= 0) _reason = Keep(statusLine[(code + phrase + 1)..]);
    }

    private (int Offset, int Length) Keep(ReadOnlySpan<byte> text)
    {
        if (_used + text.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _used + text.Length));
        text.CopyTo(_bytes.AsSpan(_used));
        _used += text.Length;
        return (_used - text.Length, text.Length);
    }
}
