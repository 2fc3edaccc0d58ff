using System.Text.Json.Nodes;
using Fairlead.ApiServer.Resources;
using Fairlead.ApiServer.Serving;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Admission;

/// <summary>Rules of the built-in kinds, in the real server's words. Istio's kinds are held against Fairlead.Config.</summary>
internal static class KindRules
{
    public static void Validate(ResourceRequest request, KubeObject target, KubeObject? old, List<FieldCause> causes)
    {
        var kind = request.Kind;
        if (kind == KindTable.Pod)
            Pod(request, target.Root.Ensure("spec"), "spec", causes);
        else if (kind == KindTable.Deployment || kind == KindTable.ReplicaSet)
            Workload(request, target, old, causes);
        else if (kind == KindTable.CustomResourceDefinition && !target.Root.TextAt("spec.group").EndsWith(".istio.io", StringComparison.Ordinal))
            request.Warnings.Add($"{target.Name} is stored and not acted on: kinds of your own are not served; objects of this kind are refused");
        else if (kind == KindTable.Node && target.Root.ObjectsAt("spec.taints").Any(taint => taint.TextAt("effect") == "NoExecute"))
            request.Warnings.Add("spec.taints: NoExecute keeps new pods away; running ones are not evicted");
        else if (kind == KindTable.Service)
            Service(request, target, causes);
        else if (kind == KindTable.ConfigMap || kind == KindTable.Secret)
            DataRules.Validate(kind, target, old, causes);
        else if (kind.Group.EndsWith(".istio.io", StringComparison.Ordinal))
            IstioRules.Validate(request, target, causes);
    }

    private static void Workload(ResourceRequest request, KubeObject target, KubeObject? old, List<FieldCause> causes)
    {
        var spec = target.Root.Ensure("spec");
        if (spec.NumberAt("replicas") is < 0 and var replicas)
            causes.Add(FieldCause.Invalid("spec.replicas", replicas.ToString()!, "must be greater than or equal to 0"));
        if (spec["selector"] is not JsonObject selector)
            causes.Add(FieldCause.Required("spec.selector"));
        else if (LabelSelector.Faults(selector, "spec.selector") is { Count: > 0 } faults)
            causes.AddRange(faults);
        else if (LabelSelector.FromSpec(selector).IsEmpty)
            causes.Add(FieldCause.Invalid("spec.selector", "{}", "empty selector is invalid for deployment"));
        else if (!LabelSelector.FromSpec(selector).Matches(spec.TextMapAt("template.metadata.labels")))
            causes.Add(FieldCause.Invalid("spec.template.metadata.labels", spec.At("template.metadata.labels")?.ToJsonString() ?? "{}", "`selector` does not match template `labels`"));
        if (old is not null && !JsonNode.DeepEquals(old.Root.At("spec.selector"), spec["selector"]))
            causes.Add(FieldCause.Invalid("spec.selector", spec["selector"]?.ToJsonString() ?? "null", "field is immutable"));
        Pod(request, spec.Ensure("template").Ensure("spec"), "spec.template.spec", causes);
        if (spec.TextAt("template.spec.restartPolicy") is not "Always")
            causes.Add(new FieldCause("FieldValueNotSupported", $"Unsupported value: \"{spec.TextAt("template.spec.restartPolicy")}\": supported values: \"Always\"", "spec.template.spec.restartPolicy"));
    }

