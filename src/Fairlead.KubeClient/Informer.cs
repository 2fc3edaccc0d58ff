using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Fairlead.KubeClient;

/// <summary>
/// Follows several kinds at once and hands every change to one consumer, one at a time, in the order of each kind. A consumer that is slow slows
/// the watches down; nothing is queued beyond <see cref="QueueLimit"/>.
/// </summary>
public sealed class Informer(KubeConnection connection, IReadOnlyList<WatchedKind> kinds, TimeProvider time, Random random, Action<string> report)
{
    /// <summary>Changes that wait for the consumer: one page of a list, so that reading and applying overlap.</summary>
    public const int QueueLimit = KubeConnection.ListPageSize;

    /// <summary>
    /// The changes from now on, first everything that exists as <see cref="ChangeType.Added"/>, then a <see cref="ChangeType.Synced"/> per kind, then
    /// what happens. Ends by cancellation only.
    /// </summary>
    public async IAsyncEnumerable<ResourceChange> ChangesAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        var queue = Channel.CreateBounded<ResourceChange>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var running = new List<Task>();
        foreach (var watched in kinds)
        {
            var reflector = new Reflector(connection, watched.Kind, watched.Scope, time, new Random(random.Next()), report);
            running.Add(FollowAsync(reflector, queue.Writer, stop.Token));
        }
        try
        {
            await foreach (var change in queue.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
                yield return change;
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private static async Task FollowAsync(Reflector reflector, ChannelWriter<ResourceChange> queue, CancellationToken stop)
    {
        try
        {
            await reflector.RunAsync(queue.WriteAsync, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The consumer left: the reflector's work is over.
            return;
        }
        catch (Exception broken)
        {
            // Not a fault of the world (those are retried): let the consumer see it.
            queue.TryComplete(broken);
        }
    }
}
