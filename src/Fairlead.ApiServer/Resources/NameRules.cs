using System.Text.RegularExpressions;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Resources;

/// <summary>Names, label keys and values (RFC 1123 and the real server's texts); each returns the fault or null.</summary>
internal static partial class NameRules
{
    private const string SubdomainText = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
    private const string LabelText = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
    private const string ServiceText = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
    private const string QualifiedText = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
    private const string ValueText = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    public static string? NameFault(KindDescriptor kind, string name)
    {
        if (kind == KindTable.Service)
            return name.Length > 63 ? "must be no more than 63 characters" : Service().IsMatch(name) ? null : ServiceText;
        if (kind == KindTable.Namespace)
            return name.Length > 63 ? "must be no more than 63 characters" : Label().IsMatch(name) ? null : LabelText;
        return name.Length > 253 ? "must be no more than 253 characters" : Subdomain().IsMatch(name) ? null : SubdomainText;
    }

    public static string? LabelKeyFault(string key)
    {
        var slash = key.IndexOf('/');
        if (slash >= 0)
        {
            if (slash == 0)
                return "prefix part must be non-empty";
            if (slash > 253 || !Subdomain().IsMatch(key[..slash]))
                return "prefix part " + SubdomainText;
        }
        var name = key[(slash + 1)..];
        if (name.Length == 0)
            return "name part must be non-empty";
        if (name.Length > 63)
            return "name part must be no more than 63 characters";
        return Qualified().IsMatch(name) ? null : QualifiedText;
    }

    public static string? LabelValueFault(string value)
    {
        if (value.Length > 63)
            return "must be no more than 63 characters";
        return value.Length == 0 || Qualified().IsMatch(value) ? null : ValueText;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\\z")]
    private static partial Regex Subdomain();

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?\\z")]
    private static partial Regex Label();

    [GeneratedRegex("^[a-z]([-a-z0-9]*[a-z0-9])?\\z")]
    private static partial Regex Service();

    [GeneratedRegex("^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\\z")]
    private static partial Regex Qualified();
}
