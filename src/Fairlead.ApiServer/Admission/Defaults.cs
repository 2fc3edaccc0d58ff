using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Values that the real server fills in for the built-in kinds (Kubernetes API reference, 1.31).</summary>
internal static class Defaults
{
    public static void Apply(KindDescriptor kind, KubeObject target)
    {
        if (kind == KindTable.Pod)
            PodDefaults.Apply(target.Root.Ensure("spec"));
        else if (kind == KindTable.Deployment)
            Deployment(target.Root.Ensure("spec"));
        else if (kind == KindTable.ReplicaSet)
            ReplicaSet(target.Root.Ensure("spec"));
        else if (kind == KindTable.Service)
            Service(target.Root.Ensure("spec"));
        else if (kind == KindTable.Namespace)
            Namespace(target);
        else if (kind == KindTable.Secret)
            Secret(target.Root);
        else if (kind == KindTable.Endpoints)
            Endpoints(target.Root);
        else if (kind == KindTable.EndpointSlice)
            EndpointSlice(target.Root);
        else if (kind == KindTable.Event)
            Event(target.Root);
        else if (kind == KindTable.MutatingWebhookConfiguration || kind == KindTable.ValidatingWebhookConfiguration)
            Webhooks(target.Root, kind == KindTable.MutatingWebhookConfiguration);
    }

    public static void Set(this JsonObject parent, string field, JsonNode value)
    {
        if (parent[field] is null)
        {
            parent.Remove(field);
            parent[field] = value;
        }
    }

    private static void Deployment(JsonObject spec)
    {
        spec.Set("replicas", 1L);
        var strategy = spec.Ensure("strategy");
        strategy.Set("type", "RollingUpdate");
        if (strategy.TextAt("type") == "RollingUpdate")
        {
            var rolling = strategy.Ensure("rollingUpdate");
            rolling.Set("maxUnavailable", "25%");
            rolling.Set("maxSurge", "25%");
        }
        spec.Set("revisionHistoryLimit", 10L);
        spec.Set("progressDeadlineSeconds", 600L);
        Template(spec);
    }

    private static void ReplicaSet(JsonObject spec)
    {
        spec.Set("replicas", 1L);
        Template(spec);
    }

    private static void Template(JsonObject spec)
    {
        var template = spec.Ensure("template");
        template.Ensure("metadata").Remove("creationTimestamp");
        PodDefaults.ApplyToTemplate(template.Ensure("spec"));
    }

    private static void Service(JsonObject spec)
    {
        spec.Set("type", "ClusterIP");
        spec.Set("sessionAffinity", "None");
        if (spec.TextAt("type") == "ExternalName")
            return;
        spec.Set("internalTrafficPolicy", "Cluster");
        spec.Set("ipFamilyPolicy", "SingleStack");
        spec.Set("ipFamilies", new JsonArray("IPv4"));
        foreach (var port in spec.ObjectsAt("ports"))
        {
            port.Set("protocol", "TCP");
            if (port["port"] is { } number)
                port.Set("targetPort", number.DeepClone());
        }
    }

    private static void Namespace(KubeObject target)
    {
        target.Metadata.Ensure("labels")["kubernetes.io/metadata.name"] = target.Name;
        if (!target.IsBeingDeleted)
            target.Root.Ensure("spec").Set("finalizers", new JsonArray("kubernetes"));
        target.Root.Ensure("status").Set("phase", "Active");
    }

    private static void Secret(JsonObject secret)
    {
        secret.Set("type", "Opaque");
        // stringData is write-only: it ends up in data.
        if (secret["stringData"] is not JsonObject plain)
            return;
        secret.Remove("stringData");
        var data = secret.Ensure("data");
        foreach (var (key, value) in plain)
            data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value?.ToString() ?? ""));
    }

    private static void Endpoints(JsonObject endpoints)
    {
        foreach (var subset in endpoints.ObjectsAt("subsets"))
        {
            foreach (var port in subset.ObjectsAt("ports"))
                port.Set("protocol", "TCP");
        }
    }

    private static void EndpointSlice(JsonObject slice)
    {
        foreach (var port in slice.ObjectsAt("ports"))
        {
            port.Set("name", "");
            port.Set("protocol", "TCP");
        }
    }

    private static void Event(JsonObject happened)
    {
        happened.Set("type", "Normal");
    }

    private static void Webhooks(JsonObject configuration, bool mutating)
    {
        foreach (var webhook in configuration.ObjectsAt("webhooks"))
        {
            webhook.Set("failurePolicy", "Fail");
            webhook.Set("matchPolicy", "Equivalent");
            webhook.Set("namespaceSelector", new JsonObject());
            webhook.Set("objectSelector", new JsonObject());
            webhook.Set("timeoutSeconds", 10L);
            if (mutating)
                webhook.Set("reinvocationPolicy", "Never");
            foreach (var rule in webhook.ObjectsAt("rules"))
                rule.Set("scope", "*");
            if (webhook.At("clientConfig.service") is JsonObject service)
                service.Set("port", 443L);
        }
    }
}
