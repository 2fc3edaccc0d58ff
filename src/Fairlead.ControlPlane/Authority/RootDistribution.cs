using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Authority;

/// <summary>
/// Keeps the ConfigMap <c>istio-ca-root-cert</c> with the mesh's root in every namespace: sidecars mount it. A namespace that is made, and a
/// ConfigMap that is edited or deleted, are put right at once.
/// </summary>
public sealed class RootDistribution(KubeConnection connection, string rootPem, TimeProvider time, Random random, ILogger log)
{
    public const string ConfigMapName = "istio-ca-root-cert";
    public const string RootKey = "root-cert.pem";

    private readonly HashSet<string> namespaces = [];
    private readonly Dictionary<string, string> roots = [];
    private int unsynced = 2;

    public async Task RunAsync(CancellationToken cancel)
    {
        var informer = new Informer(
            connection,
            [WatchedKind.Everywhere(KindTable.Namespace), new WatchedKind(KindTable.ConfigMap, new ListScope { FieldSelector = $"metadata.name={ConfigMapName}" })],
            time, random, message => log.LogWarning("root certificates: {Message}", message));
        await foreach (var change in informer.ChangesAsync(cancel).ConfigureAwait(false))
        {
            Take(change);
            if (unsynced > 0)
                continue;
            if (change.Type == ChangeType.Synced)
            {
                foreach (var ns in namespaces)
                    await EnsureAsync(ns, cancel).ConfigureAwait(false);
            }
            else if (change.Object is { } target)
            {
                await EnsureAsync(change.Kind == KindTable.Namespace ? target.Name : target.Namespace, cancel).ConfigureAwait(false);
            }
        }
    }

    private void Take(ResourceChange change)
    {
        if (change.Type == ChangeType.Synced)
            unsynced--;
        if (change.Object is not { } target)
            return;
        var deleted = change.Type == ChangeType.Deleted;
        if (change.Kind == KindTable.ConfigMap)
        {
            if (deleted)
                roots.Remove(target.Namespace);
            else
                roots[target.Namespace] = target.Root["data"]?[RootKey] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
        }
        else if (deleted || target.IsBeingDeleted)
        {
            namespaces.Remove(target.Name);
        }
        else
        {
            namespaces.Add(target.Name);
        }
    }

    private async Task EnsureAsync(string ns, CancellationToken cancel)
    {
        if (!namespaces.Contains(ns) || (roots.TryGetValue(ns, out var stored) && stored == rootPem))
            return;
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5), random);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(ns, cancel).ConfigureAwait(false);
                roots[ns] = rootPem;
                return;
            }
            catch (KubeStatusException refused) when (!refused.IsRetryable && !refused.IsConflict)
            {
                // The namespace went away, or forbids it: its next change brings us back.
                log.LogWarning("root certificate of namespace {Namespace} not written: {Message}", ns, refused.Message);
                return;
            }
            catch (Exception fault) when (fault is KubeStatusException or HttpRequestException && attempt < MaxAttempts)
            {
                await Task.Delay(backoff.Next(), time, cancel).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is KubeStatusException or HttpRequestException)
            {
                log.LogError("root certificate of namespace {Namespace} not written after {Attempts} attempts: {Message}", ns, attempt, fault.Message);
                return;
            }
        }
    }

    /// <summary>Attempts per namespace and change, so that one namespace does not hold up the others for longer than half a minute.</summary>
    private const int MaxAttempts = 8;

    private async Task WriteAsync(string ns, CancellationToken cancel)
    {
        var data = new JsonObject { [RootKey] = rootPem };
        try
        {
            await connection.CreateAsync(KindTable.ConfigMap, new KubeObject(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = ConfigMapName, ["namespace"] = ns, ["labels"] = new JsonObject { ["istio.io/config"] = "true" } },
                ["data"] = data,
            }), cancel).ConfigureAwait(false);
        }
        catch (KubeStatusException exists) when (exists.IsAlreadyExists)
        {
            await connection.PatchAsync(KindTable.ConfigMap, ns, ConfigMapName, PatchType.Merge, new JsonObject { ["data"] = data.DeepClone() }, cancel: cancel).ConfigureAwait(false);
        }
    }
}
