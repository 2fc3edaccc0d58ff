namespace Fairlead.Node;

/// <summary>How the node runs: its command line, read.</summary>
public sealed record NodeOptions
{
    public required string StateDirectory { get; init; }
    public required string Kubeconfig { get; init; }

    /// <summary>Pods reach each other, the node and the world, and nothing else.</summary>
    public bool Isolated { get; init; }

    /// <summary>The file that describes the world to make; empty: none.</summary>
    public string WorldFile { get; init; } = "";

    /// <summary>The published sidecar that the proxy image is made from.</summary>
    public string ProxyFolder { get; init; } = "";

    /// <summary>The machine's resolver file, whose servers answer what is not the cluster's.</summary>
    public string ResolverFile { get; init; } = "/etc/resolv.conf";
}
