namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>A route table that comes from a file.</summary>
internal sealed record RouteFile(string Name, string File);
