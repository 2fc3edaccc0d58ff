using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Snapshot;

/// <summary>Kubernetes Services as mesh services (Istio, <c>kube/conversion.go</c>).</summary>
public static class KubernetesServices
{
    private const string ExportToAnnotation = "networking.istio.io/exportTo";

    public static string HostOf(string name, string ns, string domain) => $"{name}.{ns}.svc.{domain}";

    public static MeshService Read(KubeObject target, string domain)
    {
        var spec = target.Spec;
        var clusterIp = spec.Text("clusterIP");
        var externalName = spec.Text("type") == "ExternalName" ? spec.Text("externalName") : "";
        var headless = externalName.Length == 0 && clusterIp is "None";
        var selector = spec.TextMap("selector");
        return new MeshService(HostOf(target.Name, target.Namespace, domain), target.Namespace, new SourceReference("Service", target.Namespace, target.Name))
        {
            Created = ObjectMeta.Read(target).Created,
            Registry = ServiceRegistryKind.Kubernetes,
            Discovery = externalName.Length > 0 ? ServiceDiscovery.StrictDns : headless ? ServiceDiscovery.OriginalDestination : ServiceDiscovery.Endpoints,
            Address = externalName.Length > 0 || clusterIp.Length == 0 || headless ? MeshService.NoAddress : clusterIp,
            Headless = headless,
            External = externalName.Length > 0,
            Ports = spec.List("ports", ReadPort),
            ExportTo = Visibility.Read(ExportTo(target), [], target.Namespace),
            Labels = target.Labels.ToValueMap(),
            Selector = selector.Count > 0 ? selector : null,
            ExternalName = externalName,
        };
    }

    private static MeshPort ReadPort(JsonObject port)
    {
        var number = port.Int("port");
        var name = port.Text("name");
        var target = port["targetPort"];
        return new MeshPort(
            number,
            name,
            Protocols.OfServicePort(port.Text("protocol"), port.Text("appProtocol"), name, number),
            (int)(target is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? JsonFields.IntegerOf(value) ?? 0 : 0))
        {
            TargetPortName = target is JsonValue named && named.TryGetValue(out string? text) ? text : "",
        };
    }

    private static string[] ExportTo(KubeObject target) =>
        target.Annotations.TryGetValue(ExportToAnnotation, out var text)
            ? text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            : [];
}
