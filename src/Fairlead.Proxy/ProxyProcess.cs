using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Fairlead.Proxy.Admin;
using Fairlead.Proxy.Bootstrap;
using Fairlead.Proxy.Dns;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Snapshot.Ads;
using Fairlead.Proxy.Snapshot.Compile;
using Fairlead.Proxy.Snapshot.Live;
using Fairlead.Proxy.Telemetry.Logging;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy;

/// <summary>
/// The process from start to exit: static configuration, workers, admin ports, then the control plane; a signal drains and ends
/// it. Everything is constructed here, in this order.
/// </summary>
internal sealed class ProxyProcess : IDisposable
{
    private const int SigUsr1 = 10;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1); // warming deadlines have whole seconds
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(100);

    private readonly ProxySettings _settings;
    private readonly ProcessLog _log;
    private readonly TimeProvider _time;
    private readonly StatRegistry _stats = new();
    private readonly SnapshotStore _store = new();
    private readonly MainLoop _main = new();
    private readonly LiveConfiguration _live;
    private readonly ServerState _state;
    private readonly DnsWatch _dns;
    private readonly CancellationTokenSource _ending = new();

    public ProxyProcess(ProxySettings settings, ProcessLog log, TimeProvider time)
    {
        _settings = settings;
        _log = log;
        _time = time;
        var environment = new OperatorEnvironment(time, System.Net.Dns.GetHostName(), name => settings.Variables.GetValueOrDefault(name));
        var context = new CompileContext
        {
            Stats = _stats,
            Formats = new LogFormatCompiler(environment),
            PeerId = System.Text.Encoding.UTF8.GetBytes(settings.Node.Id),
            PeerMetadata = PeerMetadata.Encode(settings.Node.Metadata),
            Runtime = BootstrapLoader.Runtime(settings.Bootstrap.LayeredRuntime),
            ReadFile = File.ReadAllBytes,
            ReadEnvironment = name => settings.Variables.GetValueOrDefault(name),
        };
        _live = new LiveConfiguration(_store, context, time);
        _state = new ServerState(_stats, time, settings.Workers);
        var resolver = new DnsResolver(time, static () => ResolverSettings.Parse(ReadIfThere("/etc/resolv.conf")), static () => ReadIfThere("/etc/hosts"));
        _dns = new DnsWatch(resolver, time, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
    }

    public async Task<int> RunAsync()
    {
        AdsTarget? target;
        try
        {
            _live.WatchNames = WatchNames;
            _live.Happened = OnConfiguration;
            target = AdsTargets.Find(_settings);
            ApplyStatic();
        }
        catch (ConfigException e)
        {
            _log.Error("config", e.Message);
            return 1;
        }
        if (_settings.Flags.ValidateOnly)
        {
            await Console.Out.WriteLineAsync($"configuration '{_settings.Flags.ConfigPath ?? "sidecar"}' OK");
            return 0;
        }
        return await ServeAsync(target);
    }

    public void Dispose() => _ending.Dispose();

    private static string ReadIfThere(string path) => File.Exists(path) ? File.ReadAllText(path) : string.Empty;

    private async Task<int> ServeAsync(AdsTarget? target)
    {
        var options = new SidecarOptions(_settings.Workers, null, BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)));
        await using var sidecar = new Sidecar(options, _store, _stats, _time, message => _log.Warning("worker", message));
        await sidecar.StartAsync();
        _state.WorkersStarted(() => sidecar.Connections);
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, stop));
        using var reopen = PosixSignalRegistration.Create((PosixSignal)SigUsr1, context => Reopen(context, sidecar));
        var loop = _main.ProcessAsync(_ending.Token);
        var clock = TickAsync();
        var admin = new AdminPorts(_settings, _log, _state, _live, _main, _stats, sidecar, () => stop.TrySetResult());
        admin.Start(_ending.Token);
        var control = target is null ? Task.CompletedTask : StartControl(target);
        if (target is null) _state.ConfigurationComplete();
        _log.Info("main", $"serving with {_settings.Workers} workers as {_settings.Node.Id}");
        var first = await Task.WhenAny(stop.Task, sidecar.Ended, loop);
        if (first == stop.Task) await DrainAsync(sidecar);
        await _ending.CancelAsync();
        await Task.WhenAll(loop, clock, control).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!first.IsFaulted) return 0;
        _log.Error("main", first.Exception!.ToString());
        return 1;
    }

    private static void Reopen(PosixSignalContext context, Sidecar sidecar)
    {
        context.Cancel = true;
        _ = sidecar.ReopenLogsAsync();
    }

    private static void Stop(PosixSignalContext context, TaskCompletionSource stop)
    {
        context.Cancel = true;
        stop.TrySetResult();
    }

    private void ApplyStatic()
    {
        var resources = _settings.Bootstrap.StaticResources;
        if (resources is null) return;
        var controlCluster = AdsTargets.ClusterOf(_settings.Bootstrap);
        var clusters = _live.ChangeClusters([.. resources.Clusters.Where(cluster => cluster.Name != controlCluster)], [], string.Empty, isDynamic: false);
        var listeners = _live.ChangeListeners([.. resources.Listeners], [], string.Empty, isDynamic: false);
        var errors = clusters.Errors.Concat(listeners.Errors).Select(error => error.Reason).ToList();
        if (errors.Count > 0) throw new ConfigException("static_resources", string.Join("; ", errors));
    }

    private Task StartControl(AdsTarget target)
    {
        var report = new AdsReport
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
        var client = new AdsClient(
            target, _settings.Node, new ResourceSink(_live), _main, report, _time, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)));
        return client.RunAsync(_ending.Token);
    }

    private void OnUpdate(string typeUrl, string version, string? refusal)
    {
        _state.Updated(typeUrl, refusal is null);
        var name = Xds.Names.TypeUrl.ShortName(typeUrl);
        if (refusal is not null) _log.Warning("xds", $"{name} version {version} refused: {refusal}");
        else _log.Debug("xds", $"{name} version {version} accepted");
        if (_state.HasInitialConfiguration && _live.WarmingClusters.Count == 0 && _live.WarmingListeners.Count == 0) _state.ConfigurationComplete();
    }

    private void OnConfiguration(ConfigurationEvent happened, string detail)
    {
        _state.Happened(happened, _live);
        if (happened is ConfigurationEvent.ResolutionFailed or ConfigurationEvent.WarmingTimedOut) _log.Warning("config", detail);
        else if (happened != ConfigurationEvent.Published) _log.Debug("config", $"{happened}: {detail}");
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
