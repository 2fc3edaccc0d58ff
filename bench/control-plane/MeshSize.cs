using System.Globalization;

namespace Fairlead.ControlPlane.Scale;

/// <summary>How much of everything. 100 percent is the size that the product promises figures for.</summary>
internal sealed record MeshSize(int Services, int EndpointsPerService, int Entries, int Rules, int Proxies, int Namespaces)
{
    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public string Text => $"{Services / 10}x{Proxies / 10}";

    /// <summary><c>50x100</c>: half of the services, entries and rules, all proxies; <c>50</c>: half of everything.</summary>
    public static MeshSize Parse(string text)
    {
        var parts = text.Split('x').Select(part => int.Parse(part, CultureInfo.InvariantCulture)).ToArray();
        return new MeshSize(10 * parts[0], 10, 10 * parts[0], 2 * parts[0], 10 * parts[^1], 20);
    }
}
