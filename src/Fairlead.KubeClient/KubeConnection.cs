using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>
/// One API server, embedded or Kubernetes: get, list, watch, create, update, patch, delete and status of any kind, as <see cref="KubeObject"/>.
/// Safe for concurrent use; requests share HTTP/2 connections where the server offers them.
/// </summary>
public sealed class KubeConnection : IDisposable
{
    /// <summary>Objects per page of a list (the figure that client-go uses); bounds what one answer holds in memory.</summary>
    public const int ListPageSize = 500;

    /// <summary>A request other than a watch or a list is given up after this long: longer than the slowest admission webhook may take (30 s).</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>A projected token is read again after this long; Kubernetes renews it well before it ends.</summary>
    public static readonly TimeSpan TokenRereadInterval = TimeSpan.FromMinutes(1);

    private readonly KubeConfig config;
    private readonly TimeProvider time;
    private readonly HttpClient client;
    private readonly Lock tokenGate = new();
    private string token = "";
    private long tokenReadAt;

    public KubeConnection(KubeConfig config, TimeProvider time)
    {
        this.config = config;
        this.time = time;
        client = new HttpClient(Handler(config)) { BaseAddress = config.Server, Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("fairlead", typeof(KubeConnection).Assembly.GetName().Version?.ToString(3) ?? "0"));
        client.DefaultRequestHeaders.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
    }

    public Uri Server => config.Server;

    public async Task<KubeObject> GetAsync(KindDescriptor kind, string? ns, string name, CancellationToken cancel = default) =>
        await SendObjectAsync(HttpMethod.Get, ResourcePath.Named(kind, ns, name), null, "", cancel).ConfigureAwait(false);

