using System.Net;

namespace Fairlead.Node.Network;

/// <summary>Names and addresses of the node's network.</summary>
internal static class NetworkPlan
{
    public const string Bridge = "fairlead0";
    public const string Table = "fairlead";
    public const string PodBlock = "10.244.0.0/16";
    public const string ServiceBlock = "10.96.0.0/16";
    public const string NamespacePrefix = "fairlead-";
    public const string NamespaceFolder = "/run/netns";

    public static IPAddress BlockStart { get; } = IPAddress.Parse("10.244.0.0");

    /// <summary>The bridge: the pods' gateway, their DNS server, and where API server and control plane listen for them.</summary>
    public static IPAddress NodeAddress { get; } = IPAddress.Parse("10.244.0.1");

    public static IPAddress DnsServiceAddress { get; } = IPAddress.Parse("10.96.0.10");
}
