using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Injection;

/// <summary>Whether a pod gets a sidecar (research: Istio's <c>injectRequired</c>): where never, then the label, then the annotation, then the namespace.</summary>
public static class InjectionPolicy
{
    public const string InjectKey = "sidecar.istio.io/inject";
    public const string RevisionKey = "istio.io/rev";
    public const string NamespaceKey = "istio-injection";

    private static readonly HashSet<string> NeverNamespaces = new(StringComparer.Ordinal)
    {
        "kube-system", "kube-public", "kube-node-lease", "local-path-storage",
    };

    /// <param name="ns">The namespace that the pod is created in.</param>
    /// <param name="namespaceLabels">That namespace's labels.</param>
    /// <returns>The decision, its reason, and a warning for the user or an empty string.</returns>
    public static (bool Inject, string Reason, string Warning) Decide(
        KubeObject pod, string ns, IReadOnlyDictionary<string, string> namespaceLabels, string revision)
    {
        if (pod.Spec?["hostNetwork"] is { } hostNetwork && hostNetwork.GetValueKind() == System.Text.Json.JsonValueKind.True)
            return (false, "the pod uses the host's network", "");
        if (NeverNamespaces.Contains(ns))
            return (false, $"namespace {ns} is never injected", "");

        var fromLabel = pod.Labels.TryGetValue(InjectKey, out var asked);
        if (!fromLabel)
            pod.Annotations.TryGetValue(InjectKey, out asked);
        switch (asked)
        {
            case "true":
                return (true, fromLabel ? "label" : "annotation", fromLabel ? "" : Deprecated);
            case "false":
                return (false, fromLabel ? "label" : "annotation", fromLabel ? "" : Deprecated);
            default:
                break;
        }
        var warning = string.IsNullOrEmpty(asked) ? "" : $"{InjectKey}: '{asked}' is neither 'true' nor 'false'; the namespace's policy applies";
        var (inject, reason) = ByNamespace(pod, ns, namespaceLabels, revision);
        return (inject, reason, warning);
    }

    private static string Deprecated => $"{InjectKey} as an annotation is deprecated: use the label of the same name";

    private static (bool Inject, string Reason) ByNamespace(KubeObject pod, string ns, IReadOnlyDictionary<string, string> labels, string revision)
    {
        if (labels.TryGetValue(NamespaceKey, out var policy))
            return (policy == "enabled", $"namespace {ns} has {NamespaceKey}={policy}");
        if (labels.TryGetValue(RevisionKey, out var wanted))
            return (wanted == revision, $"namespace {ns} has {RevisionKey}={wanted}");
        if (pod.Labels.TryGetValue(RevisionKey, out wanted))
            return (wanted == revision, $"the pod has {RevisionKey}={wanted}");
        return (false, $"namespace {ns} has neither {NamespaceKey} nor {RevisionKey}");
    }
}
