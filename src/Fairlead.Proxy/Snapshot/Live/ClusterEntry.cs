using Envoy.Config.Cluster.V3;
using Fairlead.Proxy.Snapshot.Compile;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>A cluster that was received: declared, compiled, and its endpoints as far as they are known.</summary>
internal sealed class ClusterEntry(Cluster declared, CompiledCluster compiled, string version, DateTimeOffset updated)
{
    public Cluster Declared { get; } = declared;

    public CompiledCluster Compiled { get; } = compiled;

    public string Version { get; } = version;

    public DateTimeOffset Updated { get; } = updated;

    public string Name => Compiled.Config.Name;

    /// <summary>Null until the first discovery ended.</summary>
    public EndpointSet? Endpoints { get; set; } = compiled.Endpoints;

    /// <summary>What is in the published snapshot; remade when <see cref="Endpoints"/> changes.</summary>
    public ClusterSnapshot? Published { get; set; }

    /// <summary>Latest answers, in the order of <see cref="CompiledCluster.Names"/>; null = not answered yet.</summary>
    public Dns.DnsAnswer?[] Answers { get; } = new Dns.DnsAnswer?[compiled.Names.Count];

    /// <summary>Ends the watches of its names.</summary>
    public CancellationTokenSource Ended { get; } = new();

    /// <summary>When warming gives up waiting; null = never.</summary>
    public DateTimeOffset? WarmBy { get; init; }

    public bool IsWarm => Endpoints is not null;
}
