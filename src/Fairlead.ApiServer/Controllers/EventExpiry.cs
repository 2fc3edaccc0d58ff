using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Watch;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Controllers;

/// <summary>Events are kept for an hour (the real server's default), then removed.</summary>
internal sealed class EventExpiry(ObjectStore store, ResourceRemoval removal, TimeProvider time) : IController
{
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    public string Name => "event-expiry";
    public IReadOnlyList<KindDescriptor> Watched { get; } = [KindTable.Event];

    public IEnumerable<ResourceKey> Touched(StoreEvent change) => change.Type == ChangeType.Added ? [change.Object.Key] : [];

    public async Task<TimeSpan?> ReconcileAsync(ResourceKey key, CancellationToken cancellation)
    {
        if (store.State.Find(key) is not { } stored)
            return null;
        var happened = stored.Read();
        var last = JsonPath.Moment(happened.Root.TextAt("lastTimestamp")) ?? JsonPath.Moment(happened.CreationTimestamp) ?? time.GetUtcNow();
        var left = last + Life - time.GetUtcNow();
        if (left > TimeSpan.Zero)
            return left + TimeSpan.FromSeconds(1);
        await removal.DeleteAsync(ResourceRequest.Internal(Name, key.Kind, key.Namespace, key.Name, cancellation), new DeleteOptions { Uid = stored.Uid });
        return null;
    }
}
