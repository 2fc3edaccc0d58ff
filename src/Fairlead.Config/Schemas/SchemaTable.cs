using System.Collections.Frozen;
using Fairlead.Config.Kinds;

namespace Fairlead.Config.Schemas;

/// <summary>The schemas of every served kind and of the bodies of subresources. Read once, on first use.</summary>
public static class SchemaTable
{
    private const string Networking = "io.istio.networking.v1";

    private static readonly SchemaText Text = new(
    [
        MetaSchema.Text, VolumeSchema.Text, ContainerSchema.Text, SchedulingSchema.Text, PodSchema.Text, ServiceSchema.Text,
        NodeSchema.Text, NamespaceSchema.Text, ConfigMapSchema.Text, SecretSchema.Text, ServiceAccountSchema.Text,
        EndpointsSchema.Text, EventSchema.Text, BindingSchema.Text, DeploymentSchema.Text, ReplicaSetSchema.Text,
        EndpointSliceSchema.Text, LeaseSchema.Text, WebhookSchema.Text, AccessReviewSchema.Text, TokenSchema.Text, ScaleSchema.Text,
        ServiceEntrySchema.Text, VirtualServiceSchema.Text, DestinationRuleSchema.Text, SidecarSchema.Text, TelemetrySchema.Text,
    ]);

    private static readonly FrozenDictionary<string, string> Packages = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["apps"] = "io.k8s.api.apps.v1",
        ["discovery.k8s.io"] = "io.k8s.api.discovery.v1",
        ["coordination.k8s.io"] = "io.k8s.api.coordination.v1",
        ["admissionregistration.k8s.io"] = "io.k8s.api.admissionregistration.v1",
        ["apiextensions.k8s.io"] = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1",
        ["authorization.k8s.io"] = "io.k8s.api.authorization.v1",
        ["authentication.k8s.io"] = "io.k8s.api.authentication.v1",
        ["autoscaling"] = "io.k8s.api.autoscaling.v1",
        ["policy"] = "io.k8s.api.policy.v1",
        ["networking.istio.io"] = Networking,
        ["telemetry.istio.io"] = "io.istio.telemetry.v1",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, ObjectSchema> ByFullName =
        Text.Objects.ToFrozenDictionary(schema => schema.FullName, StringComparer.Ordinal);

    /// <summary>Every object type, for OpenAPI's <c>components.schemas</c>.</summary>
    public static IReadOnlyCollection<ObjectSchema> Objects => Text.Objects;

    /// <summary>One schema per kind and served version.</summary>
    public static IReadOnlyList<Schema> All { get; } =
        [.. KindTable.All.SelectMany(kind => kind.Versions.Select(version => Find(kind.Group, version, kind.Kind)).OfType<Schema>())];

    /// <summary>The schema of a kind, also of bodies that are no kinds of the table (DeleteOptions, Scale, reviews, Eviction); null when unknown.</summary>
    public static Schema? Find(string group, string version, string kind)
    {
        if (kind is "DeleteOptions" or "CreateOptions")
            return new Schema(group, version, kind, ByFullName[$"{MetaSchema.Package}.{kind}"]);
        var package = group.Length == 0 ? MetaSchema.CorePackage : Packages.GetValueOrDefault(group);
        return package is not null && ByFullName.TryGetValue($"{package}.{kind}", out var root) ? new Schema(group, version, kind, root) : null;
    }

    public static Schema? Find(KubeObject target) => Find(target.Group, target.Version, target.Kind);
}
