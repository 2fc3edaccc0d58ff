
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Snapshot.Compile;

/// <summary>What compiling a resource needs besides the resource.</summary>
internal sealed class CompileContext
{
    public required StatRegistry Stats { get; init; }

    public required LogFormatCompiler Formats { get; init; }

    /// <summary>Node id, value of x-envoy-peer-metadata-id.</summary>
    public required byte[] PeerId { get; init; }

    /// <summary>Value of x-envoy-peer-metadata for this node.</summary>
    public required byte[] PeerMetadata { get; init; }

    /// <summary>Static runtime layers, flattened: "envoy.resource_limits.listener.x.connection_limit" to its value.</summary>
    public IReadOnlyDictionary<string, string> Runtime { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads a file that a resource names (direct_response bodies).</summary>
    public required Func<string, byte[]> ReadFile { get; init; }

    /// <summary>Reads an environment variable that a resource names.</summary>
    public required Func<string, string?> ReadEnvironment { get; init; }
}
