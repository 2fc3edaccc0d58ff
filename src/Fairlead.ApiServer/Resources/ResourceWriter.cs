using System.Text.Json.Nodes;
using Fairlead.ApiServer.Admission;
using Fairlead.ApiServer.Patch;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Fairlead.ApiServer.Store;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary>
/// Creates, updates and patches objects: metadata, defaults, webhooks, validation, commit, in the real server's order.
/// Deletion is <see cref="ResourceRemoval"/>.
/// </summary>
public sealed class ResourceWriter
{
    /// <summary>How often a patch without a resourceVersion is tried again when others write the object meanwhile (the real server: 5).</summary>
    private const int PatchAttempts = 5;

    private readonly ObjectStore store;
    private readonly AdmissionChain admission;
    private readonly MetadataRules metadata;
    private readonly FieldOwnership ownership;
    private readonly ResourceRemoval removal;

    internal ResourceWriter(ObjectStore store, AdmissionChain admission, MetadataRules metadata, FieldOwnership ownership, ResourceRemoval removal)
    {
        this.store = store;
        this.admission = admission;
        this.metadata = metadata;
        this.ownership = ownership;
        this.removal = removal;
    }

    /// <summary>Stores a new object and returns it as stored.</summary>
    public Task<KubeObject> CreateAsync(ResourceRequest request, KubeObject created) => CreateAsync(request, created, ownersKnown: false);

    private async Task<KubeObject> CreateAsync(ResourceRequest request, KubeObject created, bool ownersKnown)
    {
        CheckPlace(request, created);
        metadata.PrepareNew(request.Kind, created);
        RequireNamespace(request);
        request = request with { Name = created.Name };
        if (created.Name.Length > 0 && store.State.Find(request.Key) is not null)
            throw Refusal.AlreadyExists(request.Kind, created.Name);
        Defaults.Apply(request.Kind, created);
        if (!ownersKnown)
            ownership.RecordUpdate(request, null, created);
        created = await admission.MutateAsync(request, AdmissionOperation.Create, created, null);
        Defaults.Apply(request.Kind, created);
        using var allocation = admission.Allocate(request.Kind, created, null);
        var causes = new List<FieldCause>();
        MetadataRules.Validate(request.Kind, created, causes);
        admission.Validate(request, created, null, causes);
        ThrowIfInvalid(request, created, causes);
        await admission.ReviewAsync(request, AdmissionOperation.Create, created, null);
        if (request.DryRun)
            return created;
        var result = await store.CommitAsync(new Write(request.Key, 0, created), request.Cancellation);
        return result.Outcome == WriteOutcome.Exists
            ? throw Refusal.AlreadyExists(request.Kind, request.Name)
            : result.Object!.Read();
    }

    /// <summary>Replaces an object (PUT); with a resourceVersion only that revision of it.</summary>
    public async Task<KubeObject> UpdateAsync(ResourceRequest request, KubeObject next)
    {
        CheckPlace(request, next);
        if (next.Name.Length == 0)
            throw Refusal.BadRequest("name must be provided");
        for (var attempt = 1; ; attempt++)
        {
            var current = store.State.Find(request.Key) ?? throw Refusal.NotFound(request.Kind, request.Name);
            var wanted = next.ResourceVersion;
            if (wanted.Length > 0 && wanted != "0" && wanted != current.Read().ResourceVersion)
                throw Refusal.Modified(request.Kind, request.Name);
            if (next.Uid.Length > 0 && next.Uid != current.Uid)
                throw Refusal.Conflict(request.Kind, request.Name, $"Precondition failed: UID in precondition: {next.Uid}, UID in object meta: {current.Uid}");
            var (outcome, stored) = await ReplaceAsync(request, current, next.DeepClone());
            if (outcome == WriteOutcome.Done)
                return stored!;
            if (outcome == WriteOutcome.Missing)
                throw Refusal.NotFound(request.Kind, request.Name);
            if (wanted.Length > 0 || attempt == PatchAttempts)
                throw Refusal.Modified(request.Kind, request.Name);
        }
    }

