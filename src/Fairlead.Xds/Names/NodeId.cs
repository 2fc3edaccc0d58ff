using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Xds.Names;

/// <summary>Istio's node id: <c>sidecar~10.244.0.5~sleep-1.default~default.svc.cluster.local</c>.</summary>
/// <param name="Kind">"sidecar", "router" or "waypoint".</param>
/// <param name="Address">IP address of the instance.</param>
/// <param name="Id">Pod and namespace: "sleep-1.default".</param>
/// <param name="DnsDomain">"NAMESPACE.svc.cluster.local".</param>
public sealed record NodeId(string Kind, string Address, string Id, string DnsDomain)
{
    /// <summary>The pod: the id up to its last dot, as pod names may hold dots and namespaces may not.</summary>
    public string Pod => Id.LastIndexOf('.') is var dot and >= 0 ? Id[..dot] : Id;

    /// <summary>Empty when the id has no dot.</summary>
    public string Namespace => Id.LastIndexOf('.') is var dot and >= 0 ? Id[(dot + 1)..] : string.Empty;

    public static NodeId ForSidecar(string address, string pod, string @namespace, string clusterDomain = "cluster.local") =>
        new("sidecar", address, $"{pod}.{@namespace}", $"{@namespace}.svc.{clusterDomain}");

    public static bool TryParse(string text, [NotNullWhen(true)] out NodeId? id)
    {
        id = null;
        var parts = text.Split('~');
        if (parts.Length != 4 || parts[0] is not ("sidecar" or "router" or "waypoint" or "ztunnel")) return false;
        if (!System.Net.IPAddress.TryParse(parts[1], out _) || parts[2].Length == 0) return false;
        id = new NodeId(parts[0], parts[1], parts[2], parts[3]);
        return true;
    }

    public override string ToString() => $"{Kind}~{Address}~{Id}~{DnsDomain}";
}
