using System.Runtime.InteropServices;
using Fairlead.Proxy.Admin;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Dns;
using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Ads;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Xds.Json;
using Fairlead.Xds.Names;
using StaticResources = Envoy.Config.Bootstrap.V3.Bootstrap.Types.StaticResources;

namespace Fairlead.Proxy;

/// <summary>
/// The process from start to exit: static configuration, workers, admin ports, then the control plane; a signal drains and ends
/// it. Everything is constructed here, in this order.
/// </summary>
internal sealed class ProxyProcess : IDisposable
{
    private const int SigUsr1 = 10;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1); // warming deadlines have whole seconds
    private const long QuietGarbageBytes = 4 * 1024 * 1024; // less is not worth stopping the workers for
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(100);

    private readonly ProxySettings _settings;
    private readonly ProcessLog _log;
    private readonly TimeProvider _time;
    private readonly StatRegistry _stats = new();
    private readonly SnapshotStore _store = new();
    private readonly MainLoop _main = new();
    private readonly LiveConfiguration _live;
    private readonly ServerState _state;
    private readonly UnsupportedFieldLog _unsupported;
    private readonly DnsWatch _dns;
    private readonly DnsResolver _resolver;
    private readonly Dictionary<string, string?> _refusals = []; // by type URL; null = the last one was accepted
    private readonly IReadOnlyDictionary<string, string> _runtime; // static layers, flat
    private readonly Dictionary<Worker, StreamObserver> _observers = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long? _maxConnections;
    private FileSources? _sources; // while it serves
    private Action _seenUnknown = static () => { }; // while there is a control plane that listens

    public ProxyProcess(ProxySettings settings, ProcessLog log, TimeProvider time)
    {
        _settings = settings;
        _runtime = BootstrapLoader.Runtime(settings.Bootstrap.LayeredRuntime);
        _log = log;
        _time = time;
        var environment = new OperatorEnvironment(time, System.Net.Dns.GetHostName, name => settings.Variables.GetValueOrDefault(name));
        var context = new CompileContext
        {
            Stats = _stats,
            Formats = new LogFormatCompiler(environment),
            PeerId = System.Text.Encoding.UTF8.GetBytes(settings.Node.Id),
            PeerMetadata = PeerMetadata.Encode(settings.Node.Metadata),
            Runtime = _runtime,
            ReadFile = File.ReadAllBytes,
            ReadEnvironment = name => settings.Variables.GetValueOrDefault(name),
        };
        _live = new LiveConfiguration(_store, context, time);
        _state = new ServerState(_stats, time, settings.Workers);
        _unsupported = new UnsupportedFieldLog(message =>
        {
            _state.Happened(ConfigurationEvent.UnsupportedField, _live);
            _log.Warning("config", message);
        });
        _resolver = new DnsResolver(time, static () => ResolverSettings.Parse(ReadIfThere("/etc/resolv.conf")), static () => ReadIfThere("/etc/hosts"));
        _dns = new DnsWatch(_resolver, time, NewRandom());
    }

    public async Task<int> RunAsync()
    {
        AdsTarget? target;
        try
        {
            _live.WatchNames = WatchNames;
            _live.Happened = OnConfiguration;
            target = AdsTargets.Find(_settings);
            _ = ProtoValues.SourceFile(_settings.Bootstrap.DynamicResources?.CdsConfig, "dynamic_resources.cds_config");
            _ = ProtoValues.SourceFile(_settings.Bootstrap.DynamicResources?.LdsConfig, "dynamic_resources.lds_config");
            _maxConnections = RuntimeKeys.Connections(_runtime, RuntimeKeys.GlobalConnections);
            if (!_settings.Flags.ValidateOnly) return await ServeAsync(target);
            ApplyStatic();
        }
        catch (ConfigException e)
        {
            _log.Error("config", e.Message);
            return 1;
        }
        await Console.Out.WriteLineAsync($"configuration '{_settings.Flags.ConfigPath ?? "sidecar"}' OK");
        return 0;
    }

    public void Dispose() => _ending.Dispose();

    private static string ReadIfThere(string path) => File.Exists(path) ? File.ReadAllText(path) : string.Empty;

    private async Task<int> ServeAsync(AdsTarget? target)
    {
        // Either of the two takes some 15 ms, most of it for code that runs for the first time.
        var starting = Task.Run(StartWorkersAsync);
        try
        {
            ApplyStatic();
        }
        catch
        {
            await (await starting).DisposeAsync();
            throw;
        }
        await using var sidecar = await starting;
        await sidecar.AdoptedAsync();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var reopen = PosixSignalRegistration.Create((PosixSignal)SigUsr1, context => Reopen(context, sidecar));
        var loop = _main.ProcessAsync(_ending.Token);
        var clock = TickAsync();
        var report = Report(target);
        var sink = new ResourceSink(_live) { Inspect = (name, typeUrl, bytes) => _unsupported.Inspect(name, typeUrl, bytes.Span), Unknown = _unsupported.Unknown };
        using var clusters = StartFile(_settings.Bootstrap.DynamicResources?.CdsConfig, TypeUrl.Cluster, sink, report);
        using var listeners = StartFile(_settings.Bootstrap.DynamicResources?.LdsConfig, TypeUrl.Listener, sink, report);
        using var sources = _sources = new FileSources(_live, sink, _main, report);
        sources.OnChanged();
        var control = Task.CompletedTask;
        if (target is not null)
        {
            var reporter = new UnknownDestinationReporter(target, _settings.Node, () => UnknownAsync(sidecar), _time, NewRandom());
            _seenUnknown = reporter.Seen;
            control = Task.WhenAll(
                new AdsClient(target, _settings.Node, sink, _main, report, _time, NewRandom()).RunAsync(_ending.Token), reporter.RunAsync(_ending.Token));
        }
        if (target is null) _state.ConfigurationComplete();
        var collecting = CollectWhenQuietAsync(sidecar);
        _log.Info("main", $"serving with {_settings.Workers} worker{(_settings.Workers == 1 ? "" : "s")}{(_settings.Node.Id.Length > 0 ? " as " + _settings.Node.Id : "")}");
        var first = await Task.WhenAny(_stop.Task, sidecar.Ended, loop);
        if (first == _stop.Task) await DrainAsync(sidecar);
        await _ending.CancelAsync();
        await Task.WhenAll(loop, clock, control, collecting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!first.IsFaulted) return 0;
        _log.Error("main", first.Exception!.ToString());
        return 1;
    }

    /// <summary>Workers without listeners, and an admin port that answers that the server initializes.</summary>
    private async Task<Sidecar> StartWorkersAsync()
    {
        var options = new SidecarOptions(_settings.Workers, _maxConnections, (ulong)NewRandom().NextInt64()) { DrainTime = _settings.Flags.DrainTime };
        var sidecar = new Sidecar(options, _store, _stats, _time, message => _log.Warning("worker", message));
        Observe(sidecar);
        await sidecar.StartAsync();
        _state.WorkersStarted(() => sidecar.Connections, shard =>
        {
            sidecar.Breakers.Show(shard);
            shard.Set(_state.Stats, ServerStats.DnsQueries, _resolver.Queries);
            shard.Set(_state.Stats, ServerStats.DnsTimeouts, _resolver.Timeouts);
        });
        new AdminPorts(_settings, _log, _state, _live, _unsupported, _main, _stats, sidecar, () => UnknownAsync(sidecar), () => _stop.TrySetResult()).Start(_ending.Token);
        return sidecar;
    }

    /// <summary>
    /// Gives back what reading the bootstrap, a push or a burst of connections needed and serving does not: some megabytes of each of a
    /// thousand sidecars. A warm worker allocates nothing, so nothing else would ever collect. It stops the workers for some 10 ms, and so
    /// waits until no request has begun for a while.
    /// </summary>
    private async Task CollectWhenQuietAsync(Sidecar sidecar)
    {
        var (collected, requests) = (0L, -1L);
        while (!_ending.IsCancellationRequested)
        {
            await Task.Delay(QuietTime, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var (before, allocated) = (requests, GC.GetTotalAllocatedBytes());
            requests = sidecar.RequestsBegun;
            if (requests != before || allocated - collected < QuietGarbageBytes) continue;
            collected = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Libc.TrimHeap();
        }
    }

    /// <summary>Copies the workers' tables on the workers' own threads.</summary>
    private async Task<List<UnknownDestinationTable.Entry>> UnknownAsync(Sidecar sidecar)
    {
        var copies = new List<UnknownDestinationTable.Entry>();
        await sidecar.OnAllAsync(worker =>
        {
            var copy = _observers[worker].Unknown.Copy();
            lock (copies) copies.AddRange(copy);
        });
        lock (copies) return UnknownDestinationPage.Merge(copies);
    }

    private static void Reopen(PosixSignalContext context, Sidecar sidecar)
    {
        context.Cancel = true;
        _ = sidecar.ReopenLogsAsync();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.TrySetResult();
    }

    // Seeded by the system; not for secrets. (The cryptographic source would load OpenSSL into every sidecar: 5 MB.)
    private static Random NewRandom() => new();

    private void Observe(Sidecar sidecar)
    {
        var labels = new IstioLabels(_settings.Node.Metadata);
        foreach (var worker in sidecar.Workers)
        {
            var metrics = new IstioMetrics(_stats, worker.Context.Stats, labels, worker.Context.Peers, _time.TimestampFrequency);
            var observer = new StreamObserver(metrics, () => _seenUnknown());
            worker.Context.StreamEnded = observer.OnEnded;
            worker.Context.ConnectionReported = observer.OnReported;
            _observers.Add(worker, observer);
        }
    }

    /// <summary>Names what of the bootstrap has no effect; its clusters and listeners are looked at one by one.</summary>
    private void InspectBootstrap(ReadOnlySpan<byte> written)
    {
        foreach (var key in _runtime.Keys.Where(key => !RuntimeKeys.IsObeyed(key))) _unsupported.UnknownKey(_settings.Source, key);
        foreach (var finding in _settings.UnknownFields) _unsupported.Unknown(_settings.Source, finding);
        _unsupported.Inspect(_settings.Source, TypeUrl.Prefix + BootstrapLoader.MessageName, written);
        if (_settings.Bootstrap.StaticResources is not { } resources) return;
        var (clusters, listeners) = (0, 0);
        var bootstrap = new WireReader(written);
        while (bootstrap.Read())
        {
            if (bootstrap.Field != Envoy.Config.Bootstrap.V3.Bootstrap.StaticResourcesFieldNumber) continue;
            var reader = new WireReader(bootstrap.Content);
            while (reader.Read())
            {
                if (reader.Field == StaticResources.ClustersFieldNumber) _unsupported.Inspect(resources.Clusters[clusters++].Name, TypeUrl.Cluster, reader.Content);
                else if (reader.Field == StaticResources.ListenersFieldNumber) _unsupported.Inspect(resources.Listeners[listeners++].Name, TypeUrl.Listener, reader.Content);
            }
        }
    }

    private void ApplyStatic()
    {
        if (_settings.Written is { } written) InspectBootstrap(written.Span);
        var resources = _settings.Bootstrap.StaticResources;
        if (resources is null) return;
        var controlCluster = AdsTargets.ClusterOf(_settings.Bootstrap);
        var clusters = _live.ChangeClusters([.. resources.Clusters.Where(cluster => cluster.Name != controlCluster)], [], string.Empty, isDynamic: false);
        var listeners = _live.ChangeListeners([.. resources.Listeners], [], string.Empty, isDynamic: false);
        var reasons = new List<string>();
        foreach (var (_, reason) in clusters.Errors) reasons.Add(reason);
        foreach (var (_, reason) in listeners.Errors) reasons.Add(reason);
        if (reasons.Count > 0) throw new ConfigException("static_resources", string.Join("; ", reasons));
    }

    private AdsReport Report(AdsTarget? target) => new()
    {
        Connected = () =>
        {
            _state.Connected(true);
            _log.Info("xds", $"connected to {target}");
        },
        Disconnected = reason =>
        {
            _state.Connected(false);
            _log.Warning("xds", $"the control plane is not reachable, the last configuration stays in force: {reason}");
        },
        Updated = OnUpdate,
    };

    /// <summary>Null = the source is not a file.</summary>
    private FileResources? StartFile(Envoy.Config.Core.V3.ConfigSource? source, string typeUrl, ResourceSink sink, AdsReport report)
    {
        if (source?.PathConfigSource?.Path is not { Length: > 0 } path) return null;
        var file = new FileResources(path, typeUrl, sink, _main, report);
        _main.Post(file.Load);
        return file;
    }

    private void OnUpdate(string typeUrl, string version, string? refusal)
    {
        _state.Updated(typeUrl, refusal is null);
        var name = TypeUrl.ShortName(typeUrl) + (version.Length > 0 ? $" version {version}" : string.Empty); // a file need not have one
        if (refusal is null) _log.Debug("xds", $"{name} accepted");
        // A control plane sends what it was refused again with every push: the same words once are enough.
        else if (_refusals.GetValueOrDefault(typeUrl) == refusal) _log.Debug("xds", $"{name} refused as before");
        else _log.Warning("xds", $"{name} refused: {refusal}");
        _refusals[typeUrl] = refusal;
        if (_state.HasInitialConfiguration && _live.WarmingClusters.Count == 0 && _live.WarmingListeners.Count == 0) _state.ConfigurationComplete();
    }

    private void OnConfiguration(ConfigurationEvent happened, string detail)
    {
        _state.Happened(happened, _live);
        if (happened is ConfigurationEvent.ClusterAdded or ConfigurationEvent.ClusterModified or ConfigurationEvent.ClusterRemoved
            or ConfigurationEvent.ListenerAdded or ConfigurationEvent.ListenerModified or ConfigurationEvent.ListenerRemoved) _sources?.OnChanged();
        if (happened is ConfigurationEvent.ResolutionFailed or ConfigurationEvent.WarmingTimedOut) _log.Warning("config", detail);
        else if (happened != ConfigurationEvent.Published && _log.IsEnabled(LogLevel.Debug)) _log.Debug("config", $"{happened}: {detail}");
        else if (_state.HasInitialConfiguration && _live.WarmingClusters.Count == 0 && _live.WarmingListeners.Count == 0) _state.ConfigurationComplete();
    }

    private void WatchNames(ClusterEntry entry)
    {
        var dns = entry.Compiled.Config.Dns;
        var pace = new DnsWatch.Pace(dns.Family, dns.RefreshRate, dns.RespectTtl, dns.FailureBase, dns.FailureMax, dns.Jitter);
        for (var i = 0; i < entry.Compiled.Names.Count; i++)
        {
            var index = i;
            _ = Task.Run(() => _dns.RunAsync(
                entry.Compiled.Names[index].Host, pace, answer => _main.Post(() => _live.SetAnswer(entry, index, answer)), entry.Ended.Token));
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(Tick, _time);
        while (await timer.WaitForNextTickAsync(_ending.Token)) _main.Post(_live.OnTick);
    }

    private async Task DrainAsync(Sidecar sidecar)
    {
        _state.Draining();
        _log.Info("main", $"draining for at most {_settings.TerminationDrain.TotalSeconds:0} s");
        await sidecar.DrainAsync();
        var began = _time.GetTimestamp();
        while (sidecar.Connections > 0 && _time.GetElapsedTime(began) < _settings.TerminationDrain) await Task.Delay(DrainPoll, _time);
    }
}
