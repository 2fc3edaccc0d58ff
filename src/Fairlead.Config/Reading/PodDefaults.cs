using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Reading;

/// <summary>Defaults of a pod's spec, also inside templates.</summary>
internal static class PodDefaults
{
    public static void Apply(JsonObject spec)
    {
        Defaults.Set(spec, "restartPolicy", "Always");
        Defaults.Set(spec, "dnsPolicy", "ClusterFirst");
        Defaults.Set(spec, "schedulerName", "default-scheduler");
        if (spec["terminationGracePeriodSeconds"] is null)
            spec["terminationGracePeriodSeconds"] = 30;
        Defaults.Child(spec, "securityContext");
        // The deprecated twin of serviceAccountName is kept in step, as Kubernetes does.
        if (spec.Text("serviceAccountName").Length == 0 && spec.Text("serviceAccount").Length > 0)
            spec["serviceAccountName"] = spec.Text("serviceAccount");
        else if (spec.Text("serviceAccountName").Length > 0)
            spec["serviceAccount"] = spec.Text("serviceAccountName");
        Defaults.Each(spec["initContainers"], Container);
        Defaults.Each(spec["containers"], Container);
        Defaults.Each(spec["volumes"], Volume);
    }

    private static void Container(JsonObject container)
    {
        Defaults.Set(container, "imagePullPolicy", PullPolicy(container.Text("image")));
        Defaults.Set(container, "terminationMessagePath", "/dev/termination-log");
        Defaults.Set(container, "terminationMessagePolicy", "File");
        Defaults.Child(container, "resources");
        Defaults.Each(container["ports"], port => Defaults.Set(port, "protocol", "TCP"));
        Defaults.Each(container["env"], variable =>
        {
            if (variable.Object("valueFrom").Object("fieldRef") is { } field)
                Defaults.Set(field, "apiVersion", "v1");
        });
        foreach (var name in (ReadOnlySpan<string>)["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name] is JsonObject probe)
                Probe(probe);
        }
        foreach (var hook in (ReadOnlySpan<string>)["postStart", "preStop"])
            HttpGet(container.Object("lifecycle").Object(hook));
    }

    // The tag latest (also an absent one) can change behind its name; a digest cannot.
    private static string PullPolicy(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return "IfNotPresent";
        var colon = image.LastIndexOf(':');
        var hasTag = colon > image.LastIndexOf('/');
        return !hasTag || image[(colon + 1)..] == "latest" ? "Always" : "IfNotPresent";
    }

    private static void Probe(JsonObject probe)
    {
        SetNumber(probe, "timeoutSeconds", 1);
        SetNumber(probe, "periodSeconds", 10);
        SetNumber(probe, "successThreshold", 1);
        SetNumber(probe, "failureThreshold", 3);
        HttpGet(probe);
        if (probe["grpc"] is JsonObject grpc && grpc["service"] is null)
            grpc["service"] = "";
    }

    private static void HttpGet(JsonObject? action)
    {
        if (action?["httpGet"] is not JsonObject get)
            return;
        Defaults.Set(get, "path", "/");
        Defaults.Set(get, "scheme", "HTTP");
    }

    private static void Volume(JsonObject volume)
    {
        if (!volume.Any(field => field is { Key: not "name", Value: not null }))
            volume["emptyDir"] = new JsonObject();
        foreach (var source in (ReadOnlySpan<string>)["configMap", "secret", "projected", "downwardAPI"])
        {
            if (volume[source] is JsonObject body)
                SetNumber(body, "defaultMode", 420);
        }
        if (volume["hostPath"] is JsonObject host && host["type"] is null)
            host["type"] = "";
        Defaults.Each(volume.Object("projected")?["sources"], source =>
        {
            if (source["serviceAccountToken"] is JsonObject token)
                SetNumber(token, "expirationSeconds", 3600);
        });
    }

    private static void SetNumber(JsonObject node, string field, int value)
    {
        if (node[field] is null || JsonFields.IntegerOf(node[field]) is 0)
            node[field] = value;
    }
}
