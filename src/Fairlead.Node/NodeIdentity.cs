namespace Fairlead.Node;

/// <summary>How the node is called at the API.</summary>
public static class NodeIdentity
{
    public const string Name = "fairlead";

    /// <summary>The port of its HTTPS endpoint, as a kubelet's.</summary>
    public const int EndpointPort = 10250;
}
