using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate.Clusters;
using Fairlead.ControlPlane.Translate.Listeners;

namespace Fairlead.ControlPlane.Translate;

/// <summary>
/// Everything about a proxy that its outbound configuration can depend on. Proxies with equal profiles get the very same resources.
/// <c>ClientLabels</c>: Only those that some rule asks about.
/// </summary>
internal sealed record OutboundProfile(
    SidecarScope Scope,
    ValueMap<string> ClientLabels,
    DirectionTelemetry Telemetry,
    HttpTraits Http,
    TcpTimeouts Tcp,
    bool CapturesDns,
    LookupFamily Family)
{
    public string Namespace => Scope.Namespace;

    public static OutboundProfile Of(MeshSnapshot snapshot, ProxyIdentity proxy) => Of(snapshot, proxy, snapshot.Settings.For(proxy));

    private static OutboundProfile Of(MeshSnapshot snapshot, ProxyIdentity proxy, MeshSettings settings) => new(
        snapshot.ScopeOf(proxy.Namespace, proxy.Labels),
        proxy.Labels.Where(label => snapshot.VirtualServices.SourceLabelKeys.Contains(label.Key) || snapshot.DestinationRules.ClientLabelKeys.Contains(label.Key)).ToValueMap(),
        snapshot.Telemetries.For(proxy.Namespace, proxy.Labels, settings).Outbound,
        HttpOf(proxy, settings),
        TcpOf(proxy),
        proxy.CapturesDns,
        FamilyOf(proxy));

    internal static HttpTraits HttpOf(ProxyIdentity proxy, MeshSettings settings) => new(proxy.AcceptsHttp10, proxy.IdleTimeout, settings.Headers);

    internal static TcpTimeouts TcpOf(ProxyIdentity proxy) => new(proxy.IdleTimeout);

    private static LookupFamily FamilyOf(ProxyIdentity proxy)
    {
        var (v4, v6) = (proxy.Addresses.Any(address => !address.Contains(':', StringComparison.Ordinal)), proxy.Addresses.Any(address => address.Contains(':', StringComparison.Ordinal)));
        return v4 && v6 ? LookupFamily.All : v6 ? LookupFamily.V6Only : LookupFamily.V4Only;
    }

    /// <summary>The address that the proxy's listeners use for a service.</summary>
    public string AddressOf(MeshService service) =>
        !service.HasAddress && CapturesDns && service.AutoAddress.Length > 0 ? service.AutoAddress : service.Address;
}
