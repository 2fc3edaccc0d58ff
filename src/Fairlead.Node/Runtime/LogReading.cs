namespace Fairlead.Node.Runtime;

/// <summary>What of a container's log is asked for: the query of <c>containerLogs</c>, read.</summary>
public sealed record LogReading
{
    public bool Follow { get; init; }

    /// <summary>Lines from the end; null: all.</summary>
    public long? TailLines { get; init; }

    public DateTimeOffset? Since { get; init; }
    public bool Timestamps { get; init; }

    /// <summary>Bytes at the most; null: no bound.</summary>
    public long? LimitBytes { get; init; }
}
