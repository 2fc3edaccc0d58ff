using Fairlead.Proxy.Snapshot.Live;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>The files that clusters and listeners name for their endpoints and routes (path_config_source): each is watched while something names it. On the main loop.</summary>
internal sealed class FileSources(LiveConfiguration live, ResourceSink sink, MainLoop main, AdsReport report) : IDisposable
{
    private readonly Dictionary<SourceFile, FileResources> _files = [];
    private bool _isPosted;

    /// <summary>Clusters or listeners came or went: looks soon what they name, once for all that come together.</summary>
    public void OnChanged()
    {
        if (_isPosted) return;
        _isPosted = true;
        main.Post(Follow);
    }

    public void Dispose()
    {
        foreach (var file in _files.Values) file.Dispose();
    }

    private void Follow()
    {
        _isPosted = false;
        var wanted = live.Files.ToHashSet();
        foreach (var key in _files.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            _files[key].Dispose();
            _files.Remove(key);
        }
        foreach (var key in wanted)
        {
            if (!_files.TryGetValue(key, out var file)) _files.Add(key, file = new FileResources(key.Path, key.TypeUrl, sink, main, report));
            // A file that is watched already may hold a name that nobody asked for until now.
            file.Reload();
        }
    }
}
