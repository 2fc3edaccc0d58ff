namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>A resource cannot be obeyed: where in it and why. Crosses one boundary, the one that refuses the resource.</summary>
internal sealed class ConfigException(string path, string reason) : Exception($"{path}: {reason}")
{
    public string Path { get; } = path;

    /// <summary>The same of a part, as its whole tells it.</summary>
    public ConfigException Within(string place) => new(place + Path, reason);
}
