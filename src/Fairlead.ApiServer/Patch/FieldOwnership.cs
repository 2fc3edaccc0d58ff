using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Schemas;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Patch;

/// <summary>Which manager owns which field (<c>metadata.managedFields</c>), kept on every write, and server-side apply on top of it.</summary>
internal sealed class FieldOwnership(TimeProvider time)
{
    /// <summary>Update entries that are kept apart; older ones are counted as one, as in the real server.</summary>
    private const int UpdateLimit = 10;

    private const string OldUpdates = "ancient-changes";

    /// <summary>
    /// After a write that is no apply: the fields that it changed are the writer's and nobody else's. Writes of <c>status</c> and of the server's own
    /// controllers take fields from others and are not listed themselves (docs/decisions, 0164).
    /// </summary>
    public void RecordUpdate(ResourceRequest request, KubeObject? before, KubeObject after)
    {
        var known = before?.Metadata["managedFields"];
        var given = after.Metadata["managedFields"];
        if (request.Subresource == "status")
        {
            Put(after, known?.DeepClone());
            return;
        }
        var schema = SchemaOf(request.Kind);
        var changed = FieldTree.Of(after.Root, schema);
        var removed = new FieldSet();
        if (before is not null)
        {
            removed = FieldTree.Of(before.Root, schema);
            var unchanged = new FieldSet();
            foreach (var path in changed.Members().Where(removed.Contains))
            {
                if (IsItem(path) || JsonNode.DeepEquals(FieldTree.Find(before.Root, path), FieldTree.Find(after.Root, path)))
                    path.Aggregate(unchanged, (node, key) => node.At(key)).IsMember = true;
            }
            removed.Remove(changed);
            changed.Remove(unchanged);
        }
        // A client may rewrite the list itself: kubectl does when it moves an object to server-side apply.
        var isRewritten = given is not null && !JsonNode.DeepEquals(given, known);
        if (changed.IsEmpty && removed.IsEmpty && !isRewritten)
        {
            Put(after, known?.DeepClone());
            return;
        }
        var managers = FieldOwner.Read(isRewritten ? given : known);
        var isListed = !request.Identity.IsController;
        foreach (var other in managers.Where(one => !isListed || (one.Name, one.Operation, one.Subresource) != (request.FieldManager, FieldOwner.Update, "")))
        {
            other.Fields.Remove(changed);
            other.Fields.Remove(removed);
        }
        if (isListed)
        {
            var own = managers.FirstOrDefault(one => (one.Name, one.Operation, one.Subresource) == (request.FieldManager, FieldOwner.Update, ""));
            var fields = own?.Fields ?? new FieldSet();
            fields.Remove(removed);
            fields.Add(changed);
            managers.RemoveAll(one => ReferenceEquals(one, own));
            managers.Add(new FieldOwner(request.FieldManager, FieldOwner.Update, request.Kind.ApiVersion(request.Version), changed.IsEmpty && own is not null ? own.Time : Now(), "", fields));
        }
        Put(after, FieldOwner.Write(Bounded(managers)));
    }

    /// <summary>Server-side apply: the live object with the configuration's fields in it and without those that the manager gave up.</summary>
    /// <exception cref="Refusal">409: another manager owns a field and gives it another value, and the request does not force.</exception>
    public KubeObject Apply(ResourceRequest request, KubeObject? live, JsonObject configuration)
    {
        var schema = SchemaOf(request.Kind);
        configuration.Remove("status");
        (configuration["metadata"] as JsonObject)?.Remove("managedFields");
        var applied = FieldTree.Of(configuration, schema);
        if (live is null)
        {
            var fresh = new KubeObject(configuration);
            Put(fresh, FieldOwner.Write([new FieldOwner(request.FieldManager, FieldOwner.Apply, request.Kind.ApiVersion(request.Version), Now(), "", applied)]));
            return fresh;
        }
        var managers = FieldOwner.Read(live.Metadata["managedFields"]);
        var own = managers.FirstOrDefault(one => one.Name == request.FieldManager && one.Operation == FieldOwner.Apply && one.Subresource.Length == 0);
        var others = managers.Where(one => !ReferenceEquals(one, own)).ToList();
        var conflicts = Conflicts(live, configuration, applied, others);
        if (conflicts.Count > 0 && !request.Force)
            throw Refused(request, conflicts);
        foreach (var (manager, path) in conflicts)
            manager.Fields.Remove(Single(path));
        var next = live.DeepClone();
        FieldTree.Merge(next.Root, configuration, schema);
        if (own is not null)
        {
            var givenUp = own.Fields.Clone();
            givenUp.Remove(applied);
            foreach (var path in givenUp.Members().Where(path => !others.Any(other => other.Fields.Touches(path)) && !applied.Touches(path)))
                FieldTree.Remove(next.Root, path);
        }
        var isSame = own is not null && JsonNode.DeepEquals(own.Fields.ToJson(), applied.ToJson()) && SameApartFromOwners(live, next);
        others.Add(new FieldOwner(request.FieldManager, FieldOwner.Apply, request.Kind.ApiVersion(request.Version), isSame ? own!.Time : Now(), "", applied));
        Put(next, FieldOwner.Write(others));
        return next;
    }