    /// <summary>The object, or null when there is none.</summary>
    public async Task<KubeObject?> FindAsync(KindDescriptor kind, string? ns, string name, CancellationToken cancel = default)
    {
        try
        {
            return await GetAsync(kind, ns, name, cancel).ConfigureAwait(false);
        }
        catch (KubeStatusException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>All objects in scope, page by page. A page that expired meanwhile is a <see cref="KubeStatusException"/> with <c>IsExpired</c>.</summary>
    public async Task<KubeList> ListAsync(KindDescriptor kind, ListScope? scope = null, CancellationToken cancel = default)
    {
        scope ??= ListScope.Everywhere;
        var items = new List<KubeObject>();
        var next = "";
        while (true)
        {
            var path = ResourcePath.Collection(kind, scope.Namespace) + ResourcePath.Query(
                ("labelSelector", scope.LabelSelector), ("fieldSelector", scope.FieldSelector), ("limit", ListPageSize.ToString()), ("continue", next));
            var page = await SendObjectAsync(HttpMethod.Get, path, null, "", cancel).ConfigureAwait(false);
            foreach (var node in page.Root["items"] as JsonArray ?? [])
            {
                if (node is JsonObject item)
                    items.Add(Complete(new KubeObject((JsonObject)item.DeepClone()), kind));
            }
            next = page.Metadata["continue"] is JsonValue value && value.TryGetValue(out string? more) ? more : "";
            if (next.Length == 0)
                return new KubeList(page.ResourceVersion, items);
        }
    }

    public async Task<KubeObject> CreateAsync(KindDescriptor kind, KubeObject target, CancellationToken cancel = default)
    {
        if (kind.Namespaced && target.Namespace.Length == 0)
            throw new ArgumentException($"{target} lives in a namespace; none was given", nameof(target));
        return await SendObjectAsync(HttpMethod.Post, ResourcePath.Collection(kind, target.Namespace), target.Root, "application/json", cancel).ConfigureAwait(false);
    }

    /// <summary>Replaces the object; its <c>resourceVersion</c>, when set, must be the stored one (else <c>IsConflict</c>).</summary>
    public async Task<KubeObject> UpdateAsync(KindDescriptor kind, KubeObject target, CancellationToken cancel = default) =>
        await SendObjectAsync(HttpMethod.Put, ResourcePath.Named(kind, target.Namespace, target.Name), target.Root, "application/json", cancel).ConfigureAwait(false);

    public async Task<KubeObject> UpdateStatusAsync(KindDescriptor kind, KubeObject target, CancellationToken cancel = default) =>
        await SendObjectAsync(HttpMethod.Put, ResourcePath.Named(kind, target.Namespace, target.Name, "status"), target.Root, "application/json", cancel).ConfigureAwait(false);

    /// <summary>Patches the object or, with <paramref name="subresource"/> (<c>status</c>, <c>scale</c>), that part of it.</summary>
    public async Task<KubeObject> PatchAsync(
        KindDescriptor kind, string? ns, string name, PatchType type, JsonNode patch, string subresource = "", string fieldManager = "fairlead", bool force = false, CancellationToken cancel = default)
    {
        var path = ResourcePath.Named(kind, ns, name, subresource) + ResourcePath.Query(
            ("fieldManager", fieldManager), ("force", force && type == PatchType.Apply ? "true" : ""));
        return await SendObjectAsync(HttpMethod.Patch, path, patch, MediaType(type), cancel).ConfigureAwait(false);
    }

    /// <summary>Deletes the object; false when there was none. <paramref name="graceSeconds"/> null leaves the object's own.</summary>
    public async Task<bool> DeleteAsync(KindDescriptor kind, string? ns, string name, int? graceSeconds = null, string uid = "", CancellationToken cancel = default)
    {
        var options = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "DeleteOptions", ["propagationPolicy"] = "Background" };
        if (graceSeconds is { } seconds)
            options["gracePeriodSeconds"] = seconds;
        if (uid.Length > 0)
            options["preconditions"] = new JsonObject { ["uid"] = uid };
        try
        {
            await SendObjectAsync(HttpMethod.Delete, ResourcePath.Named(kind, ns, name), options, "application/json", cancel).ConfigureAwait(false);
            return true;
        }
        catch (KubeStatusException missing) when (missing.IsNotFound)
        {
            return false;
        }
    }

    /// <summary>Any other request of the API that answers with one JSON object (TokenRequest, reviews, <c>/version</c>).</summary>
    public async Task<KubeObject> SendAsync(HttpMethod method, string pathAndQuery, JsonNode? body, CancellationToken cancel = default) =>
        await SendObjectAsync(method, pathAndQuery, body, body is null ? "" : "application/json", cancel).ConfigureAwait(false);

    /// <summary>
    /// What happens after <paramref name="resourceVersion"/>, until the server ends the watch (after <paramref name="timeout"/>) or the connection breaks.
    /// An ERROR event is thrown as <see cref="KubeStatusException"/> (<c>IsExpired</c>: list anew). <paramref name="opened"/> runs once the server has answered.
    /// </summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        KindDescriptor kind, string resourceVersion, TimeSpan timeout, ListScope? scope = null, Action? opened = null, [EnumeratorCancellation] CancellationToken cancel = default)
    {
        scope ??= ListScope.Everywhere;
        var path = ResourcePath.Collection(kind, scope.Namespace) + ResourcePath.Query(
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion),
            ("timeoutSeconds", ((int)timeout.TotalSeconds).ToString()), ("labelSelector", scope.LabelSelector), ("fieldSelector", scope.FieldSelector));
        using var request = Request(HttpMethod.Get, path, null, "");
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        await ThrowUnlessSuccess(answer, cancel).ConfigureAwait(false);
        opened?.Invoke();
        using var body = await answer.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await foreach (var line in JsonLines.ReadAsync(body, cancel).ConfigureAwait(false))
            yield return ReadEvent(line, kind);
    }

    public void Dispose()
    {
        client.Dispose();
        config.ClientCertificate?.Dispose();
    }

