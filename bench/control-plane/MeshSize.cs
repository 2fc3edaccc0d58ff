namespace Fairlead.ControlPlane.Scale;

/// <summary>How much of everything. 100 percent is the size that the product promises figures for.</summary>
internal sealed record MeshSize(int Services, int EndpointsPerService, int Entries, int Rules, int Proxies, int Namespaces)
{
    /// <summary>Of the full size.</summary>
    public int Percentage => Services / 10;

    public static MeshSize Percent(int percent) => new(
        1000 * percent / 100, 10, 1000 * percent / 100, 200 * percent / 100, 1000 * percent / 100, Math.Max(1, 20 * percent / 100));
}
