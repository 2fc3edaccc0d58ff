namespace Fairlead.Node.Machine;

/// <summary>Removes what runc leaves of the node's cgroups: the pods' folders, in every hierarchy.</summary>
internal static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>How long a killed process may take to leave its cgroup.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Removes the tree, and waits for processes that are on their way out of it.</summary>
    /// <exception cref="IOException">Processes are still in it after five seconds.</exception>
    public static async Task RemoveAsync(string relative, TimeProvider time, CancellationToken cancel)
    {
        var began = time.GetTimestamp();
        while (!TryRemove(relative))
        {
            if (time.GetElapsedTime(began) > Patience)
                throw new IOException($"the cgroup {relative} below {Root} still has processes; see its cgroup.procs, end them and run the command again");
            await Task.Delay(Pause, time, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Whether the kernel killed a process of this cgroup for want of memory (memory.events; in a v1 hierarchy memory.oom_control).</summary>
    public static bool WasOutOfMemory(string relative)
    {
        foreach (var file in new[] { Path.Combine(Root, relative, "memory.events"), Path.Combine(Root, "memory", relative, "memory.oom_control") })
        {
            try
            {
                if (File.ReadLines(file).Any(line => line.StartsWith("oom_kill ", StringComparison.Ordinal) && line != "oom_kill 0"))
                    return true;
            }
            catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
            {
                continue;
            }
        }
        return false;
    }

    /// <summary>Removes what of the tree has no processes; false if something stays.</summary>
    public static bool TryRemove(string relative)
    {
        if (!Directory.Exists(Root))
            return true;
        var isGone = true;
        foreach (var place in Directory.EnumerateDirectories(Root).Prepend(Root).Select(hierarchy => Path.Combine(hierarchy, relative)).Where(Directory.Exists))
            isGone &= TryRemoveTree(place);
        return isGone;
    }

    /// <summary>A cgroup's files vanish with it: only folders are removed, the innermost first.</summary>
    private static bool TryRemoveTree(string folder)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder))
            TryRemoveTree(inner);
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            return false;
        }
        return true;
    }
}