    private static WatchEvent ReadEvent(KubeObject line, KindDescriptor kind)
    {
        var type = line.Root["type"]?.GetValue<string>() ?? "";
        if (line.Root["object"] is not JsonObject node)
            throw new JsonException("an event of a watch carries no object");
        line.Root.Remove("object");
        var target = new KubeObject(node);
        return type switch
        {
            "ADDED" => new WatchEvent(WatchEventType.Added, Complete(target, kind)),
            "MODIFIED" => new WatchEvent(WatchEventType.Modified, Complete(target, kind)),
            "DELETED" => new WatchEvent(WatchEventType.Deleted, Complete(target, kind)),
            "BOOKMARK" => new WatchEvent(WatchEventType.Bookmark, target),
            "ERROR" => throw KubeStatusException.FromWatch(target),
            _ => throw new JsonException($"an event of a watch has the unknown type '{type}'"),
        };
    }

    /// <summary>Kubernetes leaves apiVersion and kind out of the items of a list of its own kinds.</summary>
    private static KubeObject Complete(KubeObject item, KindDescriptor kind)
    {
        if (item.Kind.Length == 0)
            item.Root["kind"] = kind.Kind;
        if (item.ApiVersion.Length == 0)
            item.Root["apiVersion"] = kind.ApiVersion(kind.StorageVersion);
        return item;
    }

    private async Task<KubeObject> SendObjectAsync(HttpMethod method, string path, JsonNode? body, string mediaType, CancellationToken cancel)
    {
        using var deadline = new CancellationTokenSource(RequestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, deadline.Token);
        try
        {
            using var request = Request(method, path, body, mediaType);
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token).ConfigureAwait(false);
            await ThrowUnlessSuccess(answer, either.Token).ConfigureAwait(false);
            var bytes = await answer.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false);
            return KubeObject.Parse(bytes);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            throw new HttpRequestException($"{method} {path}: no answer from {config.Server} within {RequestTimeout.TotalSeconds:0} s");
        }
        catch (JsonException fault)
        {
            throw new HttpRequestException($"{method} {path}: {config.Server} answered with something that is no JSON object: {fault.Message}", fault);
        }
    }

    private HttpRequestMessage Request(HttpMethod method, string path, JsonNode? body, string mediaType)
    {
        var request = new HttpRequestMessage(method, path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionOrLower };
        if (Bearer() is { Length: > 0 } bearer)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        // The handler takes the name that it sends as SNI and verifies from the Host header.
        if (config.TlsServerName.Length > 0)
            request.Headers.Host = config.TlsServerName;
        if (body is not null)
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString(JsonText.Relaxed))) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };
        return request;
    }

    private string Bearer()
    {
        if (config.TokenFile.Length == 0)
            return config.Token;
        lock (tokenGate)
        {
            if (token.Length == 0 || time.GetElapsedTime(tokenReadAt) > TokenRereadInterval)
            {
                token = File.ReadAllText(config.TokenFile).Trim();
                tokenReadAt = time.GetTimestamp();
            }
            return token;
        }
    }

    private static async Task ThrowUnlessSuccess(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (answer.IsSuccessStatusCode)
            return;
        var body = await answer.Content.ReadAsStringAsync(cancel).ConfigureAwait(false);
        throw KubeStatusException.FromAnswer((int)answer.StatusCode, body);
    }

    private static string MediaType(PatchType type) => type switch
    {
        PatchType.Merge => "application/merge-patch+json",
        PatchType.Apply => "application/apply-patch+yaml",
        PatchType.Json => "application/json-patch+json",
        PatchType.StrategicMerge => "application/strategic-merge-patch+json",
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not a patch type"),
    };

    private static SocketsHttpHandler Handler(KubeConfig config)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // A watch is silent for minutes: pings tell a quiet server from a dead one.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        if (config.ClientCertificate is { } certificate)
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        if (config.SkipTlsVerification)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, faults) => faults == SslPolicyErrors.None || config.SkipTlsVerification;
        }
        else if (config.Authorities.Count > 0)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(config.Authorities);
            handler.SslOptions.CertificateChainPolicy = policy;
        }
        return handler;
    }
}
