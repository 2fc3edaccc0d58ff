using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Microsoft.Extensions.Logging;

namespace Fairlead.ControlPlane.Admission;

/// <summary>Keeps our two webhook configurations as they should be: made at start, and put right when somebody edits or deletes them.</summary>
public sealed class WebhookKeeper(KubeConnection connection, string rootPem, string revision, TimeProvider time, Random random, ILogger log)
{
    private readonly (KindDescriptor Kind, KubeObject Wanted)[] owned =
    [
        (KindTable.MutatingWebhookConfiguration, WebhookRegistration.Mutating(rootPem, revision)),
        (KindTable.ValidatingWebhookConfiguration, WebhookRegistration.Validating(rootPem, revision)),
    ];

    public async Task RunAsync(CancellationToken cancel)
    {
        var watched = owned.Select(own => new WatchedKind(own.Kind, new ListScope { FieldSelector = $"metadata.name={own.Wanted.Name}" })).ToList();
        var informer = new Informer(connection, watched, time, random, message => log.LogWarning("webhook configurations: {Message}", message));
        var stored = new Dictionary<KindDescriptor, KubeObject?>();
        var synced = new HashSet<KindDescriptor>();
        await foreach (var change in informer.ChangesAsync(cancel).ConfigureAwait(false))
        {
            if (change.Type == ChangeType.Synced)
                synced.Add(change.Kind);
            else
                stored[change.Kind] = change.Type == ChangeType.Deleted ? null : change.Object;
            if (!synced.Contains(change.Kind))
                continue;
            var wanted = owned.First(own => own.Kind == change.Kind).Wanted;
            await EnsureAsync(change.Kind, wanted, stored.GetValueOrDefault(change.Kind), cancel).ConfigureAwait(false);
        }
    }

    private async Task EnsureAsync(KindDescriptor kind, KubeObject wanted, KubeObject? stored, CancellationToken cancel)
    {
        if (stored is not null && Covers(stored.Root["webhooks"], wanted.Root["webhooks"]))
            return;
        var backoff = new Backoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), random);
        while (true)
        {
            try
            {
                if (stored is null)
                    await connection.CreateAsync(kind, wanted, cancel).ConfigureAwait(false);
                else
                    await connection.PatchAsync(kind, null, wanted.Name, PatchType.Merge, wanted.Root.DeepClone(), cancel: cancel).ConfigureAwait(false);
                log.LogInformation("registered {Kind} {Name}", kind.Kind, wanted.Name);
                return;
            }
            catch (KubeStatusException raced) when (raced.IsAlreadyExists || raced.IsConflict || raced.IsNotFound)
            {
                // Somebody else wrote it meanwhile: the watch tells us what.
                return;
            }
            catch (Exception fault) when (fault is KubeStatusException or HttpRequestException)
            {
                log.LogWarning("{Kind} {Name} not registered: {Message}", kind.Kind, wanted.Name, fault.Message);
                await Task.Delay(backoff.Next(), time, cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Whether everything that we want is stored; the API server may have added defaults.</summary>
    private static bool Covers(JsonNode? stored, JsonNode? wanted) => (stored, wanted) switch
    {
        (JsonObject have, JsonObject want) => want.All(field => Covers(have[field.Key], field.Value)),
        (JsonArray have, JsonArray want) => have.Count == want.Count && have.Zip(want).All(pair => Covers(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(stored, wanted),
    };
}
