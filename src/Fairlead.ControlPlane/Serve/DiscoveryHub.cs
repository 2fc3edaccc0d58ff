using System.Collections.Concurrent;

namespace Fairlead.ControlPlane.Serve;

/// <summary>The connected proxies and the config that they should have: publishing replaces it and wakes them; each sends its own difference.</summary>
internal sealed class DiscoveryHub(PilotMetrics metrics, TimeProvider time) : IDisposable
{
    /// <summary>Proxies whose differences are computed at once: one per core, more would only take turns.</summary>
    private static readonly int GenerationLimit = Math.Max(1, Environment.ProcessorCount);

    private readonly ConcurrentDictionary<string, ProxySession> sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim generation = new(GenerationLimit);
    private volatile PushedConfig? current;

    public PilotMetrics Metrics => metrics;

    public SendTurns Sending { get; } = new(time);

    /// <summary>The newest config; null until the caches have synced.</summary>
    public PushedConfig? Current => current;

    public IReadOnlyCollection<ProxySession> Sessions => [.. sessions.Values];

    /// <summary>A proxy's answer to a type changed: (session, type URL, reason or null when accepted).</summary>
    public event Action<ProxySession, string, string?>? Answered;

    /// <summary>A newer config is there.</summary>
    public event Action? Published;

    public void Publish(PushedConfig config)
    {
        current = config;
        Published?.Invoke();
        foreach (var session in sessions.Values)
            session.Notify();
    }

    public void Dispose()
    {
        generation.Dispose();
        Sending.Dispose();
    }

    public void Add(ProxySession session) => sessions[session.ConnectionId] = session;

    public void Remove(ProxySession session) => sessions.TryRemove(session.ConnectionId, out _);

    public void Rejected(ProxySession session, string typeUrl, string reason) => Answered?.Invoke(session, typeUrl, reason);

    public void Accepted(ProxySession session, string typeUrl) => Answered?.Invoke(session, typeUrl, null);

    /// <summary>Waits for a turn to compute; dispose the result to end it.</summary>
    public async ValueTask<IDisposable> EnterGenerationAsync(CancellationToken cancel)
    {
        await generation.WaitAsync(cancel).ConfigureAwait(false);
        return new Turn(generation);
    }

    private sealed class Turn(SemaphoreSlim generation) : IDisposable
    {
        public void Dispose() => generation.Release();
    }
}
