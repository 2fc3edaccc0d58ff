namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>A file that resources of one type come from.</summary>
internal sealed record SourceFile(string TypeUrl, string Path);
