using System.Text;
using System.Text.Json.Nodes;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary>What the server owns in <c>metadata</c>, and the rules on the rest.</summary>
internal sealed class MetadataRules(TimeProvider time, Random random)
{
    /// <summary>Letters that cannot spell words by chance, as the real server's.</summary>
    private const string SuffixAlphabet = "bcdfghjklmnpqrstvwxz2456789";

    private const int SuffixLength = 5;

    /// <summary>Bytes of all annotations of an object together (256 KiB, the real server's limit).</summary>
    private const int AnnotationBytes = 256 << 10;

    /// <summary>A random name suffix.</summary>
    public string Suffix()
    {
        lock (random)
            return string.Create(SuffixLength, random, static (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                    span[i] = SuffixAlphabet[source.Next(SuffixAlphabet.Length)];
            });
    }

    /// <summary>Takes a client's object as new: server-owned fields are set, not believed.</summary>
    public void PrepareNew(KindDescriptor kind, KubeObject created)
    {
        var metadata = created.Metadata;
        foreach (var owned in (string[])["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion"])
            metadata.Remove(owned);
        if (created.Name.Length == 0 && metadata.TextAt("generateName") is { Length: > 0 } prefix)
            metadata["name"] = prefix[..Math.Min(prefix.Length, 63 - SuffixLength)] + Suffix();
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = JsonPath.Timestamp(time.GetUtcNow());
        metadata.Remove("generation");
        if (HasGeneration(kind))
            metadata["generation"] = 1L;
        if (kind.HasStatus && kind != KindTable.Namespace)
            created.Root.Remove("status");
    }

    /// <summary>Carries over to the new form what a client cannot change.</summary>
    public static void CarryOver(KindDescriptor kind, KubeObject current, KubeObject next)
    {
        foreach (var owned in (string[])["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "generateName"])
        {
            next.Metadata.Remove(owned);
            if (current.Metadata[owned] is { } value)
                next.Metadata[owned] = value.DeepClone();
        }
        next.Metadata["name"] = current.Name;
        if (kind.Namespaced)
            next.Metadata["namespace"] = current.Namespace;
    }

    public static bool HasGeneration(KindDescriptor kind) => kind.Group is not "" and not "coordination.k8s.io";

    public static void Validate(KindDescriptor kind, KubeObject target, List<FieldCause> causes)
    {
        var name = target.Name;
        if (name.Length == 0)
            causes.Add(FieldCause.Required("metadata.name", "name or generateName is required"));
        else if (NameRules.NameFault(kind, name) is { } fault)
            causes.Add(FieldCause.Invalid("metadata.name", $"\"{name}\"", fault));
        foreach (var (key, value) in target.Labels)
        {
            if (NameRules.LabelKeyFault(key) is { } keyFault)
                causes.Add(FieldCause.Invalid("metadata.labels", $"\"{key}\"", keyFault));
            if (NameRules.LabelValueFault(value) is { } valueFault)
                causes.Add(FieldCause.Invalid("metadata.labels", $"\"{value}\"", valueFault));
        }
        var bytes = 0;
        foreach (var (key, value) in target.Annotations)
        {
            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value);
            if (NameRules.LabelKeyFault(key.ToLowerInvariant()) is { } keyFault)
                causes.Add(FieldCause.Invalid("metadata.annotations", $"\"{key}\"", keyFault));
        }
        if (bytes > AnnotationBytes)
            causes.Add(new FieldCause("FieldValueTooLong", $"Too long: must have at most {AnnotationBytes} bytes", "metadata.annotations"));
        foreach (var finalizer in (target.Metadata["finalizers"] as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString()))
        {
            if (NameRules.LabelKeyFault(finalizer) is { } finalizerFault)
                causes.Add(FieldCause.Invalid("metadata.finalizers", $"\"{finalizer}\"", finalizerFault));
        }
        var i = 0;
        foreach (var owner in target.Metadata.ObjectsAt("ownerReferences"))
        {
            foreach (var field in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (owner.TextAt(field).Length == 0)
                    causes.Add(FieldCause.Required($"metadata.ownerReferences[{i}].{field}"));
            }
            i++;
        }
    }

    /// <summary>Whether anything beyond metadata and status differs: such a change is a new generation.</summary>
    public static bool SpecChanged(KubeObject current, KubeObject next)
    {
        foreach (var field in current.Root.Select(field => field.Key).Union(next.Root.Select(field => field.Key)))
        {
            if (field is not ("metadata" or "status" or "apiVersion" or "kind") && !JsonNode.DeepEquals(current.Root[field], next.Root[field]))
                return true;
        }
        return false;
    }
}
