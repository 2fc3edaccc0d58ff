using System.Globalization;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>The keys of static runtime layers that this proxy acts on (Envoy, "Runtime" and "Connection limiting").</summary>
internal static class RuntimeKeys
{
    /// <summary>Downstream connections of the process.</summary>
    public const string GlobalConnections = "overload.global_downstream_max_connections";

    private const string ListenerPrefix = "envoy.resource_limits.listener.";
    private const string ListenerSuffix = ".connection_limit";

    /// <summary>Downstream connections of one listener.</summary>
    public static string ListenerConnections(string listener) => ListenerPrefix + listener + ListenerSuffix;

    public static bool IsObeyed(string key) =>
        key == GlobalConnections || (key.StartsWith(ListenerPrefix, StringComparison.Ordinal) && key.EndsWith(ListenerSuffix, StringComparison.Ordinal));

    /// <summary>A number of connections; null = the layers do not say.</summary>
    /// <exception cref="ConfigException">The value is something else.</exception>
    public static long? Connections(IReadOnlyDictionary<string, string> runtime, string key)
    {
        if (!runtime.TryGetValue(key, out var text)) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            ? limit
            : throw new ConfigException($"layered_runtime: {key}", $"'{text}' is not a number of connections");
    }
}
