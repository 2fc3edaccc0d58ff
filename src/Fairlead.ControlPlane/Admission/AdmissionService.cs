using System.Buffers;
using System.Text;
using System.Text.Json;
using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Injection;
using Fairlead.ControlPlane.Serve;
using Fairlead.KubeClient;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Admission;

/// <summary>The webhooks over HTTP: <c>/inject</c> and <c>/validate</c>. Closed (503) until the caches have synced, so that nothing is decided from half a view.</summary>
internal sealed class AdmissionService(
    ResourceStore store, KubeConnection connection, InjectionSettings settings, UnknownDestinations unknown, PilotMetrics metrics, TimeProvider time,
    ILogger<AdmissionService> log)
{
    /// <summary>How long an author waits for warnings; an analysis of a very large mesh that takes longer is left to <c>fairlead analyze</c>.</summary>
    private static readonly TimeSpan AnalysisLimit = TimeSpan.FromSeconds(2);

    /// <summary>Longest review, bytes: the API server accepts objects of 3 MiB, and a review holds the old and the new one.</summary>
    private const int MaxReviewBytes = 8 * 1024 * 1024;

    public async Task HandleAsync(HttpContext context)
    {
        var cancel = context.RequestAborted;
        if (context.Request.Path.Value is not ("/inject" or "/validate") || !HttpMethods.IsPost(context.Request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, "POST an AdmissionReview to /inject or /validate").ConfigureAwait(false);
            return;
        }
        if (!store.IsSynced)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "the control plane is still reading the cluster; try again").ConfigureAwait(false);
            return;
        }
        AdmissionRequest request;
        try
        {
            request = AdmissionRequest.Read(KubeObject.Parse(await ReadBodyAsync(context, cancel).ConfigureAwait(false)));
        }
        catch (Exception fault) when (fault is JsonException or InvalidDataException)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, fault.Message).ConfigureAwait(false);
            return;
        }
        var answer = context.Request.Path == "/inject"
            ? await InjectAsync(request, cancel).ConfigureAwait(false)
            : await ValidateAsync(request, cancel).ConfigureAwait(false);
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToReview(request.Uid).ToJson(), cancel).ConfigureAwait(false);
    }

    private async Task<AdmissionAnswer> InjectAsync(AdmissionRequest request, CancellationToken cancel)
    {
        if (request.Object is not { } pod || request.Operation != "CREATE")
            return AdmissionAnswer.Unchanged;
        var ns = request.Namespace.Length > 0 ? request.Namespace : pod.Namespace;
        var answer = SidecarInjector.Answer(pod, ns, await NamespaceLabelsAsync(ns, cancel).ConfigureAwait(false), CurrentSettings());
        metrics.Injections.Increment();
        if (!answer.Allowed) metrics.InjectionsFailed.Increment("invalid_pod");
        else if (answer.Patch is null) metrics.InjectionsSkipped.Increment();
        else metrics.InjectionsDone.Increment();
        log.LogInformation("pod {Namespace}/{Pod}: {Outcome}", ns, pod.Name.Length > 0 ? pod.Name : pod.Metadata["generateName"]?.ToString(),
            !answer.Allowed ? answer.Message : answer.Patch is null ? "not injected" : "sidecar injected");
        return answer;
    }

    private async Task<AdmissionAnswer> ValidateAsync(AdmissionRequest request, CancellationToken cancel)
    {
        if (request.Object is not { } target || request.Operation is not ("CREATE" or "UPDATE") || KindTable.Find(target) is not { } kind)
            return AdmissionAnswer.Unchanged;
        if (request.Namespace.Length > 0)
            target.Metadata["namespace"] = request.Namespace;
        var review = Task.Run(() => ConfigurationReview.Of(target, store.View, unknown.Observed()), cancel);
        AdmissionAnswer answer;
        try
        {
            answer = await review.WaitAsync(AnalysisLimit, time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            answer = ConfigurationReview.WithoutMesh(target, $"the mesh is too large to be analyzed in {AnalysisLimit.TotalSeconds:0} s: run fairlead analyze");
        }
        var version = target.ApiVersion[(target.ApiVersion.LastIndexOf('/') + 1)..];
        if (answer.Allowed) metrics.ValidationsPassed.Increment(kind.Group, version, kind.Plural);
        else metrics.ValidationsFailed.Increment(kind.Group, version, kind.Plural, "invalid_resource");
        if (!answer.Allowed)
            log.LogInformation("{Kind} {Namespace}/{Name} refused: {Message}", target.Kind, target.Namespace, target.Name, answer.Message);
        return answer;
    }

    private async Task<IReadOnlyDictionary<string, string>> NamespaceLabelsAsync(string ns, CancellationToken cancel)
    {
        if (store.View.Find(KindTable.Namespace, "", ns) is { } known)
            return known.Labels;
        try
        {
            // Made a moment ago: the watch has not told us yet.
            return (await connection.FindAsync(KindTable.Namespace, null, ns, cancel).ConfigureAwait(false))?.Labels ?? new Dictionary<string, string>();
        }
        catch (Exception fault) when (fault is KubeStatusException or HttpRequestException)
        {
            log.LogWarning("namespace {Namespace} cannot be read: {Message}", ns, fault.Message);
            return new Dictionary<string, string>();
        }
    }

    private InjectionSettings CurrentSettings()
    {
        var mesh = store.View.Find(KindTable.ConfigMap, WatchedKinds.RootNamespace, WatchedKinds.MeshConfigMap)?.Root["data"]?[MeshConfig.ConfigMapKey];
        if (mesh is null || new YamlReader().ReadMapping(mesh.GetValue<string>(), "mesh", out _) is not { } tree)
            return settings;
        var parsed = MeshConfig.Read(tree);
        return settings with
        {
            TrustDomain = parsed.TrustDomain,
            DefaultProxyConfig = tree["defaultConfig"] as System.Text.Json.Nodes.JsonObject ?? settings.DefaultProxyConfig,
        };
    }

    private static async Task<byte[]> ReadBodyAsync(HttpContext context, CancellationToken cancel)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancel).ConfigureAwait(false);
            if (read.Buffer.Length > MaxReviewBytes)
                throw new InvalidDataException($"the review is longer than {MaxReviewBytes} bytes");
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(message + "\n", Encoding.UTF8, context.RequestAborted).ConfigureAwait(false);
    }
}