    /// <summary>Applies a patch; true when it created the object (server-side apply).</summary>
    public async Task<(KubeObject Object, bool Created)> PatchAsync(ResourceRequest request, PatchDocument patch)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = store.State.Find(request.Key);
            if (current is null)
            {
                if (patch.Kind != PatchKind.Apply || request.Subresource.Length > 0)
                    throw Refusal.NotFound(request.Kind, request.Name);
                var fresh = Applied(request, null, patch);
                return (await CreateAsync(request, fresh, ownersKnown: true), true);
            }
            var before = current.Read();
            var next = patch.Kind == PatchKind.Apply
                ? Applied(request, before, patch)
                : patch.ApplyTo(request, before);
            CheckPlace(request, next);
            if (next.ResourceVersion.Length > 0 && next.ResourceVersion != before.ResourceVersion)
                throw Refusal.Modified(request.Kind, request.Name);
            var (outcome, stored) = await ReplaceAsync(request, current, next, patch.Kind == PatchKind.Apply);
            if (outcome == WriteOutcome.Done)
                return (stored!, false);
            if (outcome == WriteOutcome.Missing)
                throw Refusal.NotFound(request.Kind, request.Name);
            if (attempt == PatchAttempts)
                throw Refusal.Modified(request.Kind, request.Name);
        }
    }

    /// <summary>Server-side apply: the configuration by itself may lack what the object has; together they must be whole.</summary>
    private KubeObject Applied(ResourceRequest request, KubeObject? live, PatchDocument patch)
    {
        var configuration = new KubeObject(patch.ApplyBody(request));
        CheckPlace(request, configuration);
        var next = ownership.Apply(request, live, configuration.Root);
        StrictDecoder.Check(request, next.Root, []);
        return next;
    }

    private async Task<(WriteOutcome Outcome, KubeObject? Stored)> ReplaceAsync(
        ResourceRequest request, StoredObject stored, KubeObject next, bool ownersKnown = false)
    {
        var current = stored.Read();
        var status = request.Subresource == "status";
        MetadataRules.CarryOver(request.Kind, current, next);
        KeepOtherHalf(request, current, next, status);
        Defaults.Apply(request.Kind, next);
        if (!ownersKnown)
            ownership.RecordUpdate(request, current, next);
        next.Metadata.Remove("resourceVersion");
        next = await admission.MutateAsync(request, AdmissionOperation.Update, next, current);
        using var allocation = admission.Allocate(request.Kind, next, current);
        var causes = new List<FieldCause>();
        MetadataRules.Validate(request.Kind, next, causes);
        if (!status)
            admission.Validate(request, next, current, causes);
        ThrowIfInvalid(request, next, causes);
        await admission.ReviewAsync(request, AdmissionOperation.Update, next, current);
        if (MetadataRules.HasGeneration(request.Kind) && MetadataRules.SpecChanged(current, next))
            next.Metadata["generation"] = current.Generation + 1;
        if (FieldOwnership.SameApartFromOwners(current, next) && FieldOwnership.SameOwners(current, next))
            return (WriteOutcome.Done, current);
        if (request.DryRun)
        {
            next.Metadata["resourceVersion"] = current.ResourceVersion;
            return (WriteOutcome.Done, next);
        }
        if (ResourceRemoval.IsFinished(request.Kind, next))
            return (await removal.FinishAsync(stored, next, request.Cancellation), next);
        var result = await store.CommitAsync(new Write(request.Key, stored.Revision, next), request.Cancellation);
        return (result.Outcome, result.Outcome == WriteOutcome.Done ? result.Object!.Read() : null);
    }

    /// <summary>The main resource does not touch status; the status subresource touches status alone.</summary>
    private static void KeepOtherHalf(ResourceRequest request, KubeObject current, KubeObject next, bool status)
    {
        if (!request.Kind.HasStatus)
            return;
        if (!status)
        {
            next.Root.Remove("status");
            if (current.Root["status"] is { } kept)
                next.Root["status"] = kept.DeepClone();
            return;
        }
        foreach (var field in next.Root.Select(field => field.Key).Union(current.Root.Select(field => field.Key)).ToArray())
        {
            if (field is "status" or "metadata")
                continue;
            next.Root.Remove(field);
            if (current.Root[field] is { } kept)
                next.Root[field] = kept.DeepClone();
        }
        // Labels, annotations and finalizers are not status either; managedFields follow the write.
        var managed = next.Metadata["managedFields"]?.DeepClone();
        next.Root["metadata"] = current.Metadata.DeepClone();
        if (managed is not null)
            next.Metadata["managedFields"] = managed;
    }

    private static void CheckPlace(ResourceRequest request, KubeObject target)
    {
        var kind = request.Kind;
        if (target.Kind.Length > 0 && target.Kind != kind.Kind || target.ApiVersion.Length > 0 && target.Group != kind.Group)
        {
            throw Refusal.BadRequest($"{target.Kind} in version \"{target.ApiVersion}\" cannot be handled as a {kind.Kind}: "
                + $"the API version in the data ({target.ApiVersion}, Kind={target.Kind}) does not match the expected API version ({kind.ApiVersion(request.Version)}, Kind={kind.Kind})");
        }
        if (request.Name.Length > 0 && target.Name.Length > 0 && target.Name != request.Name)
            throw Refusal.BadRequest($"the name of the object ({target.Name}) does not match the name on the URL ({request.Name})");
        if (request.Name.Length > 0 && target.Name.Length == 0)
            target.Metadata["name"] = request.Name;
        if (!kind.Namespaced)
        {
            target.Metadata.Remove("namespace");
            return;
        }
        if (target.Namespace.Length > 0 && target.Namespace != request.Namespace)
            throw Refusal.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        target.Metadata["namespace"] = request.Namespace;
        target.Root["apiVersion"] = kind.ApiVersion(kind.StorageVersion);
        target.Root["kind"] = kind.Kind;
    }

    private void RequireNamespace(ResourceRequest request)
    {
        if (!request.Kind.Namespaced)
            return;
        var home = store.State.Find(new ResourceKey(KindTable.Namespace, "", request.Namespace))
            ?? throw Refusal.NotFound(KindTable.Namespace, request.Namespace);
        // Events are let in to the last, so that what happens at the end can be told.
        if (!home.IsBeingDeleted || request.Kind == KindTable.Event)
            return;
        throw new Refusal(403, "Forbidden",
            $"{request.Kind.QualifiedResource} \"{request.Name}\" is forbidden: unable to create new content in namespace {request.Namespace} because it is being terminated",
            new JsonObject
            {
                ["name"] = request.Name,
                ["kind"] = request.Kind.Plural,
                ["causes"] = new JsonArray(new JsonObject
                {
                    ["reason"] = "NamespaceTerminating",
                    ["message"] = $"namespace {request.Namespace} is being terminated",
                    ["field"] = "metadata.namespace",
                }),
            });
    }

    private static void ThrowIfInvalid(ResourceRequest request, KubeObject target, List<FieldCause> causes)
    {
        if (causes.Count > 0)
            throw Refusal.Invalid(request.Kind, target.Name, causes);
    }
}
