namespace Fairlead.Proxy.Snapshot;

/// <summary>Where a route or a TCP proxy sends to: one cluster, one of several by weight, or one named by a request header.</summary>
internal sealed class ClusterSelection
{
    private readonly uint _totalWeight;

    private ClusterSelection(IReadOnlyList<WeightedCluster> clusters, string? header)
    {
        Clusters = clusters;
        HeaderName = header is null ? null : System.Text.Encoding.UTF8.GetBytes(header.ToLowerInvariant());
        foreach (var cluster in clusters) _totalWeight += cluster.Weight;
    }

    public IReadOnlyList<WeightedCluster> Clusters { get; }

    /// <summary>The cluster's name is this request header's value (cluster_header), lower case; null otherwise.</summary>
    public byte[]? HeaderName { get; }

    public bool IsSingle => Clusters.Count == 1;

    public static ClusterSelection Single(string cluster) => new([new WeightedCluster { Name = cluster, Weight = 1 }], null);

    public static ClusterSelection Weighted(IReadOnlyList<WeightedCluster> clusters) => new(clusters, null);

    public static ClusterSelection ByHeader(string header) => new([], header);

    /// <param name="random">Uniform over all 64-bit values; its remainder by the total weight decides.</param>
    public WeightedCluster Pick(ulong random)
    {
        if (Clusters.Count == 1) return Clusters[0];
        var rest = (uint)(random % _totalWeight);
        foreach (var cluster in Clusters)
        {
            if (rest < cluster.Weight) return cluster;
            rest -= cluster.Weight;
        }
        throw new InvalidOperationException("weights do not add up to their total");
    }
}
