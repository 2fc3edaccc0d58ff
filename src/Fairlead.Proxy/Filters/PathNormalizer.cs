using System.Buffers;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// Path normalisation in Envoy's order (envoy.md 2.1): fragment cut, escaped slashes, RFC 3986 dot segments and percent
/// decoding of unreserved characters, merged slashes. The query is never touched.
/// </summary>
internal static class PathNormalizer
{
    private const int StackBytes = 1024;

    /// <summary>A path without any of these is as it should be, but for slashes.</summary>
    private static readonly SearchValues<byte> Special = SearchValues.Create("#?%\\."u8);

    public enum Outcome
    {
        Unchanged,
        Rejected,
        Redirect,
    }

    /// <summary>Changes :path in place. Unchanged means "go on", whether or not the path had to change.</summary>
    public static Outcome Apply(HeaderBlock headers, HttpConnectionManagerConfig config)
    {
        var path = headers.Path;
        if (!path.ContainsAny(Special) && !(config.MergeSlashes && path.IndexOf("//"u8) >= 0)) return Outcome.Unchanged;
        var hash = path.IndexOf((byte)'#');
        if (hash >= 0)
        {
            headers.SetPath(path[..hash]);
            path = headers.Path;
        }
        var question = path.IndexOf((byte)'?');
        var part = question < 0 ? path : path[..question];
        if (!NeedsWork(part, config)) return Outcome.Unchanged;
        Span<byte> room = path.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[path.Length];
        part.CopyTo(room);
        var length = part.Length;
        var redirect = false;
        if (config.EscapedSlashes != EscapedSlashesMode.KeepUnchanged)
        {
            var before = length;
            length = UnescapeSlashes(room[..length]);
            if (length != before && config.EscapedSlashes == EscapedSlashesMode.RejectRequest) return Outcome.Rejected;
            redirect = length != before && config.EscapedSlashes == EscapedSlashesMode.UnescapeAndRedirect;
        }
        if (config.NormalizePath)
        {
            if (!DecodeUnreserved(room, ref length)) return Outcome.Rejected;
            length = RemoveDotSegments(room[..length]);
        }
        if (config.MergeSlashes) length = MergeSlashes(room[..length]);
        if (!room[..length].SequenceEqual(part))
        {
            var query = question < 0 ? default : path[question..];
            Span<byte> whole = length + query.Length <= StackBytes ? stackalloc byte[StackBytes] : new byte[length + query.Length];
            room[..length].CopyTo(whole);
            query.CopyTo(whole[length..]);
            headers.SetPath(whole[..(length + query.Length)]);
        }
        return redirect ? Outcome.Redirect : Outcome.Unchanged;
    }

    private static bool NeedsWork(ReadOnlySpan<byte> path, HttpConnectionManagerConfig config)
    {
        if (config.NormalizePath && (path.Contains((byte)'%') || path.Contains((byte)'\\') || path.IndexOf("/."u8) >= 0)) return true;
        if (config.EscapedSlashes != EscapedSlashesMode.KeepUnchanged && path.Contains((byte)'%')) return true;
        return config.MergeSlashes && path.IndexOf("//"u8) >= 0;
    }

    private static int UnescapeSlashes(Span<byte> path)
    {
        var to = 0;
        for (var from = 0; from < path.Length; from++)
        {
            if (path[from] == (byte)'%' && from + 2 < path.Length && Decode(path[(from + 1)..]) is '/' or '\\')
            {
                path[to++] = (byte)Decode(path[(from + 1)..]);
                from += 2;
                continue;
            }
            path[to++] = path[from];
        }
        return to;
    }

    /// <summary>%41 becomes A; reserved escapes stay; %00 and broken escapes are refused; '\' counts as '/'.</summary>
    private static bool DecodeUnreserved(Span<byte> path, ref int length)
    {
        var to = 0;
        for (var from = 0; from < length; from++)
        {
            var b = path[from];
            if (b == (byte)'\\')
            {
                path[to++] = (byte)'/';
                continue;
            }
            if (b != (byte)'%')
            {
                path[to++] = b;
                continue;
            }
            var value = from + 2 < length ? Decode(path.Slice(from + 1, 2)) : -1;
            if (value <= 0)
            {
                if (value == 0) return false;
                path[to++] = b; // not an escape: kept, as browsers do
                continue;
            }
            if (IsUnreserved((byte)value))
            {
                path[to++] = (byte)value;
            }
            else
            {
                path[to++] = b;
                path[to++] = path[from + 1];
                path[to++] = path[from + 2];
            }
            from += 2;
        }
        length = to;
        return true;
    }

    /// <summary>RFC 3986 5.2.4 in place.</summary>
    private static int RemoveDotSegments(Span<byte> path)
    {
        var to = 0;
        var from = 0;
        while (from < path.Length)
        {
            var end = path[(from + 1)..].IndexOf((byte)'/');
            var segment = end < 0 ? path[from..] : path.Slice(from, end + 1);
            var isLast = end < 0;
            if (segment.SequenceEqual("/."u8))
            {
                if (isLast) path[to++] = (byte)'/';
            }
            else if (segment.SequenceEqual("/.."u8))
            {
                var slash = path[..to].LastIndexOf((byte)'/');
                to = Math.Max(0, slash);
                if (isLast) path[to++] = (byte)'/';
            }
            else
            {
                segment.CopyTo(path[to..]);
                to += segment.Length;
            }
            from += segment.Length;
        }
        if (to == 0) path[to++] = (byte)'/';
        return to;
    }

    private static int MergeSlashes(Span<byte> path)
    {
        var to = 0;
        for (var from = 0; from < path.Length; from++)
        {
            if (path[from] == (byte)'/' && to > 0 && path[to - 1] == (byte)'/') continue;
            path[to++] = path[from];
        }
        return to;
    }

    private static bool IsUnreserved(byte b) =>
        b is >= (byte)'a' and <= (byte)'z' or >= (byte)'A' and <= (byte)'Z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~';

    private static int Decode(ReadOnlySpan<byte> digits)
    {
        var high = Hex(digits[0]);
        var low = Hex(digits[1]);
        return high < 0 || low < 0 ? -1 : (high << 4) | low;
    }

    private static int Hex(byte b) => b switch
    {
        >= (byte)'0' and <= (byte)'9' => b - '0',
        >= (byte)'a' and <= (byte)'f' => b - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => b - 'A' + 10,
        _ => -1,
    };
}
