using System.Net;

namespace Fairlead.Node.World;

/// <summary>Names and addresses of the namespace that plays the internet.</summary>
internal static class WorldPlan
{
    public const string NamespaceName = "fairlead-world";
    public const string LinkName = "flworld";

    /// <summary>Where the world is attached to the node's bridge, and where its name server answers. Outside the range that pods get addresses from.</summary>
    public static IPAddress Gateway { get; } = IPAddress.Parse("10.244.0.2");
}
