using Fairlead.Config.Kinds;

namespace Fairlead.Config.Analysis;

/// <summary>IST0102, IST0103, IST0123, IST0139, IST0144, IST0146 to IST0148, IST0158: whether workloads get their sidecar, and the right one.</summary>
internal static class InjectionAnalysis
{
    private const string InjectionLabel = "istio-injection";
    private const string RevisionLabel = "istio.io/rev";
    private const string ProxyContainer = "istio-proxy";
    private const long ReservedUser = 1337;

    private static readonly string[] SystemNamespaces = ["kube-system", "kube-public", "kube-node-lease", "local-path-storage"];

    public static void Check(AnalysisModel model, FindingSink sink)
    {
        var injector = InjectorValues.Read(model);
        var injected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (source, space) in model.Namespaces)
            Namespace(model, sink, injected, source, space, injector);
        foreach (var (source, pod) in model.Pods)
            Pod(sink, injected, source, pod);
        foreach (var (source, pod) in model.Pods)
            ImageAuto(sink, injected, source, pod.Meta, pod.Spec, "Pod");
        foreach (var (source, deployment) in model.Deployments)
            ImageAuto(sink, injected, source, deployment.Template.Meta with { Namespace = deployment.Meta.Namespace, Name = deployment.Meta.Name }, deployment.Template.Spec, "Deployment");
        ProxyImages(model, sink, injector);
        foreach (var (source, webhook) in model.Webhooks)
            Webhook(model, sink, source, webhook);
    }

    private static void Namespace(AnalysisModel model, FindingSink sink, HashSet<string> injected, KubeObject source, Namespace space, InjectorValues injector)
    {
        var name = space.Meta.Name;
        if (SystemNamespaces.Contains(name) || name == model.Mesh.RootNamespace)
            return;
        var hasRevision = space.Meta.Labels.ContainsKey(RevisionLabel);
        var given = space.Meta.Labels.TryGetValue(InjectionLabel, out var injection);
        if (given && hasRevision)
            sink.Warn(source, AnalysisCodes.SeveralInjectionLabels, "metadata.labels",
                $"The namespace has more than one injection label: {InjectionLabel} and {RevisionLabel}, which may lead to undefined behavior.", $"remove {RevisionLabel}");
        if (injection == "enabled" || hasRevision)
            injected.Add(name);
        else if (!given && injector.EnablesByDefault)
        {
            injected.Add(name);
            sink.Info(source, AnalysisCodes.InjectedByDefault, "metadata.labels", "is enabled for Istio injection, as Istio is installed with enableNamespacesByDefault as true.",
                $"nothing need be done; to opt out: kubectl label namespace {name} istio-injection=disabled");
        }
        else if (!given)
            sink.Info(source, AnalysisCodes.NamespaceNotInjected, "metadata.labels",
                $"The namespace is not enabled for Istio injection. Run 'kubectl label namespace {name} istio-injection=enabled' to enable it, or 'kubectl label namespace {name} istio-injection=disabled' to explicitly mark it as not needing injection.",
                $"kubectl label namespace {name} istio-injection=enabled");
    }

    private static void Pod(FindingSink sink, HashSet<string> injected, KubeObject source, Pod pod)
    {
        var hasProxy = pod.Spec.Containers.Concat(pod.Spec.InitContainers).Any(container => container.Name == ProxyContainer);
        var refuses = pod.Meta.Labels.GetValueOrDefault("sidecar.istio.io/inject", "") == "false"
            || pod.Meta.Annotations.GetValueOrDefault("sidecar.istio.io/inject", "") == "false"
            || pod.Spec.HostNetwork;
        if (injected.Contains(pod.Meta.Namespace) && !hasProxy && !refuses && pod.Status.Phase is not ("Succeeded" or "Failed"))
            sink.Warn(source, AnalysisCodes.PodMissingProxy, "spec.containers",
                $"The pod {pod.Meta} is missing the Istio proxy. This can often be resolved by restarting or redeploying the workload.", "delete the pod: its controller makes it again, with the proxy");
        for (var i = 0; i < pod.Spec.Containers.Count; i++)
        {
            var container = pod.Spec.Containers[i];
            if (container.Name != ProxyContainer && (container.SecurityContext.RunAsUser ?? pod.Spec.SecurityContext.RunAsUser) == ReservedUser)
                sink.Warn(source, AnalysisCodes.ReservedUser, $"spec.containers[{i}].securityContext.runAsUser",
                    $"User ID (UID) {ReservedUser} is reserved for the sidecar proxy.", "use another user: traffic of this one bypasses the mesh");
        }
    }

    /// <summary>"auto" is a placeholder that only the injector fills in.</summary>
    private static void ImageAuto(FindingSink sink, HashSet<string> injected, KubeObject source, ObjectMeta meta, PodSpec spec, string kind)
    {
        var label = meta.Labels.GetValueOrDefault("sidecar.istio.io/inject", "");
        if (label == "true" || (label != "false" && injected.Contains(meta.Namespace)))
            return;
        for (var i = 0; i < spec.Containers.Count; i++)
        {
            if (spec.Containers[i].Image != "auto")
                continue;
            var path = kind == "Pod" ? $"spec.containers[{i}].image" : $"spec.template.spec.containers[{i}].image";
            var message = $"{kind} {meta.Name} contains `image: auto` but does not match any Istio injection webhook selectors.";
            const string remedy = "label the pods sidecar.istio.io/inject: \"true\", or the namespace istio-injection=enabled";
            // A bare pod is broken now; a Deployment's pods may still be changed on their way.
            if (kind == "Pod") sink.Error(source, AnalysisCodes.ImageAutoInPod, path, message, remedy);
            else sink.Warn(source, AnalysisCodes.ImageAutoInDeployment, path, message, remedy);
        }
    }

    private static void ProxyImages(AnalysisModel model, FindingSink sink, InjectorValues injector)
    {
        if (injector.ProxyImage.Length == 0)
            return;
        foreach (var pods in model.Pods.GroupBy(item => item.Value.Meta.Namespace))
        {
            var others = pods.Where(item => item.Value.Spec.Containers.Concat(item.Value.Spec.InitContainers)
                .Any(container => container.Name == ProxyContainer && container.Image != injector.ProxyImage)).Select(item => item.Value.Meta.Name).Order(StringComparer.Ordinal).ToList();
            if (others.Count == 0)
                continue;
            var source = model.Namespaces.Where(item => item.Value.Meta.Name == pods.Key).Select(item => item.Source).FirstOrDefault() ?? pods.First().Source;
            sink.Warn(source, AnalysisCodes.ProxyImageMismatch, "metadata.name",
                $"The Istio proxy images of the pods running in the namespace do not match the image defined in the injection configuration (pod names: {string.Join(", ", others)}). This often happens after upgrading the Istio control-plane and can be fixed by redeploying the pods.",
                $"kubectl rollout restart -n {pods.Key} their deployments; the image is {injector.ProxyImage}");
        }
    }

    private static void Webhook(AnalysisModel model, FindingSink sink, KubeObject source, WebhookConfiguration configuration)
    {
        for (var i = 0; i < configuration.Webhooks.Count; i++)
        {
            if (configuration.Webhooks[i].Service is { } service && model.Input.IsComplete && !model.Exists("Service", service.Namespace, service.Name))
                sink.Error(source, AnalysisCodes.InvalidWebhook, $"webhooks[{i}].clientConfig.service",
                    $"Invalid webhook: service {service.Namespace}/{service.Name} does not exist", "create the service, or delete the webhook: with failurePolicy Fail it refuses requests");
        }
    }
}
