namespace Fairlead.Node.Machine;

/// <summary>Removes what runc leaves of the node's cgroups: the pods' folders, in every hierarchy.</summary>
internal static class Cgroups
{
    private const string Root = "/sys/fs/cgroup";

    public static void Remove(string relative)
    {
        if (!Directory.Exists(Root))
            return;
        foreach (var place in Directory.EnumerateDirectories(Root).Prepend(Root).Select(hierarchy => Path.Combine(hierarchy, relative)).Where(Directory.Exists))
            RemoveTree(place);
    }

    /// <summary>A cgroup's files vanish with it: only folders are removed, the innermost first; one that still has processes stays.</summary>
    private static void RemoveTree(string folder)
    {
        foreach (var inner in Directory.EnumerateDirectories(folder))
            RemoveTree(inner);
        RemoveDirectory(folder);
    }

    private static void RemoveDirectory(string folder)
    {
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Its last process is on its way out; 'down' comes by again.
            return;
        }
    }
}
