using System.Runtime.CompilerServices;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;

namespace Fairlead.ControlPlane.Serve;

/// <summary>One state of the mesh that is being distributed.</summary>
/// <param name="Number">Counts the states of this process; higher is newer.</param>
/// <param name="Snapshot">The mesh.</param>
/// <param name="Generator">Makes a proxy's resources of it.</param>
/// <param name="MadeAt">When, as a <c>TimeProvider</c> timestamp.</param>
public sealed record PushedConfig(long Number, MeshSnapshot Snapshot, XdsGenerator Generator, long MadeAt)
{
    private static readonly ConditionalWeakTable<XdsResources, ResourceSet> Sets = [];

    /// <summary>What a proxy may have of a type; <paramref name="names"/> are those that it asks for by name. Called from many threads.</summary>
    public ResourceSet ResourcesOf(ProxyIdentity proxy, string typeUrl, IReadOnlyCollection<string> names) =>
        Sets.GetValue(Generator.Generate(Snapshot, proxy, typeUrl, names), static resources => new ResourceSet(resources.Items));
}
