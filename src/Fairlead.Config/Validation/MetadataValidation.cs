using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Names, labels and annotations.</summary>
internal static class MetadataValidation
{
    /// <summary>Kubernetes' limit on the sum of an object's annotations.</summary>
    private const int MostAnnotationBytes = 256 * 1024;

    private static readonly string[] Internal = ["internal.istio.io/parents", "internal.istio.io/parent-names", "internal.istio.io/parent-namespace", "internal.istio.io/always-reject"];

    public static void Check(Report report)
    {
        var metadata = Field.Of(report.Target, "metadata");
        Name(report, metadata);
        foreach (var (key, value) in metadata["labels"].Entries)
        {
            if (!DnsName.IsLabelKey(key) || !DnsName.IsLabelValue(value.Text))
                report.Error(metadata["labels"], $"Invalid value: \"{key}={value.Text}\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.'", "use at most 63 letters, digits, '-', '_' and '.'");
        }
        var size = 0;
        foreach (var (key, value) in metadata["annotations"].Entries)
        {
            size += key.Length + value.Text.Length;
            if (!DnsName.IsLabelKey(key.ToLowerInvariant()))
                report.Error(metadata["annotations"], $"Invalid value: \"{key}\": name part must consist of alphanumeric characters, '-', '_' or '.'", "use [prefix/]name");
            if (Internal.Contains(key) && report.Target.Group.EndsWith(".istio.io", StringComparison.Ordinal))
                report.Error(value, $"the internal annotation {key} must not be set by users", "remove it");
        }
        if (size > MostAnnotationBytes)
            report.Error(metadata["annotations"], $"Too long: may not be more than {MostAnnotationBytes} bytes", "keep large data in a ConfigMap");
        if (report.Target.Group.EndsWith(".istio.io", StringComparison.Ordinal) && metadata["annotations"]["istio.io/dry-run"] is { IsSet: true } dryRun)
            report.Error(dryRun, "istio.io/dry-run is not supported by this kind", "remove the annotation: the object acts at once");
    }

    private static void Name(Report report, Field metadata)
    {
        var name = metadata["name"].Text;
        var generated = metadata["generateName"].Text;
        if (name.Length == 0 && generated.Length == 0)
            report.Error(metadata["name"], "Required value: name or generateName is required", "give the object a name", "FieldValueRequired");
        if (name.Length == 0)
            return;
        var labelOnly = report.Target.Kind is "Namespace" or "Service" && report.Target.Group.Length == 0;
        if (labelOnly ? !DnsName.IsLabel(name) : !IsSubdomain(name))
        {
            report.Error(metadata["name"],
                $"Invalid value: \"{name}\": a lowercase RFC 1123 {(labelOnly ? "label" : "subdomain")} must consist of lower case alphanumeric characters{(labelOnly ? " or '-'" : ", '-' or '.'")}, and must start and end with an alphanumeric character",
                "use lower-case letters, digits and '-'");
        }
    }

    private static bool IsSubdomain(string name) =>
        name.Length <= 253 && name.Split('.').All(label => DnsName.IsLabel(label) || (label.Length > DnsName.LongestLabel && label.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')));
}
