using Fairlead.Capture;
using Fairlead.Node.Machine;
using Fairlead.Node.Network;

namespace Fairlead.Node.Pods;

/// <summary>What a pod has before its first container: scratch space, address, network namespace, /etc files; and how all of it is taken away.</summary>
internal sealed class PodSetup(PodServices services, PodFolders folders)
{
    public async Task PrepareAsync(PodDefinition pod, PodRecord record, CancellationToken cancel)
    {
        folders.Mount();
        var address = record.Address ?? services.Addresses.Take(pod.Uid);
        await PodNetwork.CreateAsync(pod.Uid, address, cancel).ConfigureAwait(false);
        record.Address = address;
        record.Save();
        WriteEtc(pod, address.ToString());
    }

    /// <summary>istio-init's work, done from outside the pod: no container of it ever holds NET_ADMIN.</summary>
    public async Task CaptureAsync(PodDefinition pod, ContainerDefinition step, CancellationToken cancel)
    {
        var arguments = step.Spec.Texts("args");
        var reading = arguments.Count > 0 ? CaptureArguments.Read(arguments) : CaptureAnnotations.Read(pod.Object);
        foreach (var fault in reading.Faults)
            services.Events.Warning(pod, "CaptureSetting", fault, step.Name);
        await PodNetwork.ApplyRulesAsync(pod.Uid, CaptureRuleset.Render(reading.Options), cancel).ConfigureAwait(false);
        var log = folders.Log(step.Name, 0);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var stamp = services.Time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", System.Globalization.CultureInfo.InvariantCulture);
        var lines = CaptureRuleset.Render(reading.Options).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.WriteAllLinesAsync(log, lines.Select(line => $"{stamp} stdout F {line}"), cancel).ConfigureAwait(false);
    }

    public async Task RemoveAsync(PodDefinition pod, PodRecord record, CancellationToken cancel)
    {
        foreach (var container in record.Containers.Where(container => container.HasRun))
            await services.Runtime.DeleteAsync(container.Id, folders.Bundle(container.Id), cancel).ConfigureAwait(false);
        await RemoveFolderAsync(services.Paths, pod.Uid, cancel).ConfigureAwait(false);
        services.Addresses.Release(pod.Uid);
        if (Directory.Exists(folders.Logs))
            Directory.Delete(folders.Logs, recursive: true);
    }

    /// <summary>Mounts, folder, network and cgroups of a pod, whatever is left of them.</summary>
    public static async Task RemoveFolderAsync(NodePaths paths, string uid, CancellationToken cancel)
    {
        await PodNetwork.DeleteAsync(uid, cancel).ConfigureAwait(false);
        var folder = paths.Pod(uid);
        var bundles = Path.Combine(folder, "b");
        if (Directory.Exists(bundles))
        {
            foreach (var bundle in Directory.EnumerateDirectories(bundles))
                Syscalls.Unmount(Path.Combine(bundle, "rootfs"));
        }
        Syscalls.Unmount(Path.Combine(folder, "scratch"));
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Cgroups.TryRemove($"{paths.Cgroup}/{uid}");
    }

    private void WriteEtc(PodDefinition pod, string address)
    {
        File.WriteAllText(Path.Combine(folders.Etc, "hostname"), pod.HostName + "\n");
        File.WriteAllText(Path.Combine(folders.Etc, "resolv.conf"), ResolverFile(pod));
        var names = pod.Spec.Text("subdomain") is { Length: > 0 } subdomain
            ? $"{pod.HostName}.{subdomain}.{pod.Namespace}.svc.cluster.local\t{pod.HostName}"
            : pod.HostName;
        var aliases = string.Concat(pod.Spec.Children("hostAliases").Select(alias => $"{alias.Text("ip")}\t{string.Join('\t', alias.Texts("hostnames"))}\n"));
        File.WriteAllText(Path.Combine(folders.Etc, "hosts"), "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
            + "fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n" + $"{address}\t{names}\n" + aliases);
    }

    private static string ResolverFile(PodDefinition pod)
    {
        var config = pod.Spec.Child("dnsConfig");
        var servers = pod.Spec.Text("dnsPolicy") == "None" ? config.Texts("nameservers") : [NetworkPlan.DnsServiceAddress.ToString(), .. config.Texts("nameservers")];
        var searches = pod.Spec.Text("dnsPolicy") == "None"
            ? config.Texts("searches")
            : [$"{pod.Namespace}.svc.cluster.local", "svc.cluster.local", "cluster.local", .. config.Texts("searches")];
        var options = config.Children("options").Select(option => option.Text("value") is { Length: > 0 } value ? $"{option.Text("name")}:{value}" : option.Text("name")).ToList();
        if (!options.Exists(option => option.StartsWith("ndots:", StringComparison.Ordinal)) && pod.Spec.Text("dnsPolicy") != "None")
            options.Add("ndots:5");
        return (searches.Count > 0 ? $"search {string.Join(' ', searches)}\n" : "")
            + string.Concat(servers.Select(server => $"nameserver {server}\n"))
            + (options.Count > 0 ? $"options {string.Join(' ', options)}\n" : "");
    }
}
