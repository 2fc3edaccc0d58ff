using System.Globalization;

namespace Fairlead.ControlPlane.Translate;

/// <summary>Names of route configurations: a port for all its services, <c>host:port</c> for one whose protocol is found out on its own address.</summary>
internal static class RouteNames
{
    public static string OfPort(int port) => port.ToString(CultureInfo.InvariantCulture);

    public static string OfService(string host, int port) => $"{host}:{port}";

    /// <summary>The host is empty for a port's configuration; null when the name has neither form.</summary>
    public static (string Host, int Port)? Parse(string name)
    {
        var colon = name.LastIndexOf(':');
        return int.TryParse(name.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (colon < 0 ? "" : name[..colon], port)
            : null;
    }
}
