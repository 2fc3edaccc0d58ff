using Fairlead.Config.Kinds;
using Fairlead.Config.Reading;

namespace Fairlead.ControlPlane.Tests;

/// <summary>Objects of tests, from flow-style YAML.</summary>
internal static class Manifests
{
    public static KubeObject Entry(string name, string host) =>
        Istio("ServiceEntry", name, $"{{hosts: [{host}], ports: [{{number: 80, name: http, protocol: HTTP}}], resolution: DNS, location: MESH_EXTERNAL}}");

    public static KubeObject Istio(string kind, string name, string spec, string status = "{}") => Read(
        $"apiVersion: {(kind == "Telemetry" ? "telemetry" : "networking")}.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: default}}\nspec: {spec}\nstatus: {status}\n");

    private static KubeObject Read(string yaml) => new YamlReader().Read(yaml, "").ShouldHaveSingleItem().Object.ShouldNotBeNull();
}
