using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.ApiServer.Tables;
using Fairlead.Config.Kinds;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Watch;

/// <summary>A watch over HTTP: one JSON line per change until its time is over, the client leaves, or it falls behind.</summary>
internal sealed class WatchEndpoint(ObjectStore store, TableRenderer tables, TimeProvider time)
{
    /// <summary>Without <c>timeoutSeconds</c> a watch ends after this long, and the client begins a new one (the real server: 30 to 60 min).</summary>
    private static readonly TimeSpan DefaultLife = TimeSpan.FromMinutes(30);

    private static readonly TimeSpan BookmarkEvery = TimeSpan.FromMinutes(1);

    /// <summary>For a client that was cut: time to read what is under way and its 410, before the connection is closed.</summary>
    private static readonly TimeSpan CutGrace = TimeSpan.FromSeconds(10);

    public async Task AnswerAsync(HttpContext context, KindDescriptor kind, RequestTarget target)
    {
        var query = context.Request.Query;
        var selection = Selection.Of(query, kind, target.Version, target.Namespace);
        if (target.Name.Length > 0)
            selection = selection with { Fields = FieldSelector.Parse($"metadata.name={target.Name}", kind, target.Version) };
        var form = AcceptedForm.Of(context.Request);
        var initial = query.Flag("sendInitialEvents");
        if (initial && query.Text("resourceVersionMatch") != "NotOlderThan")
            throw new Refusal(422, "Invalid", "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        var state = store.State;
        var since = Since(query.Text("resourceVersion"), state);
        var replay = initial || since is null;
        using var watcher = store.Changes.Subscribe(kind, replay ? state.Revision : since!.Value);
        context.Response.ContentType = form.Form == AnswerForm.Json ? "application/json" : $"application/json;as={form.Form};g=meta.k8s.io;v={form.Version}";
        var life = query.Number("timeoutSeconds") is > 0 and var seconds ? TimeSpan.FromSeconds(Math.Min(seconds, 24 * 3600)) : DefaultLife;
        using var end = new CancellationTokenSource(life, time);
        using var stalled = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, stalled.Token, context.RequestAborted);
        var session = new Session(context.Response.BodyWriter, kind, target.Version, selection, form, tables, ResourceEndpoints.TableObjects(context));
        if (watcher is null)
        {
            session.Expired(since!.Value, store.Changes.Range.Oldest);
            await session.FlushAsync(context.RequestAborted);
            return;
        }
        watcher.OnCut = () => stalled.CancelAfter(CutGrace);
        try
        {
            if (replay)
                session.Replay(state, target.Namespace);
            if (initial && query.Flag("allowWatchBookmarks"))
                session.Bookmark(state.Revision, initialEnd: true);
            // The headers go out at once, also when nothing has happened yet: clients wait for them.
            await context.Response.StartAsync(either.Token);
            await session.FlushAsync(either.Token);
            await FollowAsync(session, watcher, query.Flag("allowWatchBookmarks"), either.Token);
        }
        catch (OperationCanceledException) when (stalled.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested)
        {
            // The watch's time is over: a clean end of the stream is the answer.
            return;
        }
    }

    private async Task FollowAsync(Session session, Watcher watcher, bool bookmarks, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(BookmarkEvery, time);
        var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
        var more = watcher.Reader.WaitToReadAsync(cancellation).AsTask();
        while (true)
        {
            if (await Task.WhenAny(more, tick) == tick)
            {
                await tick;
                if (bookmarks)
                {
                    // Everything up to this revision was offered before it was read.
                    var revision = store.Changes.Range.Latest;
                    if (!watcher.Reader.TryPeek(out _))
                        session.Bookmark(revision, initialEnd: false);
                    await session.FlushAsync(cancellation);
                }
                tick = timer.WaitForNextTickAsync(cancellation).AsTask();
                continue;
            }
            if (!await more)
                break;
            while (watcher.Reader.TryRead(out var change))
            {
                session.Show(change);
                if (session.ShouldFlush)
                    await session.FlushAsync(cancellation);
            }
            await session.FlushAsync(cancellation);
            more = watcher.Reader.WaitToReadAsync(cancellation).AsTask();
        }
        if (watcher.WasCut)
        {
            session.Expired(0, store.Changes.Range.Latest);
            await session.FlushAsync(cancellation);
        }
    }

    /// <summary>The revision to follow from; null: begin with what there is.</summary>
    private static long? Since(string text, StoreState state)
    {
        if (text is "" or "0")
            return null;
        var revision = ResourceReader.Revision(text);
        return revision <= state.Revision ? revision : throw Refusal.FutureVersion(revision, state.Revision);
    }

    private sealed class Session(
        PipeWriter pipe, KindDescriptor kind, string version, Selection selection, AcceptedForm form, TableRenderer tables, string tableObjects)
    {
        private const int FlushBytes = 32 << 10;
        private readonly string formKey = form.Form == AnswerForm.Json ? version : $"{form.Key}/{version}/{tableObjects}";

        public bool ShouldFlush => pipe.UnflushedBytes > FlushBytes;

        public async ValueTask FlushAsync(CancellationToken cancellation)
        {
            var result = await pipe.FlushAsync(cancellation);
            if (result.IsCompleted)
                throw new OperationCanceledException("the client closed the watch");
        }

        public void Replay(StoreState state, string @namespace)
        {
            foreach (var stored in state.In(kind, @namespace))
            {
                if (selection.Matches(stored))
                    pipe.Write(Line(ChangeType.Added, stored));
            }
        }

        /// <summary>A change as this watcher sees it: what begins or ends to match is an addition or a removal.</summary>
        public void Show(StoreEvent change)
        {
            var matches = change.Type != ChangeType.Deleted && selection.Matches(change.Object);
            var matched = change.Previous is not null && selection.Matches(change.Previous);
            if (!matches && !matched)
                return;
            var shown = matches ? matched ? ChangeType.Modified : ChangeType.Added : ChangeType.Deleted;
            pipe.Write(change.Line(shown, formKey, Line));
        }

        public void Bookmark(long revision, bool initialEnd)
        {
            var metadata = new JsonObject { ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
            if (initialEnd)
                metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
            var mark = new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion(version), ["metadata"] = metadata };
            var shown = form.Form switch
            {
                AnswerForm.Table => tables.Render(kind, version, [], revision.ToString(CultureInfo.InvariantCulture), form.Version, tableObjects),
                AnswerForm.Metadata => TableRenderer.MetadataOnly(new KubeObject(mark), form.Version),
                _ => mark,
            };
            Write("BOOKMARK", shown);
        }

        public void Expired(long asked, long oldest) => Write("ERROR", asked == 0
            ? Refusal.Expired("the watch fell behind and was cut: too many changes were waiting for this client; list again").ToStatus()
            : Refusal.Expired($"too old resource version: {asked} ({oldest})").ToStatus());

        private byte[] Line(ChangeType type, StoredObject stored)
        {
            if (form.Form == AnswerForm.Json)
                return StoreEvent.JsonLine(type, stored, version);
            var tree = stored.Read();
            var shown = form.Form == AnswerForm.Table
                ? tables.Render(kind, version, [tree], tree.ResourceVersion, form.Version, tableObjects)
                : TableRenderer.MetadataOnly(tree, form.Version);
            return Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type.ToString().ToUpperInvariant(), ["object"] = shown }.ToJsonString(JsonText.Relaxed) + "\n");
        }

        private void Write(string type, JsonObject shown) =>
            pipe.Write(Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = shown }.ToJsonString(JsonText.Relaxed) + "\n"));
    }
}
