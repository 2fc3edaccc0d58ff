using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.Config.Tests;

/// <summary>Objects for tests, written as a user writes them.</summary>
internal static class Manifest
{
    /// <summary>One object of YAML.</summary>
    public static KubeObject Read(string yaml)
    {
        var document = new YamlReader().Read(yaml, "").ShouldHaveSingleItem();
        document.Faults.ShouldBeEmpty();
        return document.Object.ShouldNotBeNull();
    }

    /// <summary>All objects of a YAML text.</summary>
    public static KubeObject[] ReadAll(string yaml) => [.. new YamlReader().Read(yaml, "test.yaml").Select(document => document.Object.ShouldNotBeNull(string.Join("; ", document.Faults)))];

    /// <summary>An Istio networking object whose spec is one line of flow YAML.</summary>
    public static KubeObject Networking(string kind, string spec, string metadata = "{name: a, namespace: default}") =>
        Read($"apiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {metadata}\nspec: {spec}\n");
}
