namespace Fairlead.Proxy.Snapshot;

/// <param name="Region">Empty when unknown, as are the next two.</param>
/// <param name="Zone">Zone.</param>
/// <param name="SubZone">Part of a zone.</param>
/// <param name="Priority">0 = first.</param>
/// <param name="Weight">Of the locality among those of its priority; 0 = none given.</param>
/// <param name="Endpoints">In the order of the resource.</param>
internal sealed record LocalityEndpoints(
    string Region, string Zone, string SubZone, int Priority, uint Weight, IReadOnlyList<Endpoint> Endpoints);
