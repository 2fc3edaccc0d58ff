using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.ControlPlane.Admission;

namespace Fairlead.ControlPlane.Injection;

/// <summary>Turns a pod into one with a sidecar: pure, from the pod, its namespace's labels and the settings.</summary>
public static class SidecarInjector
{
    public const string StatusAnnotation = "sidecar.istio.io/status";

    /// <summary>The answer to the creation of a pod: a patch, or nothing to do, or a refusal of annotations that cannot be read.</summary>
    public static AdmissionAnswer Answer(KubeObject pod, string ns, IReadOnlyDictionary<string, string> namespaceLabels, InjectionSettings settings)
    {
        var (inject, _, warning) = InjectionPolicy.Decide(pod, ns, namespaceLabels, settings.Revision);
        List<string> warnings = warning.Length > 0 ? [warning] : [];
        if (!inject || pod.Annotations.ContainsKey(StatusAnnotation))
            return AdmissionAnswer.Unchanged with { Warnings = warnings };
        try
        {
            var injected = Inject(pod, ns, settings);
            warnings.AddRange(InjectionWarnings.For(pod));
            return new AdmissionAnswer(true, "", JsonDifference.Between(pod.Root, injected.Root), warnings);
        }
        catch (InvalidDataException fault)
        {
            return AdmissionAnswer.Denied($"sidecar injection: {fault.Message}", warnings);
        }
    }

    /// <exception cref="InvalidDataException">An annotation cannot be read.</exception>
    public static KubeObject Inject(KubeObject pod, string ns, InjectionSettings settings)
    {
        var result = pod.DeepClone();
        var owner = WorkloadOwner.Of(pod, ns);
        var spec = result.Spec ?? throw new InvalidDataException("the pod has no spec");
        var proxyConfig = ProxyConfigText.Effective(pod, settings.DefaultProxyConfig);

        var proxy = SidecarTemplate.Proxy(pod, ns, owner, settings);
        if (TakeOut(spec, SidecarTemplate.ProxyContainer) is { } own)
            ContainerOverlay.Apply(proxy, own);
        var volumes = AddVolumes(spec, proxy, pod);
        var captured = CaptureArguments.InterceptionMode(pod.Annotations) is not "NONE";
        if (captured)
            Items(spec, "initContainers").Insert(0, SidecarTemplate.Init(pod, settings));
        var native = IsNative(pod, settings);
        if (native)
        {
            proxy["restartPolicy"] = "Always";
            Items(spec, "initContainers").Insert(captured ? 1 : 0, proxy);
        }
        else if (HoldsApplication(proxyConfig))
        {
            // A container's start hook holds back those that come after it.
            proxy["lifecycle"] ??= SidecarTemplate.WaitUntilReady();
            Items(spec, "containers").Insert(0, proxy);
        }
        else
        {
            Items(spec, "containers").Add((JsonNode)proxy);
        }
        AddFilesystemGroup(spec);
        Describe(result, pod, owner, volumes, captured, native, settings);
        return result;
    }

    private static bool IsNative(KubeObject pod, InjectionSettings settings) =>
        pod.Annotations.TryGetValue("sidecar.istio.io/nativeSidecar", out var asked) ? asked == "true" : settings.NativeSidecars;

    private static bool HoldsApplication(JsonObject proxyConfig) =>
        proxyConfig["holdApplicationUntilProxyStarts"] is JsonValue value && value.TryGetValue(out bool hold) && hold;

    /// <summary>The token and the root must be readable by the sidecar's user, as Istio arranges with the pod's fsGroup.</summary>
    private static void AddFilesystemGroup(JsonObject spec)
    {
        if (spec["securityContext"] is not JsonObject context)
            spec["securityContext"] = context = [];
        context["fsGroup"] ??= 1337;
    }

