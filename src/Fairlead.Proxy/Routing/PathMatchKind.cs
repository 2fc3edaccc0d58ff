namespace Fairlead.Proxy.Routing;

/// <summary>RouteMatch.path_specifier.</summary>
internal enum PathMatchKind : byte
{
    Prefix,
    Exact,
    SeparatedPrefix,
    Regex,
}