    private static List<(FieldOwner Manager, string[] Path)> Conflicts(KubeObject live, JsonObject configuration, FieldSet applied, List<FieldOwner> others)
    {
        var conflicts = new List<(FieldOwner, string[])>();
        foreach (var other in others)
        {
            foreach (var path in applied.Members().Where(path => !IsItem(path) && other.Fields.Contains(path)))
            {
                if (!JsonNode.DeepEquals(FieldTree.Find(live.Root, path), FieldTree.Find(configuration, path)))
                    conflicts.Add((other, path));
            }
        }
        return conflicts;
    }

    private static Refusal Refused(ResourceRequest request, List<(FieldOwner Manager, string[] Path)> conflicts)
    {
        var message = conflicts.Count == 1
            ? $"Apply failed with 1 conflict: conflict with {conflicts[0].Manager.Describe()}: {FieldSet.Show(conflicts[0].Path)}"
            : $"Apply failed with {conflicts.Count} conflicts: " + string.Join('\n', conflicts.GroupBy(one => one.Manager.Describe()).OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => $"conflicts with {group.Key}:\n{string.Join('\n', group.Select(one => "- " + FieldSet.Show(one.Path)))}"));
        return new Refusal(409, "Conflict", message, new JsonObject
        {
            ["name"] = request.Name,
            ["kind"] = request.Kind.Kind,
            ["causes"] = new JsonArray([.. conflicts.Select(one => new JsonObject
            {
                ["reason"] = "FieldManagerConflict",
                ["message"] = $"conflict with {one.Manager.Describe()}",
                ["field"] = FieldSet.Show(one.Path),
            })]),
        });
    }

    private static List<FieldOwner> Bounded(List<FieldOwner> managers)
    {
        var updates = managers.Where(one => one.Operation == FieldOwner.Update).OrderBy(one => one.Name != OldUpdates).ThenBy(one => one.Time, StringComparer.Ordinal).ToList();
        if (updates.Count <= UpdateLimit)
            return managers;
        var merged = updates.Take(updates.Count - UpdateLimit + 1).ToList();
        var fields = new FieldSet();
        foreach (var old in merged)
            fields.Add(old.Fields);
        return [.. managers.Except(merged), merged[0] with { Name = OldUpdates, Fields = fields }];
    }

    private static FieldSet Single(string[] path)
    {
        var set = new FieldSet();
        path.Aggregate(set, (node, key) => node.At(key)).IsMember = true;
        return set;
    }

    /// <summary>The item of a list is a member so that somebody owns its being there; it has no value of its own to quarrel about.</summary>
    private static bool IsItem(string[] path) => path.Length > 0 && path[^1][0] is 'k' or 'v';

    private static MessageSchema SchemaOf(KindDescriptor kind) => BuiltinSchemas.Find(kind) ?? CustomSchema.Message(kind);

    private static void Put(KubeObject target, JsonNode? managedFields)
    {
        target.Metadata.Remove("managedFields");
        if (managedFields is JsonArray { Count: > 0 })
            target.Metadata["managedFields"] = managedFields;
    }

    private string Now() => JsonPath.Timestamp(time.GetUtcNow());

    public static bool SameApartFromOwners(KubeObject before, KubeObject after)
    {
        var left = before.DeepClone();
        var right = after.DeepClone();
        foreach (var side in (KubeObject[])[left, right])
        {
            side.Metadata.Remove("managedFields");
            side.Metadata.Remove("resourceVersion");
        }
        return JsonNode.DeepEquals(left.Root, right.Root);
    }

    public static bool SameOwners(KubeObject before, KubeObject after) =>
        JsonNode.DeepEquals(before.Metadata["managedFields"], after.Metadata["managedFields"]);
}
