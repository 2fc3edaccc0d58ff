using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>
/// A VirtualService of the sidecars with everything about it that does not depend on who asks settled: hosts and destinations are full
/// names, delegates are merged in.
/// </summary>
public sealed record MeshVirtualService(SourceReference Source, DateTimeOffset Created, Visibility ExportTo)
{
    public string Namespace => Source.Namespace;

    public ValueList<string> Hosts { get; init; } = [];
    public ValueList<HttpRoute> Http { get; init; } = [];
    public ValueList<TlsRoute> Tls { get; init; } = [];
    public ValueList<TcpRoute> Tcp { get; init; } = [];

    /// <summary>Hosts that some rule sends traffic to.</summary>
    public IEnumerable<string> DestinationHosts =>
        Http.SelectMany(rule => rule.Route).Select(route => route.Destination.Host.Value)
            .Concat(Tls.SelectMany(rule => rule.Route).Select(route => route.Destination.Host.Value))
            .Concat(Tcp.SelectMany(rule => rule.Route).Select(route => route.Destination.Host.Value))
            .Distinct(StringComparer.Ordinal);

    public static SourceReference SourceOf(VirtualService source) => new("VirtualService", source.Meta.Namespace, source.Meta.Name);

    public static MeshVirtualService Settle(VirtualService source, ValueList<HttpRoute> http, MeshSettings settings)
    {
        string Full(HostName host) => HostName.Resolve(host.Value, source.Meta.Namespace, settings.DomainSuffix).Normalized.Value;

        return new MeshVirtualService(
            SourceOf(source),
            source.Meta.Created,
            Visibility.Read(source.ExportTo, settings.DefaultVirtualServiceExportTo, source.Meta.Namespace))
        {
            Hosts = source.Hosts.Select(Full).ToValueList(),
            Http = http,
            Tls = source.Tls.Select(rule => rule with { Route = Complete(rule.Route, Full) }).ToValueList(),
            Tcp = source.Tcp.Select(rule => rule with { Route = Complete(rule.Route, Full) }).ToValueList(),
        };
    }

    /// <summary>HTTP rules with full destination names, short ones completed in the namespace of the object that wrote them.</summary>
    public static ValueList<HttpRoute> Complete(ValueList<HttpRoute> rules, string ns, MeshSettings settings)
    {
        Destination Full(Destination destination) =>
            destination with { Host = HostName.Resolve(destination.Host.Value, ns, settings.DomainSuffix).Normalized };

        return rules.Select(rule => rule with
        {
            Route = rule.Route.Select(route => route with { Destination = Full(route.Destination) }).ToValueList(),
            Mirrors = rule.Mirrors.Select(mirror => mirror with { Destination = Full(mirror.Destination) }).ToValueList(),
        }).ToValueList();
    }

    private static ValueList<RouteDestination> Complete(ValueList<RouteDestination> routes, Func<HostName, string> full) =>
        routes.Select(route => route with { Destination = route.Destination with { Host = full(route.Destination.Host) } }).ToValueList();
}
