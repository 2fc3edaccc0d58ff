using System.Text;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.KubeClient;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>Fills a pod's volumes from the API: ConfigMap, Secret, projected (with tokens), downward API, emptyDir; and keeps them fresh.</summary>
internal sealed class PodVolumes(KubeConnection connection, TimeProvider time)
{
    private const long DefaultTokenSeconds = 3600;
    private const int DefaultMode = 420;
    private const int TokenMode = 384;

    private readonly Dictionary<string, DateTimeOffset> tokenRenewals = new(StringComparer.Ordinal);

    /// <summary>Writes every volume's present content; files that did not change are left alone.</summary>
    /// <exception cref="VolumeException">An object that a volume names is not there.</exception>
    public async Task FillAsync(PodDefinition pod, PodFolders folders, string podAddress, CancellationToken cancel)
    {
        foreach (var volume in pod.Spec.Children("volumes"))
        {
            var name = volume.Text("name");
            var root = folders.Volume(name);
            Directory.CreateDirectory(root);
            if (volume.Child("emptyDir") is not null || volume.Count == 1)
            {
                File.SetUnixFileMode(root, (UnixFileMode)0b111_111_111);
                Own(root, pod);
                continue;
            }
            var mode = (volume.Child("configMap") ?? volume.Child("projected") ?? volume.Child("downwardAPI") ?? volume.Child("secret")).Number("defaultMode") ?? DefaultMode;
            if (volume.Child("configMap") is { } configMap)
                await FromObjectAsync(pod, root, KindTable.ConfigMap, configMap, configMap.Text("name"), mode, cancel).ConfigureAwait(false);
            else if (volume.Child("secret") is { } secret)
                await FromObjectAsync(pod, root, KindTable.Secret, secret, secret.Text("secretName"), mode, cancel).ConfigureAwait(false);
            else if (volume.Child("downwardAPI") is { } downward)
                FromPod(pod, root, downward, podAddress, mode);
            foreach (var source in volume.Child("projected").Children("sources"))
                await FromSourceAsync(pod, root, name, source, podAddress, mode, cancel).ConfigureAwait(false);
        }
    }

    private async Task FromSourceAsync(PodDefinition pod, string root, string volume, JsonObject source, string podAddress, int mode, CancellationToken cancel)
    {
        if (source.Child("configMap") is { } configMap)
            await FromObjectAsync(pod, root, KindTable.ConfigMap, configMap, configMap.Text("name"), mode, cancel).ConfigureAwait(false);
        else if (source.Child("secret") is { } secret)
            await FromObjectAsync(pod, root, KindTable.Secret, secret, secret.Text("name"), mode, cancel).ConfigureAwait(false);
        else if (source.Child("downwardAPI") is { } downward)
            FromPod(pod, root, downward, podAddress, mode);
        else if (source.Child("serviceAccountToken") is { } token)
            await WriteTokenAsync(pod, root, volume, token, cancel).ConfigureAwait(false);
    }

    private async Task FromObjectAsync(PodDefinition pod, string root, KindDescriptor kind, JsonObject source, string name, int mode, CancellationToken cancel)
    {
        var found = await connection.FindAsync(kind, pod.Namespace, name, cancel).ConfigureAwait(false);
        if (found is null)
        {
            if (source.Flag("optional"))
                return;
            throw new VolumeException($"{kind.Singular} \"{name}\" not found");
        }
        var content = Content(found, kind == KindTable.Secret);
        var items = source.Children("items").ToList();
        if (items.Count == 0)
        {
            foreach (var (key, bytes) in content)
                Write(pod, root, key, bytes, mode);
            return;
        }
        foreach (var item in items)
        {
            if (content.TryGetValue(item.Text("key"), out var bytes))
                Write(pod, root, item.Text("path"), bytes, item.Number("mode") ?? mode);
            else if (!source.Flag("optional"))
                throw new VolumeException($"{kind.Singular} \"{name}\" has no key \"{item.Text("key")}\"");
        }
    }

