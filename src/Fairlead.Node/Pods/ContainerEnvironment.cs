using System.Text;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node.Pods;

/// <summary>A container's environment: the image's, the services', then envFrom and env with their references, in Kubernetes' order.</summary>
internal sealed class ContainerEnvironment(KubeConnection connection)
{
    public async Task<IReadOnlyDictionary<string, string>> BuildAsync(
        PodDefinition pod, ContainerDefinition container, IReadOnlyList<string> imageEnvironment, ServiceCatalog services, string podAddress, CancellationToken cancel)
    {
        var result = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in imageEnvironment)
            result[entry.Split('=')[0]] = entry[(entry.IndexOf('=', StringComparison.Ordinal) + 1)..];
        result["HOSTNAME"] = pod.HostName;
        AddServices(result, pod, services);
        foreach (var source in container.Spec.Children("envFrom"))
            await AddAllAsync(result, pod, source.Text("prefix"), source, cancel).ConfigureAwait(false);
        foreach (var variable in container.Spec.Children("env"))
        {
            var name = variable.Text("name");
            if (variable.Child("valueFrom") is not { } from)
                result[name] = Expand(variable.Text("value"), result);
            else if (from.Child("fieldRef") is { } field)
                result[name] = DownwardFields.Read(pod, field.Text("fieldPath"), podAddress);
            else if (from.Child("resourceFieldRef") is { } resource)
                result[name] = DownwardFields.ReadResource(pod, resource.Text("containerName") is { Length: > 0 } other ? other : container.Name, resource);
            else if (from.Child("configMapKeyRef") is { } configMap && await KeyAsync(pod, KindTable.ConfigMap, configMap, cancel).ConfigureAwait(false) is { } text)
                result[name] = text;
            else if (from.Child("secretKeyRef") is { } secret && await KeyAsync(pod, KindTable.Secret, secret, cancel).ConfigureAwait(false) is { } hidden)
                result[name] = hidden;
        }
        return result;
    }

    /// <summary><c>$(NAME)</c> is replaced where NAME is known; <c>$$</c> is a dollar sign.</summary>
    public static string Expand(string text, IReadOnlyDictionary<string, string> known)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
            }
            else if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (text[i + 1] == '(' && text.IndexOf(')', i) is var end and > 0 && known.TryGetValue(text[(i + 2)..end], out var value))
            {
                result.Append(value);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }
        return result.ToString();
    }

    /// <summary>The variables of the API server, and of the namespace's services unless the pod declines them.</summary>
    private static void AddServices(SortedDictionary<string, string> result, PodDefinition pod, ServiceCatalog services)
    {
        var withLinks = pod.Spec["enableServiceLinks"]?.GetValueKind() != System.Text.Json.JsonValueKind.False;
        foreach (var service in services.Services.Values.Where(service => service.ClusterIp.Length > 0 && service.Ports.Length > 0))
        {
            var isApi = service is { Namespace: "default", Name: "kubernetes" };
            if (!isApi && !(withLinks && service.Namespace == pod.Namespace))
                continue;
            var prefix = service.Name.ToUpperInvariant().Replace('-', '_');
            result[prefix + "_SERVICE_HOST"] = service.ClusterIp;
            result[prefix + "_SERVICE_PORT"] = service.Ports[0].Port.ToString();
            foreach (var port in service.Ports.Where(port => port.Name.Length > 0))
                result[$"{prefix}_SERVICE_PORT_{port.Name.ToUpperInvariant().Replace('-', '_')}"] = port.Port.ToString();
            foreach (var port in service.Ports)
            {
                var place = $"{prefix}_PORT_{port.Port}_{port.Protocol}";
                result[place] = $"{port.Protocol.ToLowerInvariant()}://{service.ClusterIp}:{port.Port}";
                result[place + "_ADDR"] = service.ClusterIp;
                result[place + "_PORT"] = port.Port.ToString();
                result[place + "_PROTO"] = port.Protocol.ToLowerInvariant();
            }
            result[prefix + "_PORT"] = $"{service.Ports[0].Protocol.ToLowerInvariant()}://{service.ClusterIp}:{service.Ports[0].Port}";
        }
    }

    private async Task AddAllAsync(SortedDictionary<string, string> result, PodDefinition pod, string prefix, System.Text.Json.Nodes.JsonObject source, CancellationToken cancel)
    {
        var isSecret = source.Child("secretRef") is not null;
        var reference = source.Child("secretRef") ?? source.Child("configMapRef");
        var kind = isSecret ? KindTable.Secret : KindTable.ConfigMap;
        var found = await connection.FindAsync(kind, pod.Namespace, reference.Text("name"), cancel).ConfigureAwait(false);
        if (found is null && !reference.Flag("optional"))
            throw new VolumeException($"{kind.Singular} \"{reference.Text("name")}\" not found");
        foreach (var (key, value) in found is null ? [] : PodVolumes.Texts(found, isSecret))
            result[prefix + key] = Encoding.UTF8.GetString(value);
    }

    private async Task<string?> KeyAsync(PodDefinition pod, KindDescriptor kind, System.Text.Json.Nodes.JsonObject reference, CancellationToken cancel)
    {
        var found = await connection.FindAsync(kind, pod.Namespace, reference.Text("name"), cancel).ConfigureAwait(false);
        if (found is not null && PodVolumes.Texts(found, kind == KindTable.Secret).TryGetValue(reference.Text("key"), out var value))
            return Encoding.UTF8.GetString(value);
        if (reference.Flag("optional"))
            return null;
        throw new VolumeException(found is null
            ? $"{kind.Singular} \"{reference.Text("name")}\" not found"
            : $"couldn't find key {reference.Text("key")} in {kind.Kind} {pod.Namespace}/{reference.Text("name")}");
    }
}
