using System.Text.Json.Nodes;

namespace Fairlead.Node.Runtime;

/// <summary>Everything that one container is started with; paths are the machine's, sizes are bytes, CPU is thousandths of a core.</summary>
internal sealed record ContainerPlan
{
    public required string Id { get; init; }
    public required string Bundle { get; init; }
    public required string LogPath { get; init; }
    public required string HostName { get; init; }
    public required string NetworkNamespace { get; init; }
    public required IReadOnlyList<string> Arguments { get; init; }
    public required IReadOnlyList<string> Environment { get; init; }
    public required string WorkingDirectory { get; init; }
    public required uint Uid { get; init; }
    public required uint Gid { get; init; }
    public IReadOnlyList<uint> Groups { get; init; } = [];
    public required string LowerFolder { get; init; }

    /// <summary>Holds the private overlay (upper, work), on a file system of limited size.</summary>
    public required string ScratchFolder { get; init; }

    public required string CgroupPath { get; init; }
    public bool ReadOnlyRoot { get; init; }
    public bool Terminal { get; init; }
    public bool Stdin { get; init; }

    /// <summary>Standard input ends with the first client that attaches and leaves.</summary>
    public bool StdinOnce { get; init; }

    /// <summary>Whether the container may hold the sidecar's uid.</summary>
    public bool IsSidecar { get; init; }

    public IReadOnlyList<string> Capabilities { get; init; } = [];
    public IReadOnlyList<MountPlan> Mounts { get; init; } = [];
    public long? MemoryLimit { get; init; }
    public long? CpuLimit { get; init; }
    public long? CpuRequest { get; init; }

    public JsonObject Annotations { get; init; } = [];
}

/// <summary>A file or folder of the machine that appears inside the container.</summary>
internal sealed record MountPlan(string Source, string Target, bool ReadOnly);
