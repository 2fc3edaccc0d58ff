using Fairlead.Xds.Names;

namespace Fairlead.ControlPlane.Serve;

/// <summary>The order in which a push sends types (xDS protocol, "Eventual consistency considerations").</summary>
internal static class PushOrder
{
    /// <summary>Clusters and their endpoints: what listeners and routes use, and what must stay until those have been replaced.</summary>
    public static bool IsUsedByOthers(string typeUrl) => typeUrl is TypeUrl.Cluster or TypeUrl.Endpoints;

    /// <summary>Position in a push; types that we do not know come last, by name.</summary>
    public static int Rank(string typeUrl)
    {
        for (var rank = 0; rank < TypeUrl.PushOrder.Count; rank++)
        {
            if (TypeUrl.PushOrder[rank] == typeUrl)
                return rank;
        }
        return TypeUrl.PushOrder.Count;
    }
}
