using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy;

/// <summary>
/// The data path, in the order a byte meets it:
/// <list type="number">
/// <item><see cref="AcceptSocket"/> takes a connection; <see cref="WorkerListeners"/> restores where it was going and hands it to that listener.</item>
/// <item><see cref="PendingConnection"/> runs the listener filters over the first bytes; <see cref="FilterChainMatcher"/> picks the chain.</item>
/// <item><see cref="Http1ServerConnection"/> reads requests (or <see cref="Tcp.TcpSession"/> relays bytes).</item>
/// <item><see cref="Filters.HttpStream"/> checks, changes and times a request; <see cref="Filters.Router"/> finds route, cluster and host.</item>
/// <item><see cref="HttpPool"/> finds or makes a connection; <see cref="Http1ClientConnection"/> speaks to the upstream.</item>
/// <item>The response goes back the same way; the stream writes its log line and is reused.</item>
/// </list>
/// Each worker does all of this alone; the main thread only publishes snapshots to it.
/// </summary>
internal sealed class Sidecar : IAsyncDisposable
{
    private readonly SnapshotStore _store;
    private readonly Worker[] _workers;
    private readonly ConnectionLimits _limits;
    private bool _started;

    /// <param name="options">Sizes.</param>
    /// <param name="store">Where snapshots are published.</param>
    /// <param name="stats">Receives one shard per worker.</param>
    /// <param name="time">The clock of all timers.</param>
    /// <param name="report">Takes operational messages; called on worker threads.</param>
    public Sidecar(SidecarOptions options, SnapshotStore store, StatRegistry stats, TimeProvider time, Action<string> report)
    {
        _store = store;
        _limits = new ConnectionLimits(options.MaxConnections);
        Breakers = new CircuitBreakerTable();
        _workers = new Worker[options.Workers];
        for (var index = 0; index < _workers.Length; index++)
        {
            _workers[index] = new Worker(index, options, Breakers, _limits, stats.CreateShard(), ServerStats.Of(stats), time, report);
        }
    }

    public IReadOnlyList<Worker> Workers => _workers;

    public CircuitBreakerTable Breakers { get; }

    /// <summary>Downstream connections at the moment.</summary>
    public long Connections => _limits.Total;

    /// <summary>Requests begun since the start.</summary>
    public long RequestsBegun => _workers.Sum(worker => worker.Context.Streams.Rented);

    /// <summary>Completes when a worker ended; faulted when one failed, which is the process's end.</summary>
    public Task Ended => Task.WhenAny(_workers.Select(worker => worker.Ended)).Unwrap();

    /// <summary>Starts the workers on the current snapshot; completes when every listener of it is bound.</summary>
    public async Task StartAsync()
    {
        if (_started) throw new InvalidOperationException("the sidecar runs already");
        _started = true;
        var current = _store.Subscribe(Publish);
        foreach (var worker in _workers) worker.Start(current);
        await AdoptedAsync();
    }

    /// <summary>Completes when every worker has adopted what is published by now: its listeners are bound.</summary>
    public Task AdoptedAsync() => OnAllAsync(static _ => { });

    /// <summary>Stops accepting and asks connections to end: idle ones now, the others with their response.</summary>
    public Task DrainAsync() => OnAllAsync(static worker =>
    {
        worker.Context.IsDraining = true;
        worker.Listeners.Drain();
    });

    /// <summary>Opens access log files anew (after rotation).</summary>
    public Task ReopenLogsAsync() => OnAllAsync(static worker => worker.ReopenLogs());

    /// <summary>Runs <paramref name="work"/> on every worker's thread; completes when all have.</summary>
    public Task OnAllAsync(Action<Worker> work) => Task.WhenAll(_workers.Select(worker =>
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Loop.Post(() =>
        {
            work(worker);
            done.SetResult();
        });
        return Task.WhenAny(done.Task, worker.Ended);
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers) worker.Loop.Stop();
        if (_started) await Task.WhenAll(_workers.Select(worker => worker.Ended));
    }

    private void Publish(ProxySnapshot snapshot)
    {
        foreach (var worker in _workers) worker.Loop.Post(() => worker.Adopt(snapshot));
    }
}
