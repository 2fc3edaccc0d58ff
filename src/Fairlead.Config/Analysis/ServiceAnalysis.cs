using System.Globalization;
using Fairlead.Config.Kinds;
using Fairlead.Config.Primitives;

namespace Fairlead.Config.Analysis;

/// <summary>IST0116, IST0118, IST0137, IST0150: Kubernetes Services as the mesh reads them.</summary>
internal static class ServiceAnalysis
{
    public static void Check(AnalysisModel model, FindingSink sink)
    {
        foreach (var (source, service) in model.Services)
        {
            if (service.Meta.Namespace is "kube-system" or "kube-public" || service.Meta.Namespace == model.Mesh.RootNamespace || service is { Meta: { Namespace: "default", Name: "kubernetes" } })
                continue;
            for (var i = 0; i < service.Ports.Count; i++)
                PortName(sink, source, service, i);
        }
        var services = model.Services.Where(item => item.Value.Selector is not null).ToLookup(item => item.Value.Meta.Namespace, StringComparer.Ordinal);
        foreach (var (source, deployment) in model.Deployments)
            Deployment(sink, source, deployment, services[deployment.Meta.Namespace]);
    }

    private static void PortName(FindingSink sink, KubeObject source, Service service, int index)
    {
        var port = service.Ports[index];
        if (service.IsExternalName)
        {
            if (!port.Protocol.IsHttp() && !port.Protocol.IsTls())
                sink.Warn(source, AnalysisCodes.ExternalNamePortName, $"spec.ports[{index}].name",
                    "Port name for ExternalName service is invalid. Proxy may prevent tcp named ports and unmatched traffic for ports serving TCP protocol from being forwarded correctly",
                    "name the port http, https or tls, by what it speaks");
            return;
        }
        if (port.Transport == "UDP" || port.Protocol != Protocol.Auto)
            return;
        sink.Info(source, AnalysisCodes.PortNameConvention, $"spec.ports[{index}].name",
            $"Port name {port.Name} (port: {port.Number}, targetPort: {port.TargetPort}) doesn't follow the naming convention of Istio port.",
            "start the name with its protocol (http-, grpc-, tcp- ...), or set appProtocol: until then the first bytes decide");
    }

    private static void Deployment(FindingSink sink, KubeObject source, Deployment deployment, IEnumerable<Item<Service>> services)
    {
        var matching = services.Where(item => item.Value.Selector!.All(label => deployment.Template.Meta.Labels.TryGetValue(label.Key, out var value) && value == label.Value)).ToArray();
        if (matching.Length < 2)
            return;
        var ports = matching.SelectMany(item => item.Value.Ports.Select(port => (Service: item.Value.Meta.ToString(), Port: port))).ToArray();
        foreach (var group in ports.GroupBy(pair => pair.Port.Number))
        {
            var protocols = group.Select(pair => pair.Port.Protocol).Distinct().ToArray();
            if (protocols.Length > 1)
                sink.Warn(source, AnalysisCodes.DeploymentSeveralServices, "spec.template.metadata.labels",
                    $"This deployment {deployment.Meta} is associated with multiple services using port {group.Key.ToString(CultureInfo.InvariantCulture)} but different protocols: [{string.Join(" ", protocols.Select(Name).Order(StringComparer.Ordinal))}]",
                    $"use one protocol in {string.Join(", ", group.Select(pair => pair.Service).Distinct())}");
        }
        foreach (var group in ports.GroupBy(pair => pair.Port.TargetPort.ToString()))
        {
            var numbers = group.Select(pair => pair.Port.Number).Distinct().Order().ToArray();
            if (numbers.Length > 1 && group.Select(pair => pair.Service).Distinct().Count() > 1)
                sink.Warn(source, AnalysisCodes.DeploymentConflictingPorts, "spec.template.metadata.labels",
                    $"This deployment {deployment.Meta} is associated with multiple services [{string.Join(" ", group.Select(pair => pair.Service).Distinct())}] using targetPort \"{group.Key}\" but different ports: [{string.Join(" ", numbers)}].",
                    "use one port number for the target port");
        }
    }

    private static string Name(Protocol protocol) => protocol == Protocol.Auto ? "auto" : protocol.Name();
}
