using Fairlead.Node.Machine;
using Fairlead.Node.Network;
using Fairlead.Node.Pods;
using Fairlead.Node.Runtime;
using Fairlead.Node.World;

namespace Fairlead.Node;

/// <summary>Takes away everything that a node made on this machine, whether or not the node still knows of it; safe to repeat.</summary>
public sealed class NodeTeardown(string stateDirectory, TimeProvider time)
{
    private readonly NodePaths paths = new(Path.GetFullPath(stateDirectory));

    public async Task RunAsync(CancellationToken cancel)
    {
        var runtime = new ContainerRuntime(paths, time);
        if (Directory.Exists(paths.RuntimeRoot))
        {
            foreach (var id in Directory.EnumerateDirectories(paths.RuntimeRoot).Select(folder => Path.GetFileName(folder)!))
                await runtime.DeleteAsync(id, BundleOf(id), cancel).ConfigureAwait(false);
        }
        if (Directory.Exists(paths.Pods))
        {
            foreach (var folder in Directory.EnumerateDirectories(paths.Pods))
                await PodSetup.RemoveFolderAsync(paths, Path.GetFileName(folder), cancel).ConfigureAwait(false);
        }
        await WorldRunner.TakeDownAsync(paths, time, cancel).ConfigureAwait(false);
        await NodeNetwork.TakeDownAsync(paths, cancel).ConfigureAwait(false);
        await Cgroups.RemoveAsync(paths.Cgroup, time, cancel).ConfigureAwait(false);
        // Where builds kept the cgroups of all meshes until November 2026; what another mesh uses stays.
        Cgroups.TryRemove("fairlead");
        foreach (var folder in new[] { paths.Exits, paths.Sockets, paths.PodLogs })
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
        File.Delete(paths.Addresses);
    }

    /// <summary>Container ids begin with their pod's uid.</summary>
    private string BundleOf(string id)
    {
        var pod = Directory.Exists(paths.Pods) ? Directory.EnumerateDirectories(paths.Pods).FirstOrDefault(folder => id.StartsWith(Path.GetFileName(folder), StringComparison.Ordinal)) : null;
        return Path.Combine(pod ?? paths.Node, "b", id);
    }
}
