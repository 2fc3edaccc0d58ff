using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>One listener filter.</summary>
internal static class ListenerFilterCompiler
{
    private const int DefaultMaxClientHelloBytes = 16 * 1024; // Envoy's limit on a ClientHello
    private const int MaxHttpInspectBytes = 8 * 1024; // Envoy's http_inspector gives up here

    public static ListenerFilterConfig Compile(ListenerFilter filter, string path)
    {
        var config = TypedConfig.Open(filter.TypedConfig, path);
        var disabled = filter.FilterDisabled is null ? null : Predicate(filter.FilterDisabled, path + ".filter_disabled");
        switch (config.TypeName)
        {
            case "envoy.extensions.filters.listener.original_dst.v3.OriginalDst":
                return new ListenerFilterConfig { Kind = ListenerFilterKind.OriginalDst, Disabled = disabled };
            case "envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector":
                var tls = config.Read(TlsInspector.Parser);
                return new ListenerFilterConfig
                {
                    Kind = ListenerFilterKind.TlsInspector,
                    MaxReadBytes = (int)Math.Clamp(tls.MaxClientHelloSize ?? DefaultMaxClientHelloBytes, 256, DefaultMaxClientHelloBytes),
                    CloseOnClientHelloError = tls.CloseConnectionOnClientHelloParsingErrors,
                    Disabled = disabled,
                };
            case "envoy.extensions.filters.listener.http_inspector.v3.HttpInspector":
                return new ListenerFilterConfig { Kind = ListenerFilterKind.HttpInspector, MaxReadBytes = MaxHttpInspectBytes, Disabled = disabled };
            default:
                throw new ConfigException(path, $"listener filter '{filter.Name}' ({config.TypeName}) is not supported");
        }
    }

    private static ListenerFilterPredicate Predicate(ListenerFilterChainMatchPredicate predicate, string path)
    {
        switch (predicate.RuleCase)
        {
            case ListenerFilterChainMatchPredicate.RuleOneofCase.AnyMatch:
                return new ListenerFilterPredicate.Any();
            case ListenerFilterChainMatchPredicate.RuleOneofCase.DestinationPortRange:
                return new ListenerFilterPredicate.PortRange(predicate.DestinationPortRange.Start, predicate.DestinationPortRange.End);
            case ListenerFilterChainMatchPredicate.RuleOneofCase.NotMatch:
                return new ListenerFilterPredicate.Not(Predicate(predicate.NotMatch, path + ".not_match"));
            case ListenerFilterChainMatchPredicate.RuleOneofCase.OrMatch:
                return new ListenerFilterPredicate.Or([.. predicate.OrMatch.Rules.Select((rule, i) => Predicate(rule, $"{path}.or_match[{i}]"))]);
            case ListenerFilterChainMatchPredicate.RuleOneofCase.AndMatch:
                return new ListenerFilterPredicate.And([.. predicate.AndMatch.Rules.Select((rule, i) => Predicate(rule, $"{path}.and_match[{i}]"))]);
            default:
                throw new ConfigException(path, "has no rule");
        }
    }
}
