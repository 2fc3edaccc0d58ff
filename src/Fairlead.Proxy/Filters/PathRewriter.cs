using System.Text;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>Applies a prefix or regular-expression rewrite to the path; the query stays.</summary>
internal static class PathRewriter
{
    public static byte[] Rewrite(ReadOnlySpan<byte> pathAndQuery, RouteEntry route, PathRewrite rewrite, bool keepQuery)
    {
        var question = pathAndQuery.IndexOf((byte)'?');
        var path = question < 0 ? pathAndQuery : pathAndQuery[..question];
        var query = question < 0 || !keepQuery ? default : pathAndQuery[question..];
        if (rewrite.Pattern is { } pattern)
        {
            var replaced = pattern.Replace(Encoding.Latin1.GetString(path), rewrite.Substitution ?? string.Empty);
            return [.. Encoding.Latin1.GetBytes(replaced), .. query];
        }
        var matched = route.Match.MatchedLength(path);
        return [.. rewrite.Prefix ?? [], .. path[matched..], .. query];
    }
}
