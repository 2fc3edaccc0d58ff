using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Reading;

/// <summary>Fills in what Kubernetes' API server fills in on write, so that readers and <c>kubectl describe</c> see complete objects. Istio's kinds have no defaults.</summary>
public static class Defaults
{
    public static void Apply(KubeObject target)
    {
        switch (target.Group, target.Kind)
        {
            case ("", "Pod"):
                PodDefaults.Apply(Child(target.Root, "spec"));
                break;
            case ("", "Service"):
                Service(Child(target.Root, "spec"));
                break;
            case ("", "Secret"):
                Secret(target.Root);
                break;
            case ("", "Namespace"):
                Namespace(target);
                break;
            case ("apps", "Deployment"):
                Deployment(target);
                break;
            case ("apps", "ReplicaSet"):
                Workload(target);
                break;
            case ("", "Endpoints"):
                Each(target.Root["subsets"], subset => Each(subset["ports"], port => Set(port, "protocol", "TCP")));
                break;
            case ("discovery.k8s.io", "EndpointSlice"):
                Each(target.Root["ports"], port => Set(port, "protocol", "TCP"));
                break;
            case ("admissionregistration.k8s.io", _):
                Each(target.Root["webhooks"], webhook => Webhook(webhook, target.Kind == "MutatingWebhookConfiguration"));
                break;
        }
    }

    private static void Service(JsonObject spec)
    {
        Set(spec, "type", "ClusterIP");
        Set(spec, "sessionAffinity", "None");
        if (spec.Text("type") != "ExternalName")
            Set(spec, "internalTrafficPolicy", "Cluster");
        if (spec.Text("type") is "NodePort" or "LoadBalancer")
            Set(spec, "externalTrafficPolicy", "Cluster");
        if (spec.Text("type") == "LoadBalancer")
            spec.TryAdd("allocateLoadBalancerNodePorts", true);
        if (spec.Text("sessionAffinity") == "ClientIP")
        {
            var client = Child(Child(spec, "sessionAffinityConfig"), "clientIP");
            client.TryAdd("timeoutSeconds", 10800);
        }
        Each(spec["ports"], port =>
        {
            Set(port, "protocol", "TCP");
            if (port["targetPort"] is null || (JsonFields.TextOf(port["targetPort"]) is "") || JsonFields.IntegerOf(port["targetPort"]) is 0)
                port["targetPort"] = port["port"]?.DeepClone();
        });
    }

    private static void Secret(JsonObject root)
    {
        Set(root, "type", "Opaque");
        if (root["stringData"] is not JsonObject texts)
            return;
        var data = Child(root, "data");
        foreach (var (key, value) in texts)
        {
            if (JsonFields.TextOf(value) is { } text)
                data[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
        }
        root.Remove("stringData");
    }

    private static void Namespace(KubeObject target)
    {
        if (target.Name.Length > 0)
            Set(Child(target.Metadata, "labels"), "kubernetes.io/metadata.name", target.Name);
        var spec = Child(target.Root, "spec");
        if (spec["finalizers"] is null)
            spec["finalizers"] = new JsonArray("kubernetes");
        Set(Child(target.Root, "status"), "phase", "Active");
    }

    private static void Deployment(KubeObject target)
    {
        var spec = Workload(target);
        spec.TryAdd("revisionHistoryLimit", 10);
        spec.TryAdd("progressDeadlineSeconds", 600);
        var strategy = Child(spec, "strategy");
        Set(strategy, "type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate")
            return;
        var rolling = Child(strategy, "rollingUpdate");
        Set(rolling, "maxUnavailable", "25%");
        Set(rolling, "maxSurge", "25%");
    }

    private static JsonObject Workload(KubeObject target)
    {
        var spec = Child(target.Root, "spec");
        if (spec["replicas"] is null)
            spec["replicas"] = 1;
        PodDefaults.Apply(Child(Child(spec, "template"), "spec"));
        return spec;
    }

    private static void Webhook(JsonObject webhook, bool mutating)
    {
        Set(webhook, "failurePolicy", "Fail");
        Set(webhook, "matchPolicy", "Equivalent");
        webhook.TryAdd("timeoutSeconds", 10);
        if (mutating)
            Set(webhook, "reinvocationPolicy", "Never");
        foreach (var selector in (ReadOnlySpan<string>)["namespaceSelector", "objectSelector"])
        {
            if (webhook[selector] is null)
                webhook[selector] = new JsonObject();
        }
        if (webhook["clientConfig"] is JsonObject { } client && client["service"] is JsonObject service && service["port"] is null)
            service["port"] = 443;
        Each(webhook["rules"], rule => Set(rule, "scope", "*"));
    }

    internal static JsonObject Child(JsonObject parent, string field)
    {
        if (parent[field] is JsonObject child)
            return child;
        var made = new JsonObject();
        parent[field] = made;
        return made;
    }

    internal static void Set(JsonObject node, string field, string value)
    {
        if (node[field] is null || JsonFields.TextOf(node[field]) is "")
            node[field] = value;
    }

    internal static void Each(JsonNode? list, Action<JsonObject> apply)
    {
        if (list is not JsonArray items)
            return;
        foreach (var item in items)
        {
            if (item is JsonObject node)
                apply(node);
        }
    }
}
