using System.Text.Json;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>
/// Keeps a consumer equal to one kind of the API server: list, then watch from there, for ever. A cut watch continues where it was; an expired
/// resource version lists anew and delivers only the differences, so that nothing is missing and nothing comes twice.
/// </summary>
internal sealed class Reflector(KubeConnection connection, KindDescriptor kind, ListScope scope, TimeProvider time, Random random, Action<string> report)
{
    /// <summary>The first wait after a failure: a server that restarts on this machine is back within a second.</summary>
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait after a failure; a server that is down for longer is asked twice a minute.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>The server ends a watch after 5 to 10 minutes (client-go's figures), so that watches spread over its replicas.</summary>
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);

    /// <summary>How much longer than we asked for a server may keep a silent watch before we take it for dead.</summary>
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly Dictionary<(string Namespace, string Name), KubeObject> known = [];
    private readonly Backoff backoff = new(FirstWait, LongestWait, random);
    private string position = "";
    private bool synced;

    /// <summary>Runs until cancelled; <paramref name="deliver"/> is called by one caller at a time and may make us wait.</summary>
    public async Task RunAsync(Func<ResourceChange, CancellationToken, ValueTask> deliver, CancellationToken cancel)
    {
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            try
            {
                if (position.Length == 0)
                    await ListAsync(deliver, cancel).ConfigureAwait(false);
                await WatchAsync(deliver, cancel).ConfigureAwait(false);
                continue;
            }
            catch (KubeStatusException gone) when (gone.IsExpired)
            {
                report($"{kind.Plural}: the watch fell behind what the API server remembers ({gone.Message}); listing anew");
                position = "";
            }
            catch (KubeStatusException refused)
            {
                report($"{kind.Plural}: {refused.Message}");
                position = "";
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or JsonException or InvalidDataException)
            {
                report($"{kind.Plural}: {broken.Message}");
            }
            await Task.Delay(backoff.Next(), time, cancel).ConfigureAwait(false);
        }
    }

    private async Task ListAsync(Func<ResourceChange, CancellationToken, ValueTask> deliver, CancellationToken cancel)
    {
        var list = await connection.ListAsync(kind, scope, cancel).ConfigureAwait(false);
        var absent = new HashSet<(string, string)>(known.Keys);
        foreach (var item in list.Items)
        {
            absent.Remove(Key(item));
            await UpsertAsync(item, deliver, cancel).ConfigureAwait(false);
        }
        foreach (var key in absent)
        {
            known.Remove(key, out var last);
            await deliver(new ResourceChange(kind, ChangeType.Deleted, last), cancel).ConfigureAwait(false);
        }
        position = list.ResourceVersion;
        if (synced)
            return;
        synced = true;
        await deliver(new ResourceChange(kind, ChangeType.Synced, null), cancel).ConfigureAwait(false);
    }

    private async Task WatchAsync(Func<ResourceChange, CancellationToken, ValueTask> deliver, CancellationToken cancel)
    {
        var timeout = ShortestWatch * (1 + random.NextDouble());
        using var dead = new CancellationTokenSource(timeout + WatchGrace, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, dead.Token);
        try
        {
            await foreach (var change in connection.WatchAsync(kind, position, timeout, scope, backoff.Reset, either.Token).ConfigureAwait(false))
            {
                if (change.Type == WatchEventType.Deleted)
                    await RemoveAsync(change.Object, deliver, cancel).ConfigureAwait(false);
                else if (change.Type != WatchEventType.Bookmark)
                    await UpsertAsync(change.Object, deliver, cancel).ConfigureAwait(false);
                if (change.Object.ResourceVersion.Length > 0)
                    position = change.Object.ResourceVersion;
            }
        }
        catch (OperationCanceledException) when (dead.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new IOException("the API server neither ended nor continued the watch in time; watching anew");
        }
    }

    private async ValueTask UpsertAsync(KubeObject item, Func<ResourceChange, CancellationToken, ValueTask> deliver, CancellationToken cancel)
    {
        var key = Key(item);
        if (known.TryGetValue(key, out var before))
        {
            if (before.ResourceVersion == item.ResourceVersion && before.Uid == item.Uid)
                return;
            // Deleted and created again while we looked away: another object under the same name.
            if (before.Uid != item.Uid)
            {
                known.Remove(key);
                await deliver(new ResourceChange(kind, ChangeType.Deleted, before), cancel).ConfigureAwait(false);
                before = null;
            }
        }
        known[key] = item;
        await deliver(new ResourceChange(kind, before is null ? ChangeType.Added : ChangeType.Modified, item), cancel).ConfigureAwait(false);
    }

    private async ValueTask RemoveAsync(KubeObject item, Func<ResourceChange, CancellationToken, ValueTask> deliver, CancellationToken cancel)
    {
        if (known.Remove(Key(item)))
            await deliver(new ResourceChange(kind, ChangeType.Deleted, item), cancel).ConfigureAwait(false);
    }

    private static (string, string) Key(KubeObject item) => (item.Namespace, item.Name);
}
