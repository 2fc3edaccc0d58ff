using System.Collections.Frozen;

namespace Fairlead.Config.Kinds;

/// <summary>Every kind that the product serves and reads: a row each. Adding a kind is a row here and a file beside this one.</summary>
public static class KindTable
{
    private const string Networking = "networking.istio.io";
    private static readonly string[] NetworkingVersions = ["v1", "v1beta1", "v1alpha3"];
    private static readonly string[] NetworkingCategories = ["istio-io", "networking-istio-io"];

    public static KindDescriptor Namespace { get; } = new("", "Namespace", "namespaces", ["v1"], Namespaced: false) { ShortNames = ["ns"], HasStatus = true };
    public static KindDescriptor Node { get; } = new("", "Node", "nodes", ["v1"], Namespaced: false) { ShortNames = ["no"], HasStatus = true };
    public static KindDescriptor Pod { get; } = new("", "Pod", "pods", ["v1"]) { ShortNames = ["po"], Categories = ["all"], HasStatus = true };
    public static KindDescriptor Service { get; } = new("", "Service", "services", ["v1"]) { ShortNames = ["svc"], Categories = ["all"], HasStatus = true };
    public static KindDescriptor Endpoints { get; } = new("", "Endpoints", "endpoints", ["v1"]) { Singular = "endpoints", ShortNames = ["ep"] };
    public static KindDescriptor ServiceAccount { get; } = new("", "ServiceAccount", "serviceaccounts", ["v1"]) { ShortNames = ["sa"] };
    public static KindDescriptor ConfigMap { get; } = new("", "ConfigMap", "configmaps", ["v1"]) { ShortNames = ["cm"] };
    public static KindDescriptor Secret { get; } = new("", "Secret", "secrets", ["v1"]);
    public static KindDescriptor Event { get; } = new("", "Event", "events", ["v1"]) { ShortNames = ["ev"] };
    public static KindDescriptor Deployment { get; } = new("apps", "Deployment", "deployments", ["v1"]) { ShortNames = ["deploy"], Categories = ["all"], HasStatus = true, HasScale = true };
    public static KindDescriptor ReplicaSet { get; } = new("apps", "ReplicaSet", "replicasets", ["v1"]) { ShortNames = ["rs"], Categories = ["all"], HasStatus = true, HasScale = true };
    public static KindDescriptor EndpointSlice { get; } = new("discovery.k8s.io", "EndpointSlice", "endpointslices", ["v1"]);
    public static KindDescriptor Lease { get; } = new("coordination.k8s.io", "Lease", "leases", ["v1"]);
    public static KindDescriptor CustomResourceDefinition { get; } = new("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", ["v1"], Namespaced: false) { ShortNames = ["crd", "crds"], HasStatus = true };
    public static KindDescriptor ValidatingWebhookConfiguration { get; } = new("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", ["v1"], Namespaced: false);
    public static KindDescriptor MutatingWebhookConfiguration { get; } = new("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", ["v1"], Namespaced: false);

    public static KindDescriptor ServiceEntry { get; } = new(Networking, "ServiceEntry", "serviceentries", NetworkingVersions)
    {
        ShortNames = ["se"],
        Categories = NetworkingCategories,
        HasStatus = true,
        PrinterColumns = [new("Hosts", "string", ".spec.hosts"), new("Location", "string", ".spec.location"), new("Resolution", "string", ".spec.resolution"), Age],
    };

    public static KindDescriptor VirtualService { get; } = new(Networking, "VirtualService", "virtualservices", NetworkingVersions)
    {
        ShortNames = ["vs"],
        Categories = NetworkingCategories,
        HasStatus = true,
        PrinterColumns = [new("Gateways", "string", ".spec.gateways"), new("Hosts", "string", ".spec.hosts"), Age],
    };

    public static KindDescriptor DestinationRule { get; } = new(Networking, "DestinationRule", "destinationrules", NetworkingVersions)
    {
        ShortNames = ["dr"],
        Categories = NetworkingCategories,
        HasStatus = true,
        PrinterColumns = [new("Host", "string", ".spec.host"), Age],
    };

    public static KindDescriptor Sidecar { get; } = new(Networking, "Sidecar", "sidecars", NetworkingVersions) { Categories = NetworkingCategories, HasStatus = true };

    public static KindDescriptor WorkloadEntry { get; } = new(Networking, "WorkloadEntry", "workloadentries", NetworkingVersions)
    {
        ShortNames = ["we"],
        Categories = NetworkingCategories,
        HasStatus = true,
        PrinterColumns = [Age, new("Address", "string", ".spec.address")],
    };

    public static KindDescriptor Telemetry { get; } = new("telemetry.istio.io", "Telemetry", "telemetries", ["v1", "v1alpha1"])
    {
        ShortNames = ["telemetry"],
        Categories = ["istio-io", "telemetry-istio-io"],
        HasStatus = true,
        StorageVersion = "v1alpha1",
        PrinterColumns = [Age],
    };

    private static PrinterColumn Age => new("Age", "date", ".metadata.creationTimestamp");

    public static IReadOnlyList<KindDescriptor> All { get; } =
    [
        Namespace, Node, Pod, Service, Endpoints, ServiceAccount, ConfigMap, Secret, Event,
        Deployment, ReplicaSet, EndpointSlice, Lease, CustomResourceDefinition,
        ValidatingWebhookConfiguration, MutatingWebhookConfiguration,
        ServiceEntry, VirtualService, DestinationRule, Sidecar, WorkloadEntry, Telemetry,
    ];

    private static readonly FrozenDictionary<(string Group, string Kind), KindDescriptor> ByKind =
        All.ToFrozenDictionary(kind => (kind.Group, kind.Kind));

    private static readonly FrozenDictionary<(string Group, string Plural), KindDescriptor> ByPlural =
        All.ToFrozenDictionary(kind => (kind.Group, kind.Plural));

    /// <summary>The kind of an object, whatever served version it names; null when it is not served.</summary>
    public static KindDescriptor? Find(KubeObject target) =>
        ByKind.GetValueOrDefault((target.Group, target.Kind)) is { } kind && kind.Versions.Contains(target.Version) ? kind : null;

    public static KindDescriptor? FindByPlural(string group, string plural) => ByPlural.GetValueOrDefault((group, plural));
}
