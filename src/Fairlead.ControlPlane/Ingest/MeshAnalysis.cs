using Fairlead.Config.Analysis;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Ingest;

/// <summary>What analysis looks at, of a view: Istio's objects, what they select, and the mesh's settings.</summary>
internal static class MeshAnalysis
{
    private static readonly KindDescriptor[] Kinds =
        [.. KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal)), KindTable.Namespace, KindTable.Pod, KindTable.Service];

    /// <param name="view">The mesh as it is.</param>
    /// <param name="unknown">Destinations that sidecars saw and no service claims.</param>
    /// <param name="candidate">An object that takes the place of the view's of its name; null for the view as it is.</param>
    public static AnalysisInput Input(ResourceView view, IReadOnlyList<ObservedDestination> unknown, KubeObject? candidate = null)
    {
        var objects = Kinds.SelectMany(view.All);
        if (candidate is not null)
        {
            objects = objects.Where(other => (other.Group, other.Kind, other.Namespace, other.Name) != (candidate.Group, candidate.Kind, candidate.Namespace, candidate.Name))
                .Append(candidate);
        }
        var text = view.Find(KindTable.ConfigMap, WatchedKinds.RootNamespace, WatchedKinds.MeshConfigMap) is { } map
            ? ConfigMap.Read(map).Data.GetValueOrDefault(MeshConfig.ConfigMapKey, "")
            : "";
        return new AnalysisInput([.. objects]) { Mesh = MeshConfig.Parse(text, out _), Unknown = unknown };
    }
}