    /// <summary>The entries of a ConfigMap or Secret that may be variables: not <c>binaryData</c>.</summary>
    public static Dictionary<string, byte[]> Texts(KubeObject source, bool isSecret)
    {
        var content = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (key, value) in source.Root.Map("data"))
            content[key] = isSecret ? Convert.FromBase64String(value) : Encoding.UTF8.GetBytes(value);
        return content;
    }

    /// <summary>The entries of a ConfigMap or Secret that may be files.</summary>
    private static Dictionary<string, byte[]> Content(KubeObject source, bool isSecret)
    {
        var content = Texts(source, isSecret);
        foreach (var (key, value) in source.Root.Map("binaryData"))
            content[key] = Convert.FromBase64String(value);
        return content;
    }

    private static void FromPod(PodDefinition pod, string root, JsonObject source, string podAddress, int mode)
    {
        foreach (var item in source.Children("items"))
        {
            var text = item.Child("fieldRef") is { } field
                ? DownwardFields.Read(pod, field.Text("fieldPath"), podAddress)
                : DownwardFields.ReadResource(pod, item.Child("resourceFieldRef").Text("containerName"), item.Child("resourceFieldRef") ?? []);
            Write(pod, root, item.Text("path"), Encoding.UTF8.GetBytes(text), item.Number("mode") ?? mode);
        }
    }

    /// <summary>Tokens are bound to the pod and renewed at four fifths of their life.</summary>
    private async Task WriteTokenAsync(PodDefinition pod, string root, string volume, JsonObject source, CancellationToken cancel)
    {
        var path = source.Text("path");
        var seconds = source.Long("expirationSeconds") ?? DefaultTokenSeconds;
        var slot = $"{volume}/{path}";
        if (tokenRenewals.TryGetValue(slot, out var renewal) && time.GetUtcNow() < renewal)
            return;
        var request = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["audiences"] = source.Text("audience") is { Length: > 0 } audience ? new JsonArray(audience) : [],
                ["expirationSeconds"] = seconds,
                ["boundObjectRef"] = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = pod.Name, ["uid"] = pod.Uid },
            },
        };
        var answer = await connection.SendAsync(
            HttpMethod.Post, $"/api/v1/namespaces/{pod.Namespace}/serviceaccounts/{pod.ServiceAccount}/token", request, cancel).ConfigureAwait(false);
        var hasGroup = pod.Security.Long("fsGroup") is not null;
        Write(pod, root, path, Encoding.UTF8.GetBytes(answer.Status.Text("token")), hasGroup ? TokenMode : DefaultMode);
        tokenRenewals[slot] = time.GetUtcNow() + TimeSpan.FromSeconds(seconds * 0.8);
    }

    private static void Write(PodDefinition pod, string root, string relative, byte[] content, int mode)
    {
        var place = Path.GetFullPath(Path.Combine(root, relative));
        if (!place.StartsWith(root + "/", StringComparison.Ordinal))
            throw new VolumeException($"path \"{relative}\" leads out of the volume");
        if (File.Exists(place) && File.ReadAllBytes(place).AsSpan().SequenceEqual(content))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        var beside = place + "..new";
        File.WriteAllBytes(beside, content);
        // The group of the pod (fsGroup) reads what the owner reads, as the kubelet arranges.
        var effective = pod.Security.Long("fsGroup") is null ? mode : mode | ((mode & 0b110_000_000) >> 3);
        File.SetUnixFileMode(beside, (UnixFileMode)(effective & 0b111_111_111));
        Own(beside, pod);
        File.Move(beside, place, overwrite: true);
    }

    private static void Own(string path, PodDefinition pod)
    {
        if (pod.Security.Long("fsGroup") is { } group)
            Syscalls.ChangeOwner(path, 0, (uint)group);
    }
}
