using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

public enum WorkloadMode
{
    ClientAndServer,
    Client,
    Server,
}

/// <summary>What workloads report (Istio, <c>telemetry/v1alpha1/telemetry.proto</c>).</summary>
public sealed record Telemetry(ObjectMeta Meta)
{
    internal static readonly string[] Modes = ["CLIENT_AND_SERVER", "CLIENT", "SERVER"];

    /// <summary>Labels of the workloads; null means the namespace, in the root namespace the mesh.</summary>
    public ValueMap<string>? Selector { get; init; }

    public ValueList<TargetReference> TargetRefs { get; init; } = ValueList<TargetReference>.Empty;
    public ValueList<AccessLogging> AccessLogging { get; init; } = ValueList<AccessLogging>.Empty;
    public ValueList<MetricsReporting> Metrics { get; init; } = ValueList<MetricsReporting>.Empty;
    public ValueList<Tracing> Tracing { get; init; } = ValueList<Tracing>.Empty;

    public static Telemetry Read(KubeObject source)
    {
        var spec = source.Spec;
        var single = spec.Optional("targetRef", TargetReference.Read);
        return new Telemetry(ObjectMeta.Read(source))
        {
            Selector = spec.Object("selector")?.TextMap("matchLabels"),
            TargetRefs = single is null ? spec.List("targetRefs", TargetReference.Read) : [single],
            AccessLogging = spec.List("accessLogging", item => new AccessLogging(
                Mode(item), Providers(item), item.OptionalFlag("disabled"), item.Object("filter").Text("expression"))),
            Metrics = spec.List("metrics", item => new MetricsReporting(
                Providers(item), item.List("overrides", MetricOverride.Read), item.OptionalDuration("reportingInterval"))),
            Tracing = spec.List("tracing", item => Kinds.Tracing.Read(item, Mode(item), Providers(item))),
        };
    }

    internal static WorkloadMode Mode(JsonObject node) => (WorkloadMode)node.Object("match").Enumerated("mode", Modes);

    private static ValueList<string> Providers(JsonObject node) => node.List("providers", item => item.Text("name"));
}

/// <summary>An object that a policy is attached to.</summary>
public sealed record TargetReference(string Group, string Kind, string Name, string Namespace)
{
    public static TargetReference Read(JsonObject node) => new(node.Text("group"), node.Text("kind"), node.Text("name"), node.Text("namespace"));
}

/// <summary>Access logs for one direction; <paramref name="Filter"/> is a CEL expression, empty for all requests.</summary>
public sealed record AccessLogging(WorkloadMode Mode, ValueList<string> Providers, bool? Disabled, string Filter);

/// <summary>Metrics of some providers (empty: the default ones).</summary>
public sealed record MetricsReporting(ValueList<string> Providers, ValueList<MetricOverride> Overrides, TimeSpan? ReportingInterval);

/// <summary>A change to some metrics: <see cref="Metric"/> is Istio's enum name (<c>ALL_METRICS</c> when nothing is named) or empty with a custom one.</summary>
public sealed record MetricOverride(WorkloadMode Mode, string Metric, string CustomMetric, bool? Disabled, ValueMap<TagOverride> TagOverrides)
{
    public static MetricOverride Read(JsonObject node)
    {
        var match = node.Object("match");
        var custom = match.Text("customMetric");
        var metric = match.Text("metric");
        return new(
            (WorkloadMode)match.Enumerated("mode", Telemetry.Modes),
            metric.Length == 0 && custom.Length == 0 ? "ALL_METRICS" : metric,
            custom,
            node.OptionalFlag("disabled"),
            node.ObjectMap("tagOverrides", item => new TagOverride(item.Text("operation") == "REMOVE", item.Text("value"))));
    }
}

/// <summary>A tag removed, or set to the value of a CEL expression.</summary>
public sealed record TagOverride(bool Remove, string Value);

/// <summary>Tracing settings; null values inherit.</summary>
public sealed record Tracing(WorkloadMode Mode, ValueList<string> Providers)
{
    public double? RandomSamplingPercentage { get; init; }
    public bool? DisableSpanReporting { get; init; }
    public bool? UseRequestIdForTraceSampling { get; init; }
    public bool? EnableIstioTags { get; init; }
    public bool? DisableContextPropagation { get; init; }
    public ValueMap<CustomTag> CustomTags { get; init; } = ValueMap<CustomTag>.Empty;

    internal static Tracing Read(JsonObject node, WorkloadMode mode, ValueList<string> providers) => new(mode, providers)
    {
        RandomSamplingPercentage = node.OptionalNumber("randomSamplingPercentage"),
        DisableSpanReporting = node.OptionalFlag("disableSpanReporting"),
        UseRequestIdForTraceSampling = node.OptionalFlag("useRequestIdForTraceSampling"),
        EnableIstioTags = node.OptionalFlag("enableIstioTags"),
        DisableContextPropagation = node.OptionalFlag("disableContextPropagation"),
        CustomTags = node.ObjectMap("customTags", CustomTag.Read),
    };
}

/// <summary>A tag on spans: <paramref name="Source"/> is literal, environment, header or formatter.</summary>
public sealed record CustomTag(string Source, string Value, string DefaultValue)
{
    public static CustomTag Read(JsonObject node)
    {
        foreach (var source in (ReadOnlySpan<string>)["literal", "formatter"])
        {
            if (node.Object(source) is { } valued)
                return new(source, valued.Text("value"), "");
        }
        foreach (var source in (ReadOnlySpan<string>)["environment", "header"])
        {
            if (node.Object(source) is { } named)
                return new(source, named.Text("name"), named.Text("defaultValue"));
        }
        return new("", "", "");
    }
}