    private static void Pod(ResourceRequest request, JsonObject spec, string path, List<FieldCause> causes)
    {
        request.Warnings.AddRange(PodFieldWarnings.Find(spec, path));
        if (spec["containers"] is not JsonArray { Count: > 0 })
            causes.Add(FieldCause.Required($"{path}.containers"));
        var names = new HashSet<string>(StringComparer.Ordinal);
        var volumes = spec.ObjectsAt("volumes").Select(volume => volume.TextAt("name")).ToHashSet();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            var i = 0;
            foreach (var container in spec.ObjectsAt(list))
            {
                var at = $"{path}.{list}[{i++}]";
                Container(container, at, names, volumes, causes);
            }
        }
        if (spec.TextAt("restartPolicy") is not ("Always" or "OnFailure" or "Never" or "") and var policy)
            causes.Add(new FieldCause("FieldValueNotSupported", $"Unsupported value: \"{policy}\": supported values: \"Always\", \"OnFailure\", \"Never\"", $"{path}.restartPolicy"));
    }

    private static void Container(JsonObject container, string at, HashSet<string> names, HashSet<string> volumes, List<FieldCause> causes)
    {
        var name = container.TextAt("name");
        if (name.Length == 0)
            causes.Add(FieldCause.Required($"{at}.name"));
        else if (NameRules.NameFault(KindTable.Namespace, name) is { } fault)
            causes.Add(FieldCause.Invalid($"{at}.name", $"\"{name}\"", fault));
        else if (!names.Add(name))
            causes.Add(new FieldCause("FieldValueDuplicate", $"Duplicate value: \"{name}\"", $"{at}.name"));
        if (container.TextAt("image").Length == 0)
            causes.Add(FieldCause.Required($"{at}.image"));
        var i = 0;
        foreach (var port in container.ObjectsAt("ports"))
        {
            if (port.NumberAt("containerPort") is not (> 0 and < 65536))
                causes.Add(FieldCause.Invalid($"{at}.ports[{i}].containerPort", port["containerPort"]?.ToJsonString() ?? "0", "must be between 1 and 65535, inclusive"));
            i++;
        }
        i = 0;
        foreach (var mount in container.ObjectsAt("volumeMounts"))
        {
            if (!volumes.Contains(mount.TextAt("name")))
                causes.Add(new FieldCause("FieldValueNotFound", $"Not found: \"{mount.TextAt("name")}\"", $"{at}.volumeMounts[{i}].name"));
            if (mount.TextAt("mountPath").Length == 0)
                causes.Add(FieldCause.Required($"{at}.volumeMounts[{i}].mountPath"));
            i++;
        }
    }

    private static void Service(ResourceRequest request, KubeObject service, List<FieldCause> causes)
    {
        var spec = service.Root.Ensure("spec");
        var type = spec.TextAt("type");
        if (type is "NodePort" or "LoadBalancer")
            request.Warnings.Add($"spec.type: {type} is not acted on: no port is opened outside the mesh and no address is assigned; the Service answers on its cluster IP (from outside: kubectl port-forward)");
        if (spec.TextAt("sessionAffinity") == "ClientIP")
            request.Warnings.Add("spec.sessionAffinity: ClientIP is not acted on: each call goes to any endpoint");
        if (spec["externalIPs"] is JsonArray { Count: > 0 })
            request.Warnings.Add("spec.externalIPs is not acted on: the Service answers on its cluster IP only");
        if (type is not ("ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
            causes.Add(new FieldCause("FieldValueNotSupported", $"Unsupported value: \"{type}\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"", "spec.type"));
        var ports = spec.ObjectsAt("ports").ToArray();
        if (ports.Length == 0 && type != "ExternalName" && spec.TextAt("clusterIP") != "None")
            causes.Add(FieldCause.Required("spec.ports"));
        if (type == "ExternalName" && spec.TextAt("externalName").Length == 0)
            causes.Add(FieldCause.Required("spec.externalName"));
        var names = new HashSet<string>();
        for (var i = 0; i < ports.Length; i++)
        {
            if (ports[i].NumberAt("port") is not (> 0 and < 65536))
                causes.Add(FieldCause.Invalid($"spec.ports[{i}].port", ports[i]["port"]?.ToJsonString() ?? "0", "must be between 1 and 65535, inclusive"));
            var name = ports[i].TextAt("name");
            if (ports.Length > 1 && name.Length == 0)
                causes.Add(FieldCause.Required($"spec.ports[{i}].name"));
            else if (name.Length > 0 && !names.Add(name))
                causes.Add(new FieldCause("FieldValueDuplicate", $"Duplicate value: \"{name}\"", $"spec.ports[{i}].name"));
            if (ports[i].TextAt("protocol") is not ("TCP" or "UDP" or "SCTP") and var protocol)
                causes.Add(new FieldCause("FieldValueNotSupported", $"Unsupported value: \"{protocol}\": supported values: \"SCTP\", \"TCP\", \"UDP\"", $"spec.ports[{i}].protocol"));
        }
    }
}
