using Envoy.Service.Discovery.V3;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Xds.Json;

namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>
/// Resources of one type from a file (path_config_source): a DiscoveryResponse as YAML or JSON, read at start and again whenever
/// something in its folder is moved or written. Runs on the main loop; a file that cannot be read leaves the last good one in force.
/// </summary>
internal sealed class FileResources : IDisposable
{
    private readonly string _path;
    private readonly string _typeUrl;
    private readonly ResourceSink _sink;
    private readonly AdsReport _report;
    private readonly FileSystemWatcher _watcher;
    private string _last = string.Empty;

    /// <exception cref="ArgumentException">The folder does not exist.</exception>
    public FileResources(string path, string typeUrl, ResourceSink sink, MainLoop main, AdsReport report)
    {
        _path = Path.GetFullPath(path);
        _typeUrl = typeUrl;
        _sink = sink;
        _report = report;
        _watcher = new FileSystemWatcher(Path.GetDirectoryName(_path)!);
        // Editors and ConfigMap volumes replace files by moving: any event of the folder is a reason to look.
        _watcher.Changed += (_, _) => main.Post(Load);
        _watcher.Created += (_, _) => main.Post(Load);
        _watcher.Renamed += (_, _) => main.Post(Load);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>Reads the file and applies it, changed or not.</summary>
    public void Reload()
    {
        _last = string.Empty;
        Load();
    }

    /// <summary>Reads the file and applies it when its text has changed.</summary>
    public void Load()
    {
        string text;
        try
        {
            text = File.ReadAllText(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _report.Updated(_typeUrl, string.Empty, $"cannot read {_path}: {e.Message}");
            return;
        }
        if (text == _last) return;
        _last = text;
        try
        {
            var reader = new JsonToProto(ProtoSchema.Default);
            var response = reader.Convert("envoy.service.discovery.v3.DiscoveryResponse", DiscoveryResponse.Parser, YamlText.Parse(text));
            if (response is null)
            {
                _report.Updated(_typeUrl, string.Empty, $"{_path}: {reader.Findings.First(finding => !finding.IsUnknownField)}");
                return;
            }
            foreach (var finding in reader.Findings) _sink.Unknown(_path, finding);
            var result = _sink.Replace(_typeUrl, response.Resources, response.VersionInfo);
            _report.Updated(_typeUrl, response.VersionInfo, result.IsAccepted ? null : $"{_path}: {result.Message(ResourceSink.Kind(_typeUrl))}");
        }
        catch (FormatException e)
        {
            _report.Updated(_typeUrl, string.Empty, $"{_path}: {e.Message}");
        }
    }

    public void Dispose() => _watcher.Dispose();
}