    private static List<string> AddVolumes(JsonObject spec, JsonObject proxy, KubeObject pod)
    {
        var volumes = Items(spec, "volumes");
        var present = volumes.OfType<JsonObject>().Select(volume => Text(volume, "name")).ToHashSet(StringComparer.Ordinal);
        var added = new List<string>();
        foreach (var volume in SidecarTemplate.Volumes().Concat(UserItems(pod, "sidecar.istio.io/userVolume")))
        {
            var name = Text(volume, "name");
            if (!present.Add(name))
                continue;
            volumes.Add((JsonNode)volume);
            added.Add(name);
        }
        var mounts = Items(proxy, "volumeMounts");
        foreach (var mount in UserItems(pod, "sidecar.istio.io/userVolumeMount"))
            mounts.Add((JsonNode)mount);
        return added;
    }

    /// <summary>A JSON list, or a JSON object whose keys become the items' names (both forms are in use).</summary>
    private static IEnumerable<JsonObject> UserItems(KubeObject pod, string annotation)
    {
        if (!pod.Annotations.TryGetValue(annotation, out var text) || text.Length == 0)
            return [];
        try
        {
            return JsonNode.Parse(text) switch
            {
                JsonArray items => [.. items.OfType<JsonObject>().Select(item => (JsonObject)item.DeepClone())],
                JsonObject named => [.. named.Where(entry => entry.Value is JsonObject).Select(entry => Named(entry.Key, (JsonObject)entry.Value!.DeepClone()))],
                _ => throw new InvalidDataException($"annotation {annotation}: neither a JSON list nor a JSON object"),
            };
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"annotation {annotation}: not JSON: {fault.Message}", fault);
        }
    }

    private static JsonObject Named(string name, JsonObject item)
    {
        item["name"] = name;
        return item;
    }

    private static void Describe(KubeObject result, KubeObject pod, WorkloadOwner owner, List<string> volumes, bool captured, bool native, InjectionSettings settings)
    {
        var labels = Fields(result.Metadata, "labels");
        var own = pod.Labels;
        labels["security.istio.io/tlsMode"] ??= "istio";
        labels["service.istio.io/canonical-name"] ??=
            own.GetValueOrDefault("app.kubernetes.io/name") ?? own.GetValueOrDefault("app") ?? owner.Name;
        labels["service.istio.io/canonical-revision"] ??=
            own.GetValueOrDefault("app.kubernetes.io/version") ?? own.GetValueOrDefault("version") ?? "latest";

        var annotations = Fields(result.Metadata, "annotations");
        annotations[InjectionPolicy.RevisionKey] = settings.Revision;
        var application = (pod.Spec?["containers"] as JsonArray ?? []).OfType<JsonObject>().Select(container => Text(container, "name"))
            .FirstOrDefault(name => name != SidecarTemplate.ProxyContainer);
        if (application is not null)
        {
            annotations["kubectl.kubernetes.io/default-container"] ??= application;
            annotations["kubectl.kubernetes.io/default-logs-container"] ??= application;
        }
        var init = new List<string>();
        if (captured)
            init.Add(SidecarTemplate.InitContainer);
        if (native)
            init.Add(SidecarTemplate.ProxyContainer);
        annotations[StatusAnnotation] = new JsonObject
        {
            ["initContainers"] = Texts(init),
            ["containers"] = Texts(native ? [] : [SidecarTemplate.ProxyContainer]),
            ["volumes"] = Texts(volumes),
            ["imagePullSecrets"] = null,
            ["revision"] = settings.Revision,
        }.ToJsonString(JsonText.Relaxed);
    }

    private static JsonObject? TakeOut(JsonObject spec, string name)
    {
        foreach (var list in (string[])["containers", "initContainers"])
        {
            if (spec[list] is not JsonArray containers)
                continue;
            if (containers.OfType<JsonObject>().FirstOrDefault(container => Text(container, "name") == name) is { } found)
            {
                containers.Remove(found);
                return found;
            }
        }
        return null;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);

    private static JsonArray Items(JsonObject parent, string field)
    {
        if (parent[field] is not JsonArray items)
            parent[field] = items = [];
        return items;
    }

    private static JsonObject Fields(JsonObject parent, string field)
    {
        if (parent[field] is not JsonObject fields)
            parent[field] = fields = [];
        return fields;
    }

    private static string Text(JsonObject node, string field) =>
        node[field] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
