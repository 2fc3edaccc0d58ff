using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>Rules that several kinds share, in Istio's words.</summary>
internal static class Rules
{
    private const int LongestHeaderName = 256;

    public static void Port(Report report, Field field)
    {
        if (field.Integer is not { } number || !Primitives.Port.IsValid(number))
            report.Error(field, $"port number {field.Node?.ToJsonString() ?? "0"} must be in the range 1..65535", "write a port number from 1 to 65535");
    }

    public static void PortSelector(Report report, Field port)
    {
        if (port.IsSet)
            Port(report, port["number"]);
    }

    /// <summary>A duration of at least 1 ms and of whole milliseconds.</summary>
    public static void Duration(Report report, Field field, bool zeroAllowed = false)
    {
        if (!field.IsSet)
            return;
        if (field.Duration is not { } duration)
            report.Error(field, $"invalid duration {field.Node!.ToJsonString()}", "write a duration such as \"3s\" or \"250ms\"");
        else if (duration.Ticks % TimeSpan.TicksPerMillisecond != 0)
            report.Error(field, "only durations to ms precision are supported", $"round it to {Primitives.Duration.Format(TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(duration.TotalMilliseconds))))}");
        else if (duration < TimeSpan.FromMilliseconds(1) && !(zeroAllowed && duration == TimeSpan.Zero))
            report.Error(field, "duration must be greater than 1ms", "write at least \"0.001s\", or leave the field out");
    }

    /// <summary>A host: DNS name, wildcard as a whole first label, or (when allowed) an address.</summary>
    public static bool Host(Report report, Field field, bool addressAllowed = false)
    {
        if (addressAllowed && Primitives.Cidr.TryParseAddress(field.Text, out _))
            return true;
        if (DnsName.WildcardFault(field.Text) is not { } fault)
            return true;
        report.Error(field, fault, "write a DNS name such as example.com, or *.example.com for all names below it");
        return false;
    }

    public static void Labels(Report report, Field labels)
    {
        foreach (var (key, value) in labels.Entries)
        {
            if (!DnsName.IsLabelKey(key))
                report.Error(value, $"invalid tag key: \"{key}\"", "use letters, digits, '-', '_' and '.', with an optional DNS prefix and '/'");
            else if (!DnsName.IsLabelValue(value.Text))
                report.Error(value, $"invalid tag value: \"{value.Text}\"", "use at most 63 letters, digits, '-', '_' and '.'");
        }
    }

    public static void Selector(Report report, Field selector, string field)
    {
        if (!selector.IsSet)
            return;
        if (selector[field].Count == 0)
        {
            report.Warn(selector, "workload selector specified without labels", "add labels, or remove the selector: it selects the same without them");
            return;
        }
        foreach (var (key, value) in selector[field].Entries)
        {
            if (key.Length == 0)
                report.Error(value, "empty key is not supported in selector", "write a label key");
            if (key.Contains('*', StringComparison.Ordinal) || value.Text.Contains('*', StringComparison.Ordinal))
                report.Error(value, $"wildcard is not supported in selector: \"{key}={value.Text}\"", "write the whole key and value");
        }
    }

    public static void ExportTo(Report report, Field exportTo, bool noneAllowed)
    {
        var own = report.Target.Namespace;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in exportTo.Items)
        {
            var text = entry.Text;
            if (text is not ("." or "*" or "~") && !DnsName.IsLabel(text))
                report.Error(entry, $"only .,*,~ or a valid DNS 1123 label is allowed as exportTo entry; got \"{text}\"", "write a namespace, \".\" for the object's own or \"*\" for all");
            if (text == "~" && !noneAllowed)
                report.Error(entry, "~ (None) is not allowed in exportTo of this kind", "write \".\" to keep it in its namespace");
            if (!seen.Add(text == "." && own.Length > 0 ? own : text))
                report.Error(entry, $"duplicate entries in exportTo: {text}", "name each namespace once; \".\" is the object's own", "FieldValueDuplicate");
        }
        if (exportTo.Count > 1 && exportTo.Items.Any(entry => entry.Text == "*"))
            report.Error(exportTo, "cannot have both public (i.e., *) and non-public (i.e., . or a list of namespaces) exportTo values", "keep \"*\" alone, or remove it");
        if (exportTo.Count > 1 && exportTo.Items.Any(entry => entry.Text == "~"))
            report.Error(exportTo, "cannot export to no one (i.e., ~) and someone", "keep \"~\" alone, or remove it");
    }

    /// <summary>0, or 0.0001 to 100.</summary>
    public static void Percent(Report report, Field percentage)
    {
        if (percentage["value"].Number is { } value && (value is < 0 or > 100 || value is > 0 and < 0.0001))
            report.Error(percentage["value"], $"percentage {value} is neither 0.0, nor in range [0.0001, 100.0]", "write 0, or a value from 0.0001 to 100");
    }

    public static void HeaderName(Report report, Field field, string name)
    {
        if (name.Length == 0)
            report.Error(field, "header name cannot be empty", "write the name of a header");
        else if (name.Length > LongestHeaderName || name.Any(c => c is <= ' ' or >= (char)127 or ':' or '(' or ')' or ',' or '"' or '/' or ';' or '<' or '=' or '>' or '?' or '@' or '[' or '\\' or ']' or '{' or '}'))
            report.Error(field, $"header name \"{name}\" is not a valid header name", "use letters, digits and '-'");
    }

    public static void Regex(Report report, Field field)
    {
        if (field.Text.Length == 0)
            report.Error(field, "regex match must not be empty", "write an RE2 expression, or remove the match");
        else if (Re2.Fault(field.Text) is { } fault)
            report.Error(field, fault, "write an RE2 expression: no look-around and no back-references");
    }

    public static void Cidr(Report report, Field field)
    {
        if (!Primitives.Cidr.TryParse(field.Text, out _))
            report.Error(field, $"{field.Text} is not a valid IP or CIDR block", "write an address such as 192.0.2.1 or a block such as 192.0.2.0/24");
    }

    public static void NotNegative(Report report, Field parent, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (parent[name].Number is < 0)
                report.Error(parent[name], $"{name} must be non-negative", "write 0 or more");
        }
    }
}
