using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Analysis;

/// <summary>What an analysis looks at: objects, the mesh's settings, and what the sidecars saw.</summary>
public sealed record AnalysisInput(IReadOnlyList<KubeObject> Objects)
{
    public MeshConfig Mesh { get; init; } = MeshConfig.Default;

    /// <summary>Destinations of traffic that no service claimed.</summary>
    public IReadOnlyList<ObservedDestination> Unknown { get; init; } = [];

    /// <summary>Where objects were read from, for positions; objects of a server have none.</summary>
    public IReadOnlyDictionary<KubeObject, SourceDocument> Sources { get; init; } = new Dictionary<KubeObject, SourceDocument>();

    /// <summary>
    /// Whether <see cref="Objects"/> is everything that the mesh knows (a cluster's state, or files with it). False for a few
    /// files alone: that a service or workload is absent then says nothing, and is not reported.
    /// </summary>
    public bool IsComplete { get; init; } = true;
}

/// <summary>Traffic of a workload (<c>namespace/name</c>) to a host that no service claims. A count of 0: how often is not told.</summary>
public sealed record ObservedDestination(string Host, string Workload, long Count);
