using System.Threading.Channels;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.ControlPlane.Translate;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Serve;

/// <summary>Turns changes of the store into published config: gathers bursts, makes one state of the newest view, and hands it to the hub.</summary>
internal sealed class PushLoop(ResourceStore store, DiscoveryHub hub, XdsGenerator generator, TimeProvider time, ILogger<PushLoop> log)
{
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Debounce debounce = new();
    private readonly Lock gate = new();
    private readonly long origin = time.GetTimestamp();
    private MeshSnapshot? snapshot;
    private long number;

    /// <summary>The store's view changed in a resource of this kind.</summary>
    public void Changed(KindDescriptor kind)
    {
        lock (gate)
            debounce.Changed(Now, kind == KindTable.EndpointSlice || kind == KindTable.Pod);
        wake.Writer.TryWrite(true);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            TimeSpan? wait;
            lock (gate)
                wait = debounce.Wait(Now);
            if (wait is not { } left || !store.IsSynced)
                await wake.Reader.ReadAsync(cancel).ConfigureAwait(false);
            else if (left > TimeSpan.Zero)
                await Task.Delay(left, time, cancel).ConfigureAwait(false);
            else
                Push();
        }
    }

    private TimeSpan Now => time.GetElapsedTime(origin);

    private void Push()
    {
        lock (gate)
            debounce.Pushed();
        var view = store.View;
        var began = time.GetTimestamp();
        snapshot = MeshSnapshot.Build(view, snapshot);
        hub.Metrics.SnapshotTime.Observe(time.GetElapsedTime(began).TotalSeconds);
        hub.Publish(new PushedConfig(++number, snapshot, generator, time.GetTimestamp()));
        log.LogDebug("config {Number} of view {View} published to {Proxies} proxies", number, view.Version, hub.Sessions.Count);
    }
}
