using System.Threading.Channels;
using Fairlead.ApiServer.Watch;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Fairlead.ApiServer.Store;

/// <summary>
/// The store: reads from memory, writes through one database. Concurrent writes wait in a queue and are committed together;
/// each is answered only when its batch is durable. One global revision numbers all writes.
/// </summary>
public sealed partial class ObjectStore : IAsyncDisposable
{
    /// <summary>Writes that may wait for the disk; more are refused by making the caller wait.</summary>
    private const int QueueLimit = 4096;

    /// <summary>Writes in one transaction: bounds the time that a batch holds the others up.</summary>
    private const int BatchLimit = 256;

    private readonly SqliteLog log;
    private readonly ILogger logger;
    private readonly Channel<Pending> queue = Channel.CreateBounded<Pending>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
    private readonly Task writer;
    private StoreState state;

    private ObjectStore(SqliteLog log, ILogger logger)
    {
        this.log = log;
        this.logger = logger;
        var (loaded, unserved) = log.Load();
        state = loaded;
        foreach (var (kind, count) in unserved)
            LogUnserved(kind, count);
        Changes = new ChangeHistory(state.Revision);
        writer = Task.Factory.StartNew(RunAsync, CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default).Unwrap();
    }

    /// <summary>Opens or creates the database file.</summary>
    public static ObjectStore Open(string path, ILogger logger) => new(SqliteLog.Open(path), logger);

    public StoreState State => Volatile.Read(ref state);

    public ChangeHistory Changes { get; }

    /// <summary>Queues a write and waits until it is durable and visible. Throws <see cref="StoreException"/> when the disk refuses.</summary>
    public async Task<WriteResult> CommitAsync(Write write, CancellationToken cancellation)
    {
        var pending = new Pending(write);
        await queue.Writer.WriteAsync(pending, cancellation);
        // Once queued, a write happens: its answer is not abandoned with the client.
        return await pending.Completion.Task;
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writer;
        log.Dispose();
    }

    private async Task RunAsync()
    {
        var batch = new List<Pending>(BatchLimit);
        while (await queue.Reader.WaitToReadAsync())
        {
            while (batch.Count < BatchLimit && queue.Reader.TryRead(out var pending))
                batch.Add(pending);
            try
            {
                CommitBatch(batch);
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // A defect met by one batch must not leave later writers waiting for ever.
                LogBatchFailed(fault, batch.Count);
                foreach (var pending in batch)
                    pending.Completion.TrySetException(new StoreException("the write failed inside the API server: " + fault.Message, fault));
            }
            batch.Clear();
        }
    }

    private void CommitBatch(List<Pending> batch)
    {
        var before = state;
        var revision = before.Revision;
        var overlay = new Dictionary<ResourceKey, StoredObject?>();
        var events = new List<StoreEvent>(batch.Count);
        var results = new WriteResult[batch.Count];
        for (var i = 0; i < batch.Count; i++)
            results[i] = Decide(before, overlay, events, batch[i].Write, ref revision);
        try
        {
            if (events.Count > 0)
                log.Commit(revision, overlay);
        }
        catch (SqliteException fault)
        {
            LogCommitFailed(fault, batch.Count);
            foreach (var pending in batch)
                pending.Completion.SetException(new StoreException("the database refused the write: " + fault.Message, fault));
            return;
        }
        if (events.Count > 0)
        {
            Volatile.Write(ref state, before.With(revision, overlay));
            Changes.Publish(events, revision);
        }
        for (var i = 0; i < batch.Count; i++)
            batch[i].Completion.SetResult(results[i]);
    }

    private static WriteResult Decide(
        StoreState before, Dictionary<ResourceKey, StoredObject?> overlay, List<StoreEvent> events, Write write, ref long revision)
    {
        var current = overlay.TryGetValue(write.Key, out var changed) ? changed : before.Find(write.Key);
        if (write.ExpectedRevision == 0 && current is not null)
            return new WriteResult(WriteOutcome.Exists, current);
        if (write.ExpectedRevision != 0 && current is null)
            return new WriteResult(WriteOutcome.Missing, null);
        if (write.ExpectedRevision != 0 && current!.Revision != write.ExpectedRevision)
            return new WriteResult(WriteOutcome.Stale, current);
        revision++;
        var next = StoredObject.Freeze(write.Key, revision, write.Next ?? current!.Read());
        overlay[write.Key] = write.Next is null ? null : next;
        var change = write.Next is null ? ChangeType.Deleted : current is null ? ChangeType.Added : ChangeType.Modified;
        events.Add(new StoreEvent(change, next, current));
        return new WriteResult(WriteOutcome.Done, next);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} objects of {Kind} are stored, a kind that this build does not serve; they are kept and not shown")]
    private partial void LogUnserved(string kind, int count);

    [LoggerMessage(Level = LogLevel.Critical, Message = "a batch of {Count} writes met a defect")]
    private partial void LogBatchFailed(Exception fault, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "a batch of {Count} writes failed; nothing of it is stored")]
    private partial void LogCommitFailed(Exception fault, int count);

    private sealed record Pending(Write Write)
    {
        public TaskCompletionSource<WriteResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>The database cannot be written; the whole batch of writes was dropped.</summary>
public sealed class StoreException(string message, Exception inner) : Exception(message, inner);
