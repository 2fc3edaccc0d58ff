using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;

namespace Fairlead.ApiServer.Admission;

/// <summary>Defaults of a pod's spec, in a pod and in a template.</summary>
internal static class PodDefaults
{
    public static void ApplyToTemplate(JsonObject spec)
    {
        spec.Set("restartPolicy", "Always");
        spec.Set("terminationGracePeriodSeconds", 30L);
        spec.Set("dnsPolicy", "ClusterFirst");
        spec.Set("securityContext", new JsonObject());
        spec.Set("schedulerName", "default-scheduler");
        if (spec.TextAt("serviceAccountName") is { Length: > 0 } account)
            spec.Set("serviceAccount", account);
        else if (spec.TextAt("serviceAccount") is { Length: > 0 } old)
            spec.Set("serviceAccountName", old);
        foreach (var container in spec.ObjectsAt("containers").Concat(spec.ObjectsAt("initContainers")))
            Container(container);
        foreach (var volume in spec.ObjectsAt("volumes"))
            Volume(volume);
    }

    public static void Apply(JsonObject spec)
    {
        ApplyToTemplate(spec);
        spec.Set("enableServiceLinks", true);
        spec.Set("serviceAccountName", "default");
        spec.Set("serviceAccount", spec.TextAt("serviceAccountName"));
    }

    private static void Container(JsonObject container)
    {
        container.Set("terminationMessagePath", "/dev/termination-log");
        container.Set("terminationMessagePolicy", "File");
        container.Set("resources", new JsonObject());
        var image = container.TextAt("image");
        if (image.Length > 0)
            container.Set("imagePullPolicy", IsLatest(image) ? "Always" : "IfNotPresent");
        foreach (var port in container.ObjectsAt("ports"))
            port.Set("protocol", "TCP");
        foreach (var variable in container.ObjectsAt("env"))
        {
            if (variable.At("valueFrom.fieldRef") is JsonObject reference)
                reference.Set("apiVersion", "v1");
        }
        foreach (var name in (string[])["livenessProbe", "readinessProbe", "startupProbe"])
        {
            if (container[name] is JsonObject probe)
                Probe(probe);
        }
    }

    private static void Probe(JsonObject probe)
    {
        probe.Set("timeoutSeconds", 1L);
        probe.Set("periodSeconds", 10L);
        probe.Set("successThreshold", 1L);
        probe.Set("failureThreshold", 3L);
        if (probe["httpGet"] is JsonObject get)
        {
            get.Set("path", "/");
            get.Set("scheme", "HTTP");
        }
    }

    private static void Volume(JsonObject volume)
    {
        foreach (var source in (string[])["configMap", "secret", "downwardAPI", "projected"])
        {
            if (volume[source] is JsonObject fields)
                fields.Set("defaultMode", 420L);
        }
        foreach (var projection in volume.ObjectsAt("projected.sources"))
        {
            if (projection["serviceAccountToken"] is JsonObject token)
                token.Set("expirationSeconds", 3600L);
            DownwardItems(projection["downwardAPI"]);
        }
        DownwardItems(volume["downwardAPI"]);
        // A volume without a source is an empty directory.
        if (volume.Count == 1 && volume.ContainsKey("name"))
            volume["emptyDir"] = new JsonObject();
    }

    private static void DownwardItems(JsonNode? source)
    {
        foreach (var item in source.ObjectsAt("items"))
        {
            if (item["fieldRef"] is JsonObject reference)
                reference.Set("apiVersion", "v1");
        }
    }

    private static bool IsLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return false;
        var name = image[(image.LastIndexOf('/') + 1)..];
        return !name.Contains(':', StringComparison.Ordinal) || name.EndsWith(":latest", StringComparison.Ordinal);
    }
}
