namespace Fairlead.Config.Primitives;

/// <summary>Syntax of DNS names, wildcard domains and labels, with Istio's words for what is wrong.</summary>
public static class DnsName
{
    public const int LongestName = 255;
    public const int LongestLabel = 63;

    /// <summary>RFC 1123 label in lower case: names of namespaces, ports, subsets.</summary>
    public static bool IsLabel(string text) => text.Length <= LongestLabel && IsAnyCaseLabel(text) && !text.Any(char.IsAsciiLetterUpper);

    /// <summary>What is wrong with a fully qualified name; null when nothing is. A dot at the end is allowed.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
            return "empty domain name not allowed";
        if (name.Length > LongestName)
            return $"domain name \"{name[..64]}...\" too long (max {LongestName})";
        var labels = (name.EndsWith('.') ? name[..^1] : name).Split('.');
        foreach (var label in labels)
        {
            if (!IsAnyCaseLabel(label))
                return $"domain name \"{name}\" invalid (label \"{label}\" invalid)";
        }
        return labels[^1].All(char.IsAsciiDigit)
            ? $"domain name \"{name}\" invalid (top level domain \"{labels[^1]}\" cannot be all-numeric)"
            : null;
    }

    /// <summary>As <see cref="Fault"/>, where the first label may be <c>*</c>, and <c>*</c> alone is a name.</summary>
    public static string? WildcardFault(string name)
    {
        if (name == "*")
            return null;
        if (name.StartsWith("*.", StringComparison.Ordinal))
            return Fault(name[2..]) is null ? null : $"domain name \"{name}\" invalid ({Inner(Fault(name[2..])!)})";
        return name.Contains('*', StringComparison.Ordinal)
            ? $"domain name \"{name}\" invalid (wildcard is only allowed as the whole first label)"
            : Fault(name);
    }

    /// <summary>A star at the start that is only a part of the first label (<c>*foo.com</c>).</summary>
    public static bool IsPartialWildcard(string name) =>
        name.Length > 1 && name[0] == '*' && name[1] != '.' && Fault("a" + name[1..]) is null;

    /// <summary><c>[prefix/]name</c> of a label or annotation.</summary>
    public static bool IsLabelKey(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && Fault(key[..slash]) is not null)
            return false;
        var name = key[(slash + 1)..];
        return name.Length > 0 && IsLabelValue(name);
    }

    public static bool IsLabelValue(string value)
    {
        if (value.Length == 0)
            return true;
        return value.Length <= LongestLabel
            && char.IsAsciiLetterOrDigit(value[0]) && char.IsAsciiLetterOrDigit(value[^1])
            && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
    }

    private static bool IsAnyCaseLabel(string label) =>
        label.Length is > 0 and <= LongestLabel
        && char.IsAsciiLetterOrDigit(label[0]) && char.IsAsciiLetterOrDigit(label[^1])
        && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    private static string Inner(string fault) =>
        fault.IndexOf(" invalid (", StringComparison.Ordinal) is var at and > 0 ? fault[(at + 10)..].TrimEnd(')') : fault;
}
