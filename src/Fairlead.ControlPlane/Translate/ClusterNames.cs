namespace Fairlead.ControlPlane.Translate;

/// <summary>Names of clusters, as Istio makes them.</summary>
internal static class ClusterNames
{
    public const string Passthrough = "PassthroughCluster";
    public const string BlackHole = "BlackHoleCluster";
    public const string InboundPassthrough = "InboundPassthroughClusterIpv4";

    /// <summary><c>outbound|port|subset|host</c>.</summary>
    public static string Outbound(int port, string subset, string host) => $"outbound|{port}|{subset}|{host}";

    /// <summary><c>inbound|port||</c>: the port on the pod.</summary>
    public static string Inbound(int port) => $"inbound|{port}||";
}
