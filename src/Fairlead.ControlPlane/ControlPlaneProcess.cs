using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Admission;
using Fairlead.ControlPlane.Authority;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Serve;
using Fairlead.ControlPlane.Status;
using Fairlead.ControlPlane.Translate;
using Fairlead.KubeClient;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane;

/// <summary>
/// One replica of the control plane, from its options to its end: reads the cluster, keeps authority and webhooks in place, serves proxies. Built by
/// hand, in the order in which a change travels: ingest, push, serve.
/// </summary>
public sealed class ControlPlaneProcess : IAsyncDisposable
{
    private readonly ControlPlaneOptions options;
    private readonly TimeProvider time;
    private readonly Random random;
    private readonly ILoggerFactory logs;
    private readonly KubeConnection connection;
    private readonly ResourceStore store = new([.. WatchedKinds.All.Select(watched => watched.Kind)]);
    private readonly DiscoveryHub hub;
    private readonly PushLoop pushes;
    private readonly UnknownDestinations unknown;
    private readonly TaskCompletionSource<IReadOnlyList<string>> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MeshAuthority? authority;

    public ControlPlaneProcess(ControlPlaneOptions options, TimeProvider time, Random random, ILoggerFactory logs)
    {
        (this.options, this.time, this.random, this.logs) = (options, time, random, logs);
        connection = new KubeConnection(options.Kube, time);
        hub = new DiscoveryHub(new PilotMetrics(), time);
        unknown = new UnknownDestinations(time);
        pushes = new PushLoop(store, hub, new XdsGenerator(), time, logs.CreateLogger<PushLoop>());
    }

    /// <summary>The URLs that are listened on, in the order secure discovery, plain discovery, monitoring, (monitoring on loopback,) webhooks.</summary>
    public Task<IReadOnlyList<string>> Listening => listening.Task;

    /// <summary>Runs until cancelled; a part that breaks ends the whole, with its reason.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        authority = await LoadAuthorityAsync(stop.Token).ConfigureAwait(false);
        await using var server = BuildServer(authority, stop.Token);
        await server.StartAsync(stop.Token).ConfigureAwait(false);
        listening.TrySetResult([.. server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses]);

        var synced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task> running =
        [
            IngestAsync(synced, stop.Token),
            pushes.RunAsync(stop.Token),
            new RootDistribution(connection, authority.RootPem, time, NextRandom(), logs.CreateLogger<RootDistribution>()).RunAsync(stop.Token),
            KeepWebhooksAsync(authority, synced.Task, stop.Token),
            KeepStatusesAsync(synced.Task, stop.Token),
            new QuietCollection(hub, time).RunAsync(stop.Token),
        ];
        var first = await Task.WhenAny(running).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        if (!cancel.IsCancellationRequested)
            await first.ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        listening.TrySetCanceled();
        hub.Dispose();
        connection.Dispose();
        authority?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<MeshAuthority> LoadAuthorityAsync(CancellationToken cancel)
    {
        var log = logs.CreateLogger<MeshAuthority>();
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), NextRandom());
        while (true)
        {
            try
            {
                return await MeshAuthority.LoadOrCreateAsync(connection, time, cancel).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is HttpRequestException or KubeStatusException)
            {
                log.LogWarning("waiting for the API server at {Server}: {Message}", connection.Server, fault.Message);
                await Task.Delay(backoff.Next(), time, cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task IngestAsync(TaskCompletionSource synced, CancellationToken cancel)
    {
        var log = logs.CreateLogger<ResourceStore>();
        var informer = new Informer(connection, WatchedKinds.All, time, NextRandom(), message => log.LogWarning("watching {Message}", message));
        await foreach (var change in informer.ChangesAsync(cancel).ConfigureAwait(false))
        {
            var mattered = store.Apply(change);
            if (change.Type == ChangeType.Synced)
            {
                if (!store.IsSynced)
                    continue;
                log.LogInformation("synced: {Services} services, {Pods} pods, {Entries} ServiceEntries",
                    store.View.Kind(KindTable.Service).Objects.Count, store.View.Kind(KindTable.Pod).Objects.Count, store.View.Kind(KindTable.ServiceEntry).Objects.Count);
                synced.TrySetResult();
                pushes.Changed(change.Kind);
            }
            else if (mattered)
            {
                hub.Metrics.ConfigEvents.Increment(change.Kind.Kind, change.Type.ToString().ToLowerInvariant());
                hub.Metrics.Triggers.Increment(change.Kind.Kind);
                pushes.Changed(change.Kind);
            }
        }
    }

    /// <summary>Pods are sent to us only once we can answer.</summary>
    private async Task KeepWebhooksAsync(MeshAuthority mesh, Task synced, CancellationToken cancel)
    {
        await synced.WaitAsync(cancel).ConfigureAwait(false);
        await new WebhookKeeper(connection, mesh.RootPem, options.Injection.Revision, time, NextRandom(), logs.CreateLogger<WebhookKeeper>()).RunAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>One replica writes statuses.</summary>
    private async Task KeepStatusesAsync(Task synced, CancellationToken cancel)
    {
        await synced.WaitAsync(cancel).ConfigureAwait(false);
        var log = logs.CreateLogger<LeaseElection>();
        var loop = new StatusLoop(store, hub, unknown, new StatusWriter(connection, time, logs.CreateLogger<StatusWriter>()), time, logs.CreateLogger<StatusLoop>());
        var election = new LeaseElection(
            connection, WatchedKinds.RootNamespace, "istio-leader", $"{Environment.MachineName}-{Environment.ProcessId}", time, NextRandom(), message => log.LogInformation("{Message}", message));
        await election.RunAsync(loop.RunAsync, cancel).ConfigureAwait(false);
    }

    private WebApplication BuildServer(MeshAuthority mesh, CancellationToken stopping)
    {
        var certificate = new ServingCertificate(mesh, time);
        var tokens = new TokenCheck(connection);
        var discovery = new DiscoveryService(hub, unknown, tokens, time, logs.CreateLogger<DiscoveryService>(), stopping);
        var monitoring = new MonitoringService(store, hub, new DebugPages(store, hub, unknown), tokens);
        var webhooks = new AdmissionService(store, connection, options.Injection, unknown, hub.Metrics, time, logs.CreateLogger<AdmissionService>());

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(logs);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration()
            .UseSockets(ControlPlaneListeners.ConfigureSockets)
            .ConfigureKestrel(kestrel => ControlPlaneListeners.Configure(kestrel, options, certificate));
        var server = builder.Build();
        server.Run(context => ControlPlaneListeners.RoleOf(context) switch
        {
            ListenerRole.SecureDiscovery or ListenerRole.PlainDiscovery => discovery.HandleAsync(context),
            ListenerRole.Monitoring => monitoring.HandleAsync(context),
            _ => webhooks.HandleAsync(context),
        });
        return server;
    }

    private Random NextRandom() => new(random.Next());
}
