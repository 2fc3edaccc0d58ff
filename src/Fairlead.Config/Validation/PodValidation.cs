using Fairlead.Config.Primitives;

namespace Fairlead.Config.Validation;

/// <summary>A pod's spec, also inside templates.</summary>
internal static class PodValidation
{
    public static void Check(Report report, Field spec)
    {
        if (spec["containers"].Count == 0)
            report.Required(spec["containers"], "list at least one container");
        var volumes = Volumes(report, spec["volumes"]);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var container in spec["initContainers"].Items.Concat(spec["containers"].Items))
            Container(report, container, names, volumes);
        if (spec["restartPolicy"].Text is { Length: > 0 } policy and not ("Always" or "OnFailure" or "Never"))
            report.Error(spec["restartPolicy"], $"Unsupported value: \"{policy}\": supported values: \"Always\", \"OnFailure\", \"Never\"", "write Always", "FieldValueNotSupported");
    }

    private static HashSet<string> Volumes(Report report, Field volumes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var volume in volumes.Items)
        {
            var name = volume["name"].Text;
            if (name.Length == 0)
                report.Required(volume["name"], "name the volume");
            else if (!names.Add(name))
                report.Error(volume["name"], $"Duplicate value: \"{name}\"", "give each volume its own name", "FieldValueDuplicate");
            if (volume.Entries.Count(entry => entry.Key != "name" && entry.Value.IsSet) > 1)
                report.Error(volume, "Forbidden: may not specify more than 1 volume type", "keep one source", "FieldValueForbidden");
        }
        return names;
    }

    private static void Container(Report report, Field container, HashSet<string> names, HashSet<string> volumes)
    {
        var name = container["name"].Text;
        if (name.Length == 0)
            report.Required(container["name"], "name the container");
        else if (!DnsName.IsLabel(name))
            report.Error(container["name"], $"Invalid value: \"{name}\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", "use lower-case letters, digits and '-'");
        else if (!names.Add(name))
            report.Error(container["name"], $"Duplicate value: \"{name}\"", "give each container its own name", "FieldValueDuplicate");
        if (container["image"].Text.Length == 0)
            report.Required(container["image"], "name the image to run");
        foreach (var port in container["ports"].Items)
            KubernetesValidation.Number(report, port["containerPort"], required: true);
        foreach (var variable in container["env"].Items)
        {
            if (variable["name"].Text.Length == 0)
                report.Required(variable["name"], "name the variable");
            if (variable["value"].Text.Length > 0 && variable["valueFrom"].IsSet)
                report.Error(variable["valueFrom"], "Invalid value: \"\": may not be specified when `value` is not empty", "keep value or valueFrom");
        }
        foreach (var mount in container["volumeMounts"].Items)
        {
            if (!volumes.Contains(mount["name"].Text))
                report.Error(mount["name"], $"Not found: \"{mount["name"].Text}\"", "add a volume of that name under spec.volumes", "FieldValueNotFound");
            if (mount["mountPath"].Text.Length == 0)
                report.Required(mount["mountPath"], "write the path inside the container");
        }
    }
}
