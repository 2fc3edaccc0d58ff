using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.KubeClient.Tests;

/// <summary>
/// As much of an API server as a client's faults need: one revision counter, lists in pages, watches that can be cut, a history that can be forgotten.
/// </summary>
internal sealed class StandInServer : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, JsonObject> objects = new(StringComparer.Ordinal);
    private readonly List<(long Revision, string Path, string Line)> history = [];
    private readonly ConcurrentDictionary<Channel<string>, string> watches = new();
    private WebApplication? server;
    private long revision = 10;
    private long forgotten;

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Requests to answer with this status first.</summary>
    public ConcurrentQueue<int> Refusals { get; } = new();

    public int OpenWatches => watches.Count;

    public Uri Url { get; private set; } = new("http://127.0.0.1:1");

    public static async Task<StandInServer> StartAsync()
    {
        var standIn = new StandInServer();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        standIn.server = builder.Build();
        standIn.server.Run(standIn.HandleAsync);
        await standIn.server.StartAsync();
        standIn.Url = new Uri(standIn.server.Urls.First());
        return standIn;
    }

    public async ValueTask DisposeAsync()
    {
        CutWatches();
        if (server is not null)
            await server.DisposeAsync();
    }

    public void Put(string ns, string name, string value, string? uid = null)
    {
        lock (gate)
        {
            var path = $"/api/v1/namespaces/{ns}/configmaps/{name}";
            var exists = objects.TryGetValue(path, out var before) && (uid is null || before["metadata"]!["uid"]!.GetValue<string>() == uid);
            var target = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name, ["namespace"] = ns, ["uid"] = uid ?? before?["metadata"]?["uid"]?.GetValue<string>() ?? $"uid-{name}", ["resourceVersion"] = (++revision).ToString(),
                },
                ["data"] = new JsonObject { ["value"] = value },
            };
            objects[path] = target;
            Tell(exists ? "MODIFIED" : "ADDED", path, target);
        }
    }

    public void Remove(string ns, string name)
    {
        lock (gate)
        {
            var path = $"/api/v1/namespaces/{ns}/configmaps/{name}";
            if (!objects.Remove(path, out var target))
                return;
            target["metadata"]!["resourceVersion"] = (++revision).ToString();
            Tell("DELETED", path, target);
        }
    }

    public void Bookmark()
    {
        lock (gate)
            Send($$$$"""{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"{{{{revision}}}}"}}}""");
    }

    /// <summary>Ends every watch in the middle, without a word.</summary>
    public void CutWatches()
    {
        foreach (var watch in watches.Keys)
            watch.Writer.TryComplete();
    }

    /// <summary>As after a compaction: watches from before now get 410.</summary>
    public void Forget()
    {
        lock (gate)
        {
            forgotten = revision;
            history.Clear();
        }
    }

    public IReadOnlyDictionary<string, string> Content()
    {
        lock (gate)
            return objects.Values.ToDictionary(value => value["metadata"]!["name"]!.GetValue<string>(), value => value["data"]!["value"]!.GetValue<string>());
    }

    private void Tell(string type, string path, JsonObject target)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = target.DeepClone() };
        line["object"]!["kind"] = "ConfigMap";
        line["object"]!["apiVersion"] = "v1";
        var text = line.ToJsonString();
        history.Add((revision, path, text));
        Send(text);
    }

    private void Send(string line)
    {
        foreach (var watch in watches.Keys)
            watch.Writer.TryWrite(line);
    }

    private async Task HandleAsync(HttpContext context)
    {
        Requests.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
        if (Refusals.TryDequeue(out var status))
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsync("refused by the test");
            return;
        }
        if (context.Request.Query["watch"] == "true")
            await WatchAsync(context);
        else if (HttpMethods.IsGet(context.Request.Method) && context.Request.Path == "/api/v1/configmaps")
            await ListAsync(context);
        else
            await NotFoundAsync(context);
    }

    private async Task ListAsync(HttpContext context)
    {
        var list = new JsonObject { ["kind"] = "ConfigMapList", ["apiVersion"] = "v1" };
        lock (gate)
        {
            var after = context.Request.Query["continue"].ToString();
            var page = objects.Where(entry => string.CompareOrdinal(entry.Key, after) > 0).Take(3).ToList();
            var last = page.Count > 0 ? page[^1].Key : after;
            var metadata = new JsonObject { ["resourceVersion"] = revision.ToString() };
            if (objects.Keys.Any(key => string.CompareOrdinal(key, last) > 0))
                metadata["continue"] = last;
            list["metadata"] = metadata;
            // As Kubernetes: items of a list carry neither kind nor apiVersion.
            list["items"] = new JsonArray([.. page.Select(entry => (JsonNode)entry.Value.DeepClone())]);
        }
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(list.ToJsonString());
    }

    private async Task WatchAsync(HttpContext context)
    {
        var from = long.Parse(context.Request.Query["resourceVersion"].ToString());
        var watch = Channel.CreateUnbounded<string>();
        lock (gate)
        {
            if (from < forgotten)
            {
                watch.Writer.TryWrite($$$"""{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410,"message":"too old resource version: {{{from}}} ({{{forgotten}}})"}}""");
                watch.Writer.TryComplete();
            }
            else
            {
                foreach (var (at, _, line) in history)
                {
                    if (at > from)
                        watch.Writer.TryWrite(line);
                }
                watches[watch] = "";
            }
        }
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        try
        {
            await foreach (var line in watch.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            watches.TryRemove(watch, out _);
        }
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = 404;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"configmaps \"x\" not found","reason":"NotFound","code":404}""");
    }
}
