using System.Threading.Channels;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer.Controllers;

/// <summary>What a controller watches, which of its keys a change touches, and what it does about a key.</summary>
internal interface IController
{
    string Name { get; }
    IReadOnlyList<KindDescriptor> Watched { get; }

    /// <summary>The keys to look at again after a change; also called for every object there is at the start.</summary>
    IEnumerable<ResourceKey> Touched(StoreEvent change);

    /// <summary>Makes the world fit the key's object; a time span asks to look again after it.</summary>
    Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation);
}

/// <summary>Runs one controller: a queue of keys without duplicates, one at a time, failures again with back-off.</summary>
internal sealed partial class ControllerLoop(IController controller, ObjectStore store, TimeProvider time, ILogger logger)
{
    /// <summary>First and longest wait before a failed key is tried again.</summary>
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(20);

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(20);

    private readonly Channel<ResourceKey> queue = Channel.CreateUnbounded<ResourceKey>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Keys in the queue: bounds it to one entry per object.</summary>
    private readonly HashSet<ResourceKey> queued = [];

    private readonly Dictionary<ResourceKey, int> failures = [];

    public async Task RunAsync(CancellationToken cancellation)
    {
        var feeds = controller.Watched.Select(kind => FeedAsync(kind, cancellation)).ToList();
        var work = WorkAsync(cancellation);
        await Task.WhenAll([.. feeds, work]);
    }

    private async Task FeedAsync(KindDescriptor kind, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var state = store.State;
            using var watcher = store.Changes.Subscribe(kind, state.Revision);
            foreach (var stored in state.Of(kind).Values)
                Enqueue(new StoreEvent(ChangeType.Added, stored, null));
            if (watcher is null)
                continue;
            while (await watcher.Reader.WaitToReadAsync(cancellation))
            {
                while (watcher.Reader.TryRead(out var change))
                    Enqueue(change);
            }
            // Cut for falling behind: everything is looked at anew.
        }
    }

    private void Enqueue(StoreEvent change)
    {
        foreach (var key in controller.Touched(change))
            Enqueue(key);
    }

    private void Enqueue(ResourceKey key)
    {
        lock (queued)
        {
            if (!queued.Add(key))
                return;
        }
        queue.Writer.TryWrite(key);
    }

    private async Task WorkAsync(CancellationToken cancellation)
    {
        await foreach (var key in queue.Reader.ReadAllAsync(cancellation))
        {
            lock (queued)
                queued.Remove(key);
            try
            {
                var again = await controller.ReconcileAsync(key, cancellation);
                failures.Remove(key);
                if (again is { } delay)
                    EnqueueLater(key, delay);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                var count = failures[key] = failures.GetValueOrDefault(key) + 1;
                var delay = TimeSpan.FromTicks(Math.Min(LongestDelay.Ticks, FirstDelay.Ticks << Math.Min(count, 16)));
                if (fault is Refusal { Code: 404 or 409 })
                    LogAgain(controller.Name, key.ToString(), fault.Message);
                else
                    LogFailed(controller.Name, key.ToString(), delay.TotalMilliseconds, fault is Refusal ? fault.Message : fault.ToString());
                EnqueueLater(key, delay);
            }
        }
    }

    private void EnqueueLater(ResourceKey key, TimeSpan delay)
    {
        ITimer? timer = null;
        timer = time.CreateTimer(_ =>
        {
            Enqueue(key);
            timer?.Dispose();
        }, null, delay, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Controller}: {Key} is tried again: {Fault}")]
    private partial void LogAgain(string controller, string key, string fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Controller}: {Key} failed, again in {Delay} ms: {Fault}")]
    private partial void LogFailed(string controller, string key, double delay, string fault);
}
