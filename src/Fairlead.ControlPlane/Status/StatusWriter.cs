using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Validation;
using Fairlead.ControlPlane.Ingest;
using Fairlead.ControlPlane.Snapshot;
using Fairlead.KubeClient;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Status;

/// <summary>
/// Writes conditions on Istio's objects: on transitions only, at most <see cref="WritesPerRound"/> a round. Ingest leaves status out, so that what is
/// written here is never read back as configuration. One replica writes: the leader.
/// </summary>
internal sealed class StatusWriter(KubeConnection connection, TimeProvider time, ILogger<StatusWriter> log)
{
    /// <summary>Writes of one round; what is left comes with the next, a second later or more.</summary>
    private const int WritesPerRound = 100;

    /// <summary>What stands in the API server, as we last read or wrote it.</summary>
    private readonly Dictionary<ResourceKeyOfKind, JsonObject?> stored = [];

    private bool isRead;

    /// <summary>Brings the statuses of all objects to what they should be. False = something is left to write.</summary>
    /// <exception cref="HttpRequestException">The API server does not answer.</exception>
    /// <exception cref="KubeStatusException">The API server refuses; a conflict or a deleted object is no refusal.</exception>
    public async Task<bool> WriteAsync(
        ResourceView view, IReadOnlyList<Finding> findings, IEnumerable<TranslationFinding> translation, IReadOnlyList<string> rejections, CancellationToken cancel)
    {
        await ReadAsync(cancel).ConfigureAwait(false);
        var analysis = findings.ToLookup(finding => (finding.Kind, finding.Namespace, finding.Name));
        var translated = translation.ToLookup(finding => (finding.Object.Kind, finding.Object.Namespace, finding.Object.Name));
        var present = new HashSet<ResourceKeyOfKind>();
        var written = 0;
        foreach (var kind in Kinds)
        {
            foreach (var target in view.All(kind))
            {
                var key = new ResourceKeyOfKind(kind.Kind, target.Namespace, target.Name);
                present.Add(key);
                var own = analysis[(target.Kind, target.Namespace, target.Name)].ToList();
                var conditions = ObjectStatus.Conditions(own, [.. translated[(target.Kind, target.Namespace, target.Name)]], [.. RejectionsOf(target, rejections)]);
                var before = stored.GetValueOrDefault(key);
                var wanted = ObjectStatus.Render(conditions, own, target.Generation, before, time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"));
                if (ObjectStatus.IsSame(before, wanted))
                    continue;
                if (++written > WritesPerRound)
                    return false;
                await PatchAsync(kind, target, key, wanted, cancel).ConfigureAwait(false);
            }
        }
        foreach (var gone in stored.Keys.Where(key => !present.Contains(key)).ToList())
            stored.Remove(gone);
        return true;
    }

    /// <summary>Nothing is known any more: another replica may have written meanwhile.</summary>
    public void Forget()
    {
        isRead = false;
        stored.Clear();
    }

    private static IEnumerable<KindDescriptor> Kinds => KindTable.All.Where(kind => kind.Group.EndsWith(".istio.io", StringComparison.Ordinal) && kind.HasStatus);

    private async Task ReadAsync(CancellationToken cancel)
    {
        if (isRead)
            return;
        foreach (var kind in Kinds)
        {
            foreach (var target in (await connection.ListAsync(kind, cancel: cancel).ConfigureAwait(false)).Items)
                stored[new ResourceKeyOfKind(kind.Kind, target.Namespace, target.Name)] = target.Status;
        }
        isRead = true;
    }

    private async Task PatchAsync(KindDescriptor kind, KubeObject target, ResourceKeyOfKind key, JsonObject wanted, CancellationToken cancel)
    {
        try
        {
            var patch = new JsonObject { ["status"] = wanted.DeepClone() };
            stored[key] = (await connection.PatchAsync(kind, target.Namespace, target.Name, PatchType.Merge, patch, "status", cancel: cancel).ConfigureAwait(false)).Status;
        }
        catch (KubeStatusException gone) when (gone.IsNotFound || gone.IsConflict)
        {
            log.LogDebug("status of {Kind} {Namespace}/{Name}: {Message}", kind.Kind, target.Namespace, target.Name, gone.Message);
            stored.Remove(key);
        }
    }

    /// <summary>A refusal belongs to the object whose hosts its resource names (<c>outbound|80||host</c>).</summary>
    private static IEnumerable<string> RejectionsOf(KubeObject target, IReadOnlyList<string> rejections)
    {
        var spec = target.Root["spec"];
        var hosts = (spec?["hosts"] as JsonArray ?? []).Append(spec?["host"]).OfType<JsonValue>()
            .Select(host => host.TryGetValue(out string? text) ? text : "").Where(host => host.Length > 0).ToList();
        return rejections.Where(reason => hosts.Any(host => reason.Contains($"||{host}'", StringComparison.Ordinal) || reason.Contains($"|{host}:", StringComparison.Ordinal)
            || reason.Contains($"'{host}:", StringComparison.Ordinal)));
    }

    private readonly record struct ResourceKeyOfKind(string Kind, string Namespace, string Name);
}
