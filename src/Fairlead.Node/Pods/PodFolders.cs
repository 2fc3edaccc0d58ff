using Fairlead.Node.Machine;

namespace Fairlead.Node.Pods;

/// <summary>Where one pod's things lie. Everything that its containers write is on the scratch file system, which is memory of limited size.</summary>
internal sealed record PodFolders(NodePaths Paths, PodDefinition Pod)
{
    /// <summary>Overlays, volumes and /etc files of one pod together, in bytes; a pod that fills it gets "no space left", the machine does not.</summary>
    public const long ScratchSize = 512L * 1024 * 1024;

    public string Folder => Paths.Pod(Pod.Uid);
    public string Scratch => Path.Combine(Folder, "scratch");
    public string Volumes => Path.Combine(Scratch, "volumes");
    public string Etc => Path.Combine(Scratch, "etc");
    public string Termination => Path.Combine(Scratch, "termination");
    public string Logs => Path.Combine(Paths.PodLogs, $"{Pod.Namespace}_{Pod.Name}_{Pod.Uid}");

    public string Volume(string name) => Path.Combine(Volumes, name);

    public string Bundle(string containerId) => Path.Combine(Folder, "b", containerId);

    public string Overlay(string containerId) => Path.Combine(Scratch, "overlay", containerId);

    public string Log(string container, int attempt) => Path.Combine(Logs, container, $"{attempt}.log");

    public string Cgroup(string container) => $"/{Paths.Cgroup}{CgroupEnd(container)}";

    /// <summary>What the cgroup of this container alone ends with, whichever build of the node made it.</summary>
    public string CgroupEnd(string container) => $"/{Pod.Uid}/{container}";

    public void Mount()
    {
        Directory.CreateDirectory(Scratch);
        if (!Directory.Exists(Volumes))
            Syscalls.Mount("tmpfs", "fairlead-pod", Scratch, $"size={ScratchSize},mode=755");
        foreach (var folder in new[] { Volumes, Etc, Termination })
            Directory.CreateDirectory(folder);
    }
}
