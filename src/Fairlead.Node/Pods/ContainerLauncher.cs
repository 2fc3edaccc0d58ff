using System.Globalization;
using System.Text.Json.Nodes;
using Fairlead.Config.Kinds;
using Fairlead.Node.Images;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;
using Fairlead.Node.Runtime;

namespace Fairlead.Node.Pods;

/// <summary>A container's spec, image and pod → a plan, started under the runtime.</summary>
internal sealed class ContainerLauncher(ContainerRuntime runtime, ContainerEnvironment environment, Func<ServiceCatalog> services, TrustedAuthorities? authorities)
{
    private const uint SidecarId = 1337;

    /// <summary>Linux takes host names up to 64 bytes; Kubernetes cuts at 63.</summary>
    private const int HostNameLimit = 63;

    /// <exception cref="ContainerRefusedException">The spec and the image do not make a container that may run.</exception>
    public async Task<int> StartAsync(PodDefinition pod, ContainerDefinition container, PodFolders folders, string podAddress, Image image, string id, int attempt, CancellationToken cancel)
    {
        var variables = await environment.BuildAsync(pod, container, image.Environment, services(), podAddress, cancel).ConfigureAwait(false);
        var (uid, gid) = Identity(pod, container, image);
        var spec = container.Spec;
        var command = spec.Texts("command").Select(word => ContainerEnvironment.Expand(word, variables)).ToList();
        var arguments = spec.Texts("args").Select(word => ContainerEnvironment.Expand(word, variables)).ToList();
        if (command.Count == 0)
        {
            command.AddRange(image.Entrypoint);
            if (arguments.Count == 0)
                arguments.AddRange(image.Command);
        }
        if (command.Count + arguments.Count == 0)
            throw new ContainerRefusedException($"no command: image {image.Name} names none; set spec.containers[{container.Name}].command");
        var resources = spec.Child("resources");
        var plan = new ContainerPlan
        {
            Id = id,
            Bundle = folders.Bundle(id),
            LogPath = folders.Log(container.Name, attempt),
            HostName = pod.HostName.Length > HostNameLimit ? pod.HostName[..HostNameLimit] : pod.HostName,
            NetworkNamespace = PodNetwork.NamespacePath(pod.Uid),
            Arguments = [.. command, .. arguments],
            Environment = [.. variables.Select(pair => $"{pair.Key}={pair.Value}")],
            WorkingDirectory = spec.Text("workingDir") is { Length: > 0 } folder ? folder : image.WorkingDirectory,
            Uid = uid,
            Gid = gid,
            Groups = Groups(pod, container),
            LowerFolder = image.RootFileSystem,
            ScratchFolder = folders.Overlay(id),
            CgroupPath = folders.Cgroup(container.Name),
            ReadOnlyRoot = container.Security.Flag("readOnlyRootFilesystem"),
            Terminal = spec.Flag("tty"),
            Stdin = spec.Flag("stdin"),
            StdinOnce = spec.Flag("stdinOnce"),
            IsSidecar = container.IsProxy,
            Capabilities = Capabilities(container),
            Mounts = Mounts(pod, container, folders, image),
            MemoryLimit = resources.Child("limits").Text("memory") is { Length: > 0 } memory ? Quantity.Whole(memory) : null,
            CpuLimit = resources.Child("limits").Text("cpu") is { Length: > 0 } cpu ? Quantity.Milli(cpu) : null,
            CpuRequest = resources.Child("requests").Text("cpu") is { Length: > 0 } share ? Quantity.Milli(share) : null,
            Annotations = new JsonObject
            {
                ["io.kubernetes.pod.namespace"] = pod.Namespace,
                ["io.kubernetes.pod.name"] = pod.Name,
                ["io.kubernetes.container.name"] = container.Name,
            },
        };
        return await runtime.StartAsync(plan, cancel).ConfigureAwait(false);
    }

    private static (uint Uid, uint Gid) Identity(PodDefinition pod, ContainerDefinition container, Image image)
    {
        var (uid, gid) = ImageUser(image);
        uid = (uint)(container.Security.Long("runAsUser") ?? pod.Security.Long("runAsUser") ?? uid);
        gid = (uint)(container.Security.Long("runAsGroup") ?? pod.Security.Long("runAsGroup") ?? gid);
        if (container.IsProxy)
            return (SidecarId, SidecarId);
        if (uid == SidecarId || gid == SidecarId)
            throw new ContainerRefusedException($"uid and gid {SidecarId} are the sidecar's own: image {image.Name} may not run as {uid}:{gid}; set securityContext.runAsUser");
        if (uid == 0 && (container.Security.Flag("runAsNonRoot") || pod.Security.Flag("runAsNonRoot")))
            throw new ContainerRefusedException("container has runAsNonRoot and image will run as root; set securityContext.runAsUser");
        return (uid, gid);
    }

