using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Authority;
using Fairlead.ControlPlane.Ingest;
using Fairlead.KubeClient;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ControlPlane.Serve;

/// <summary>Port 15014: readiness, metrics, and the debug endpoints behind a token (or loopback).</summary>
internal sealed class MonitoringService(ResourceStore store, DiscoveryHub hub, DebugPages pages, TokenCheck tokens)
{
    public async Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        switch (path)
        {
            case "/ready":
                await TextAsync(context, store.IsSynced && hub.Current is not null ? 200 : 503, store.IsSynced ? "ok\n" : "reading the cluster\n").ConfigureAwait(false);
                return;
            case "/healthz" or "/livez":
                await TextAsync(context, 200, "ok\n").ConfigureAwait(false);
                return;
            case "/metrics":
                context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
                await context.Response.WriteAsync(hub.Metrics.Render(Gauges()), context.RequestAborted).ConfigureAwait(false);
                return;
            default:
                await DebugAsync(context, path).ConfigureAwait(false);
                return;
        }
    }

    private async Task DebugAsync(HttpContext context, string path)
    {
        if (!path.StartsWith("/debug/", StringComparison.Ordinal))
        {
            await TextAsync(context, 404, $"{path} is not served; see /debug/list\n").ConfigureAwait(false);
            return;
        }
        if (await RefusalAsync(context).ConfigureAwait(false) is { } refusal)
        {
            await TextAsync(context, 401, refusal + "\n").ConfigureAwait(false);
            return;
        }
        var page = pages.Render(path["/debug/".Length..], context.Request.Query);
        if (page is null)
        {
            await TextAsync(context, 404, $"{path} is not served; see /debug/list\n").ConfigureAwait(false);
            return;
        }
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(page.ToJsonString(Indented), context.RequestAborted).ConfigureAwait(false);
    }

    private static System.Text.Json.JsonSerializerOptions Indented { get; } = new(JsonText.Relaxed) { WriteIndented = true };

    /// <summary>Null when the caller may look: it is on this machine, or holds a token of a service account of the control plane's namespace.</summary>
    private async Task<string?> RefusalAsync(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is { } peer && System.Net.IPAddress.IsLoopback(peer))
            return null;
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return $"send a bearer token of a service account in istio-system for the audience {TokenCheck.Audience}, or ask from this machine";
        try
        {
            var (identity, reason) = await tokens.ReviewAsync(header["Bearer ".Length..].Trim(), context.RequestAborted).ConfigureAwait(false);
            if (identity is null)
                return reason;
            return identity.Namespace == WatchedKinds.RootNamespace ? null : $"{identity} may not see the whole mesh";
        }
        catch (Exception fault) when (fault is HttpRequestException or KubeStatusException)
        {
            return $"the token cannot be checked now: {fault.Message}";
        }
    }

    private IEnumerable<(string Name, string Help, double Value)> Gauges()
    {
        var view = store.View;
        yield return ("pilot_xds", "Connected proxies", hub.Sessions.Count);
        yield return ("pilot_services", "Services known, of Kubernetes and ServiceEntries", hub.Current?.Snapshot.Services.Services.Count ?? 0);
        yield return ("pilot_virt_services", "VirtualServices known", view.Kind(KindTable.VirtualService).Objects.Count);
        yield return ("fairlead_config_number", "Config states made so far", hub.Current?.Number ?? 0);
        yield return ("fairlead_translations_made", "Resources translated so far", hub.Current?.Generator.TranslationsMade ?? 0);
        yield return ("process_resident_memory_bytes", "Resident memory", Environment.WorkingSet);
        var heap = GC.GetGCMemoryInfo();
        yield return ("dotnet_gc_heap_bytes", "Bytes of the managed heap after its last collection, free space within it included", heap.HeapSizeBytes);
        yield return ("dotnet_gc_free_bytes", "Free space within the managed heap after its last collection", heap.FragmentedBytes);
        yield return ("dotnet_gc_committed_bytes", "Bytes that the managed heap has from the system", heap.TotalCommittedBytes);
    }

    private static async Task TextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(text, context.RequestAborted).ConfigureAwait(false);
    }
}
