using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fairlead.Xds.Names;

/// <summary>Istio's name of a cluster: <c>outbound|80|subset|host</c>, <c>inbound|8080||</c>. Subset and host may be empty.</summary>
/// <param name="Direction">"outbound" or "inbound".</param>
/// <param name="Port">1 to 65535.</param>
/// <param name="Subset">Empty = none.</param>
/// <param name="Host">Fully qualified; empty on inbound clusters.</param>
public sealed record ClusterName(string Direction, int Port, string Subset, string Host)
{
    public const string Outbound = "outbound";
    public const string Inbound = "inbound";
    public const string Passthrough = "PassthroughCluster";
    public const string BlackHole = "BlackHoleCluster";

    /// <summary>Up to Istio 1.23; later versions call it InboundPassthroughCluster.</summary>
    public const string InboundPassthrough = "InboundPassthroughClusterIpv4";

    public static ClusterName ForOutbound(int port, string host, string subset = "") => new(Outbound, port, subset, host);

    public static ClusterName ForInbound(int port) => new(Inbound, port, string.Empty, string.Empty);

    /// <summary>False for standing clusters and for names that are not of the four-part form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ClusterName? name)
    {
        name = null;
        var parts = text.Split('|');
        if (parts.Length != 4 || parts[0] is not (Outbound or Inbound)) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535) return false;
        name = new ClusterName(parts[0], port, parts[2], parts[3]);
        return true;
    }

    public override string ToString() => $"{Direction}|{Port}|{Subset}|{Host}";
}
