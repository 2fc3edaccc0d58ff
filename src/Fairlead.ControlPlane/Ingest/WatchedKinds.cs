using Fairlead.Config.Kinds;
using Fairlead.KubeClient;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>What the control plane reads of the API server: no more than translation, injection and analysis use.</summary>
public static class WatchedKinds
{
    /// <summary>The namespace of mesh-wide configuration (MeshConfig.rootNamespace).</summary>
    public const string RootNamespace = "istio-system";

    /// <summary>The ConfigMap that holds MeshConfig under the key <c>mesh</c>.</summary>
    public const string MeshConfigMap = "istio";

    public static IReadOnlyList<WatchedKind> All { get; } =
    [
        WatchedKind.Everywhere(KindTable.Namespace),
        WatchedKind.Everywhere(KindTable.Node),
        WatchedKind.Everywhere(KindTable.Pod),
        WatchedKind.Everywhere(KindTable.Service),
        WatchedKind.Everywhere(KindTable.EndpointSlice),
        new(KindTable.ConfigMap, new ListScope { Namespace = RootNamespace, FieldSelector = $"metadata.name={MeshConfigMap}" }),
        .. KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal)).Select(WatchedKind.Everywhere),
    ];
}
