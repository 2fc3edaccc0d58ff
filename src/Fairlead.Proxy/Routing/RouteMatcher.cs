using System.Text.RegularExpressions;
using Fairlead.Proxy.Http1;

namespace Fairlead.Proxy.Routing;

/// <summary>A compiled envoy.config.route.v3.RouteMatch. All conditions must hold. Immutable; allocates nothing.</summary>
internal sealed class RouteMatcher
{
    private readonly byte[] _path = [];
    private readonly byte[] _lowerPath = [];

    public required PathMatchKind Kind { get; init; }

    /// <summary>Prefix, path or separated prefix; empty for a regex.</summary>
    public required byte[] Path
    {
        get => _path;
        init
        {
            _path = value;
            _lowerPath = new byte[value.Length];
            AsciiCase.Lower(value, _lowerPath);
        }
    }

    public Regex? PathRegex { get; init; }

    public bool CaseSensitive { get; init; } = true;

    public IReadOnlyList<HeaderMatcher> Headers { get; init; } = [];

    public IReadOnlyList<QueryParameterMatcher> QueryParameters { get; init; } = [];

    public IReadOnlyList<CookieMatcher> Cookies { get; init; } = [];

    /// <summary>Only requests whose content-type is gRPC's.</summary>
    public bool Grpc { get; init; }

    /// <summary>Of a million, the share of requests that the route takes; null = all (runtime_fraction).</summary>
    public int? PerMillion { get; init; }

    /// <param name="headers">The request.</param>
    /// <param name="random">Uniform 64 bits, the same for every route of one request.</param>
    public bool Matches(HeaderBlock headers, ulong random)
    {
        var target = headers.Path;
        var mark = target.IndexOf((byte)'?');
        var path = mark < 0 ? target : target[..mark];
        if (!MatchesPath(path)) return false;
        if (PerMillion is { } share && random % 1_000_000 >= (ulong)share) return false;
        if (Grpc && !GrpcContentType.Is(headers)) return false;
        foreach (var matcher in Headers)
        {
            if (!matcher.Matches(headers)) return false;
        }
        foreach (var matcher in Cookies)
        {
            if (!matcher.Matches(headers)) return false;
        }
        if (QueryParameters.Count == 0) return true;
        var query = mark < 0 ? default : target[(mark + 1)..];
        foreach (var matcher in QueryParameters)
        {
            if (!matcher.Matches(query)) return false;
        }
        return true;
    }

    /// <summary>How many bytes of the path a prefix rewrite replaces.</summary>
    public int MatchedLength(ReadOnlySpan<byte> path) => Kind switch
    {
        PathMatchKind.Prefix or PathMatchKind.SeparatedPrefix => Path.Length,
        _ => path.Length,
    };

    private bool MatchesPath(ReadOnlySpan<byte> path)
    {
        switch (Kind)
        {
            case PathMatchKind.Prefix:
                return path.Length >= _path.Length && SamePath(path[.._path.Length]);
            case PathMatchKind.Exact:
                return path.Length == _path.Length && SamePath(path);
            case PathMatchKind.SeparatedPrefix:
                return path.Length >= _path.Length && SamePath(path[.._path.Length])
                    && (path.Length == _path.Length || path[_path.Length] == (byte)'/');
            default:
                return LinearRegex.IsMatch(PathRegex!, path);
        }
    }

    private bool SamePath(ReadOnlySpan<byte> path) =>
        CaseSensitive ? path.SequenceEqual(_path) : AsciiCase.EqualsLower(path, _lowerPath);
}
