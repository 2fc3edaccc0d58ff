using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;
using Fairlead.ControlPlane.Snapshot;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Where traffic goes that no service claims (outboundTrafficPolicy of the Sidecar or the mesh).</summary>
internal static class UnknownDestination
{
    /// <summary>
    /// ALLOW_ANY_DYNAMIC_DNS lets opaque connections through as ALLOW_ANY does; its re-resolution of HTTP hosts is not built (reported).
    /// </summary>
    public static string ClusterFor(SidecarScope scope, MeshSettings settings)
    {
        if (!Allows(scope))
            return ClusterNames.BlackHole;
        if (scope.Traffic.EgressProxy is not { } proxy)
            return ClusterNames.Passthrough;
        var host = HostName.Resolve(proxy.Host.Value, scope.Sidecar?.Meta.Namespace ?? scope.Namespace, settings.DomainSuffix).Normalized.Value;
        return ClusterNames.Outbound(proxy.Port, proxy.Subset, host);
    }

    public static bool Allows(SidecarScope scope) => scope.Traffic.Mode != OutboundTrafficMode.RegistryOnly;
}
