using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>The rules of Kubernetes' API server that users meet: required fields, names, ports, references inside a pod.</summary>
internal static class KubernetesValidation
{
    public static void Check(Report report, Field spec)
    {
        switch (report.Target.Group, report.Target.Kind)
        {
            case ("", "Pod"):
                PodValidation.Check(report, spec);
                break;
            case ("", "Service"):
                Service(report, spec);
                break;
            case ("apps", "Deployment") or ("apps", "ReplicaSet"):
                Workload(report, spec);
                break;
            case ("", "ConfigMap") or ("", "Secret"):
                Keys(report);
                break;
        }
    }

    private static void Service(Report report, Field spec)
    {
        var type = spec["type"].Text;
        if (type is not ("" or "ClusterIP" or "NodePort" or "LoadBalancer" or "ExternalName"))
            report.Error(spec["type"], $"Unsupported value: \"{type}\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"", "write ClusterIP", "FieldValueNotSupported");
        if (type == "ExternalName" && DnsName.Fault(spec["externalName"].Text) is not null)
            report.Error(spec["externalName"], spec["externalName"].Text.Length == 0 ? "Required value" : $"Invalid value: \"{spec["externalName"].Text}\": must be a DNS name", "write a DNS name", "FieldValueRequired");
        if (type != "ExternalName" && spec["ports"].Count == 0 && spec["clusterIP"].Text != "None")
            report.Required(spec["ports"], "list the ports of the service");
        var names = new HashSet<string>(StringComparer.Ordinal);
        var numbers = new HashSet<(long?, string)>();
        foreach (var port in spec["ports"].Items)
        {
            Number(report, port["port"], required: true);
            var name = port["name"].Text;
            if (spec["ports"].Count > 1 && name.Length == 0)
                report.Required(port["name"], "name each port of a service with several");
            else if (name.Length > 0 && !DnsName.IsLabel(name))
                report.Error(port["name"], $"Invalid value: \"{name}\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'", "use lower-case letters, digits and '-'");
            else if (name.Length > 0 && !names.Add(name))
                report.Error(port["name"], $"Duplicate value: \"{name}\"", "give each port its own name", "FieldValueDuplicate");
            var transport = port["protocol"].Text is { Length: > 0 } given ? given : "TCP";
            if (transport is not ("TCP" or "UDP" or "SCTP"))
                report.Error(port["protocol"], $"Unsupported value: \"{transport}\": supported values: \"SCTP\", \"TCP\", \"UDP\"", "write TCP; say HTTP in appProtocol or in the port's name", "FieldValueNotSupported");
            if (!numbers.Add((port["port"].Integer, transport)))
                report.Error(port, $"Duplicate value: {port["port"].Integer}/{transport}", "list each port once", "FieldValueDuplicate");
        }
    }

    public static void Number(Report report, Field field, bool required)
    {
        if (!field.IsSet && !required)
            return;
        if (!field.IsSet)
            report.Required(field, "write a port number from 1 to 65535");
        else if (field.Integer is not { } number || !Port.IsValid(number))
            report.Error(field, $"Invalid value: {field.Node!.ToJsonString()}: must be between 1 and 65535, inclusive", "write a port number from 1 to 65535");
    }

    private static void Workload(Report report, Field spec)
    {
        if (spec["replicas"].Integer is < 0)
            report.Error(spec["replicas"], $"Invalid value: {spec["replicas"].Integer}: must be greater than or equal to 0", "write 0 or more");
        if (!spec["selector"].IsObject)
            report.Required(spec["selector"], "write selector.matchLabels with the template's labels");
        else if (spec["selector"]["matchLabels"].Count == 0 && spec["selector"]["matchExpressions"].Count == 0)
            report.Error(spec["selector"], "Invalid value: empty selector is invalid", "write selector.matchLabels with the template's labels");
        var selector = LabelSelector.Read(spec["selector"].Node);
        var labels = spec["template"]["metadata"]["labels"].Entries.ToDictionary(entry => entry.Key, entry => entry.Value.Text, StringComparer.Ordinal);
        if (selector is { IsEmpty: false } && !selector.Matches(labels))
            report.Error(spec["template"]["metadata"]["labels"], "Invalid value: `selector` does not match template `labels`", "give the template the labels of the selector");
        PodValidation.Check(report, spec["template"]["spec"]);
    }

    private static void Keys(Report report)
    {
        foreach (var map in (ReadOnlySpan<string>)["data", "binaryData", "stringData"])
        {
            foreach (var (key, value) in Field.Of(report.Target, map).Entries)
            {
                if (key.Length is 0 or > 253 || !key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || key is "." or "..")
                    report.Error(value, $"Invalid value: \"{key}\": a valid config key must consist of alphanumeric characters, '-', '_' or '.'", "rename the key");
            }
        }
    }
}
