using System.Text.Json.Nodes;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Kinds;

/// <summary>A volume of a pod. <see cref="SourceName"/> is the JSON name of its source, also of sources that are not typed here.</summary>
public sealed record Volume(string Name, string SourceName)
{
    public EmptyDirSource? EmptyDir { get; init; }
    public HostPathSource? HostPath { get; init; }

    /// <summary>ConfigMap, Secret, downward API and projected volumes alike: files from these sources. Null for others.</summary>
    public ValueList<ProjectedSource>? Projected { get; init; }

    /// <summary>Mode of projected files (octal 0644 when not given).</summary>
    public int DefaultMode { get; init; } = Convert.ToInt32("644", 8);

    public static Volume Read(JsonObject node)
    {
        var name = node.Text("name");
        var source = node.FirstOrDefault(field => field is { Key: not "name", Value: JsonObject });
        if (source.Value is not JsonObject body)
            return new Volume(name, "emptyDir") { EmptyDir = new EmptyDirSource("", "") };
        return new Volume(name, source.Key)
        {
            EmptyDir = source.Key == "emptyDir" ? EmptyDirSource.Read(body) : null,
            HostPath = source.Key == "hostPath" ? new HostPathSource(body.Text("path"), body.Text("type")) : null,
            Projected = source.Key switch
            {
                "projected" => body.List("sources", ProjectedSource.ReadNested),
                "configMap" => [ProjectedSource.Read("configMap", body, body.Text("name"))],
                "secret" => [ProjectedSource.Read("secret", body, body.Text("secretName"))],
                "downwardAPI" => [ProjectedSource.Read("downwardAPI", body, "")],
                _ => null,
            },
            DefaultMode = body.OptionalInt("defaultMode") ?? Convert.ToInt32("644", 8),
        };
    }
}

/// <summary>Scratch space; <paramref name="Medium"/> is empty or Memory, the limit a quantity.</summary>
public sealed record EmptyDirSource(string Medium, string SizeLimit)
{
    public static EmptyDirSource Read(JsonObject node) => new(node.Text("medium"), node.Text("sizeLimit"));
}

public sealed record HostPathSource(string Path, string Type);

/// <summary>Files from one source: configMap, secret, downwardAPI, serviceAccountToken.</summary>
public sealed record ProjectedSource(string Kind, string Name)
{
    public bool Optional { get; init; }

    /// <summary>Keys to project and where; empty means all keys under their names.</summary>
    public ValueList<ProjectedItem> Items { get; init; } = ValueList<ProjectedItem>.Empty;

    /// <summary>Tokens only.</summary>
    public string Audience { get; init; } = "";

    public int ExpirationSeconds { get; init; } = 3600;
    public string TokenPath { get; init; } = "";

    internal static ProjectedSource ReadNested(JsonObject node)
    {
        foreach (var kind in (ReadOnlySpan<string>)["configMap", "secret", "downwardAPI"])
        {
            if (node.Object(kind) is { } body)
                return Read(kind, body, body.Text("name"));
        }
        if (node.Object("serviceAccountToken") is not { } token)
            return new(node.FirstOrDefault().Key ?? "", "");
        return new("serviceAccountToken", "")
        {
            Audience = token.Text("audience"),
            ExpirationSeconds = token.OptionalInt("expirationSeconds") ?? 3600,
            TokenPath = token.Text("path"),
        };
    }

    internal static ProjectedSource Read(string kind, JsonObject body, string name) => new(kind, name)
    {
        Optional = body.Flag("optional"),
        Items = body.List("items", ProjectedItem.Read),
    };
}

/// <summary>One file: from a key, or from a field or amount of the pod.</summary>
public sealed record ProjectedItem(string Key, string Path, int? Mode)
{
    public string FieldPath { get; init; } = "";
    public ResourceFieldReference? ResourceField { get; init; }

    public static ProjectedItem Read(JsonObject node) => new(node.Text("key"), node.Text("path"), node.OptionalInt("mode"))
    {
        FieldPath = node.Object("fieldRef").Text("fieldPath"),
        ResourceField = node.Optional("resourceFieldRef", ResourceFieldReference.Read),
    };
}
