using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rule 40 of Istio's webhook: Telemetry.</summary>
internal static class TelemetryValidation
{
    public static void Check(Report report, Field spec)
    {
        if (spec["selector"].IsSet && (spec["targetRef"].IsSet || spec["targetRefs"].Count > 0))
            report.Error(spec["selector"], "only one of targetRefs or workloadSelector can be set", "keep one of them");
        Rules.Selector(report, spec["selector"], "matchLabels");
        foreach (var list in (ReadOnlySpan<string>)["accessLogging", "metrics", "tracing"])
        {
            foreach (var item in spec[list].Items)
                Providers(report, item["providers"]);
        }
        foreach (var logging in spec["accessLogging"].Items)
            Filter(report, logging["filter"]["expression"]);
        foreach (var metrics in spec["metrics"].Items)
            Metrics(report, metrics);
        Tracing(report, spec["tracing"]);
    }

    private static void Providers(Report report, Field providers)
    {
        foreach (var provider in providers.Items)
        {
            if (provider["name"].Text.Length == 0)
                report.Error(provider["name"], "providers.name must not be empty", "name an extension provider of the mesh's settings, or envoy", "FieldValueRequired");
        }
    }

    private static void Filter(Report report, Field expression)
    {
        if (expression.Text.Length > 0 && CelSyntax.Fault(expression.Text) is { } fault)
            report.Error(expression, $"must be a valid CEL expression, {fault}", "write a condition such as response.code >= 400");
    }

    private static void Metrics(Report report, Field metrics)
    {
        Rules.Duration(report, metrics["reportingInterval"]);
        foreach (var change in metrics["overrides"].Items)
        {
            if (change["match"]["customMetric"].IsSet && change["match"]["customMetric"].Text.Length == 0)
                report.Error(change["match"]["customMetric"], "customMetric must not be empty", "name the metric");
            foreach (var (name, tag) in change["tagOverrides"].Entries)
            {
                if (name.Length == 0)
                    report.Error(tag, "tagOverrides key must not be empty", "name the tag");
                var removes = tag["operation"].Text == "REMOVE";
                if (!removes && tag["value"].Text.Length == 0)
                    report.Error(tag["value"], $"tagOverrides.{name}.value must be set when operation is UPSERT", "write an expression", "FieldValueRequired");
                if (removes && tag["value"].Text.Length > 0)
                    report.Error(tag["value"], $"tagOverrides.{name}.value must not be set when operation is REMOVE", "remove value");
                if (!removes && tag["value"].Text.Length > 0 && CelSyntax.Fault(tag["value"].Text) is { } fault)
                    report.Error(tag["value"], $"must be a valid CEL expression, {fault}", "write an expression such as request.host");
            }
        }
    }

    private static void Tracing(Report report, Field tracing)
    {
        if (tracing.Count > 1)
            report.Warn(tracing, "multiple tracing is not currently supported", "keep one item: the others have no effect");
        foreach (var item in tracing.Items)
        {
            if (item["providers"].Count > 1)
                report.Warn(item["providers"], "multiple providers is not currently supported", "keep one provider: the others have no effect");
            if (item["randomSamplingPercentage"].Number is < 0 or > 100)
                report.Error(item["randomSamplingPercentage"], "randomSamplingPercentage must be in range [0.0, 100.0]", "write 0 to 100");
            foreach (var (name, tag) in item["customTags"].Entries)
                CustomTag(report, name, tag);
        }
    }

    private static void CustomTag(Report report, string name, Field tag)
    {
        if (name.Length == 0)
            report.Error(tag, "tag name may not be empty", "name the tag");
        if (!tag.IsObject || tag.Count == 0)
        {
            report.Error(tag, $"tag {name} must have literal, environment, header or formatter", "say where the tag's value comes from");
            return;
        }
        foreach (var (source, field) in (ReadOnlySpan<(string, string)>)[("literal", "value"), ("formatter", "value"), ("environment", "name"), ("header", "name")])
        {
            if (tag[source].IsSet && tag[source][field].Text.Length == 0)
                report.Error(tag[source][field], $"{source} tag {field} may not be empty", $"write {field}", "FieldValueRequired");
        }
    }
}