    /// <summary>The image's user: numbers, or names of its own /etc/passwd and /etc/group.</summary>
    private static (uint Uid, uint Gid) ImageUser(Image image)
    {
        if (image.User.Length == 0)
            return (0, 0);
        var parts = image.User.Split(':');
        var account = Entry(image, "etc/passwd", parts[0]);
        if (!uint.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var uid) && (account is null || !uint.TryParse(account[2], out uid)))
            throw new ContainerRefusedException($"image {image.Name} runs as user '{parts[0]}', which its /etc/passwd does not list; set securityContext.runAsUser");
        var gid = account is not null && uint.TryParse(account[3], out var own) ? own : 0u;
        if (parts.Length > 1 && !uint.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out gid))
            gid = Entry(image, "etc/group", parts[1]) is { } group && uint.TryParse(group[2], out var named) ? named : gid;
        return (uid, gid);
    }

    private static string[]? Entry(Image image, string file, string nameOrId)
    {
        var path = Path.Combine(image.RootFileSystem, file);
        // An image may point this file anywhere by a link; only its own file is read.
        if (!File.Exists(path) || new FileInfo(path).LinkTarget is not null)
            return null;
        return File.ReadLines(path).Select(line => line.Split(':')).FirstOrDefault(fields => fields.Length > 3 && (fields[0] == nameOrId || fields[2] == nameOrId));
    }

    private static List<uint> Groups(PodDefinition pod, ContainerDefinition container)
    {
        var groups = (pod.Security["supplementalGroups"] as JsonArray ?? []).Select(value => (uint)(JsonFields.IntegerOf(value) ?? 0)).ToList();
        if (pod.Security.Long("fsGroup") is { } fsGroup)
            groups.Add((uint)fsGroup);
        return container.IsProxy ? groups : [.. groups.Where(group => group != SidecarId)];
    }

    private static List<string> Capabilities(ContainerDefinition container)
    {
        if (container.IsProxy)
            return [];
        var asked = container.Security.Child("capabilities");
        var dropped = asked.Texts("drop").Select(name => "CAP_" + name.ToUpperInvariant()).ToHashSet();
        var held = dropped.Contains("CAP_ALL") ? [] : OciConfiguration.AllowedCapabilities.Where(name => !dropped.Contains(name));
        return [.. held.Concat(asked.Texts("add").Select(name => "CAP_" + name.ToUpperInvariant())).Distinct()];
    }

    private List<MountPlan> Mounts(PodDefinition pod, ContainerDefinition container, PodFolders folders, Image image)
    {
        var mounts = new List<MountPlan>
        {
            new(Path.Combine(folders.Etc, "hosts"), "/etc/hosts", ReadOnly: false),
            new(Path.Combine(folders.Etc, "resolv.conf"), "/etc/resolv.conf", ReadOnly: false),
            new(Path.Combine(folders.Etc, "hostname"), "/etc/hostname", ReadOnly: false),
        };
        var trusted = Path.Combine(folders.Etc, $"ca-certificates.{container.Name}.crt");
        if (authorities?.TryWrite(image, trusted) == true)
            mounts.Add(new(trusted, TrustedAuthorities.BundlePath, ReadOnly: true));
        var termination = Path.Combine(folders.Termination, container.Name);
        if (!File.Exists(termination))
            File.WriteAllText(termination, "");
        File.SetUnixFileMode(termination, (UnixFileMode)0b110_110_110);
        mounts.Add(new(termination, container.Spec.Text("terminationMessagePath") is { Length: > 0 } asked ? asked : "/dev/termination-log", ReadOnly: false));
        foreach (var mount in container.Spec.Children("volumeMounts").OrderBy(mount => mount.Text("mountPath").Length))
        {
            var source = folders.Volume(mount.Text("name"));
            if (mount.Text("subPath") is { Length: > 0 } part)
                source = Below(source, part, mount.Text("name"));
            var volume = pod.Spec.Children("volumes").FirstOrDefault(volume => volume.Text("name") == mount.Text("name"))
                ?? throw new ContainerRefusedException($"spec.containers[{container.Name}].volumeMounts names volume '{mount.Text("name")}', which spec.volumes does not have");
            var isOurs = volume.Child("emptyDir") is null && volume.Count > 1;
            mounts.Add(new(source, mount.Text("mountPath"), isOurs || mount.Flag("readOnly")));
        }
        if (mounts.Exists(mount => mount.Target.Split('/').Contains("..") || !mount.Target.StartsWith('/')))
            throw new ContainerRefusedException($"a mountPath of container {container.Name} is not an absolute path (image {image.Name})");
        return mounts;
    }

    private static string Below(string volume, string part, string name)
    {
        var place = Path.GetFullPath(Path.Combine(volume, part));
        if (!place.StartsWith(volume + "/", StringComparison.Ordinal))
            throw new ContainerRefusedException($"subPath '{part}' leads out of volume '{name}'");
        // A container can write links into its emptyDir; one that leads out must not be followed by root.
        for (var step = place; step.Length > volume.Length; step = Path.GetDirectoryName(step)!)
        {
            if (new FileInfo(step).LinkTarget is not null)
                throw new ContainerRefusedException($"subPath '{part}' of volume '{name}' passes a symbolic link");
        }
        if (!File.Exists(place))
            Directory.CreateDirectory(place);
        return place;
    }
}
