using System.Formats.Tar;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>
/// Unpacks one layer over the ones before it (OCI image layer specification): whiteouts remove, everything else replaces. A hostile archive stays inside: a
/// path with <c>..</c> is refused and no symbolic link on the way to an entry is followed out of the root.
/// </summary>
internal static class LayerExtraction
{
    private const string Whiteout = ".wh.";
    private const string OpaqueWhiteout = ".wh..wh..opq";

    /// <summary>Entries and bytes of one archive: beyond any image that this machine could run.</summary>
    private const int EntryLimit = 1_000_000;

    private const long ByteLimit = 20L * 1024 * 1024 * 1024;

    /// <summary>The outer archive: plain files in plain folders; links in it (docker's shared layers) become copies.</summary>
    public static void ExtractFlat(Stream archive, string folder) => Extract(archive, folder, isLayer: false);

    public static void Apply(Stream layer, string root) => Extract(layer, root, isLayer: true);

    private static void Extract(Stream archive, string root, bool isLayer)
    {
        using var reader = new TarReader(archive);
        var (entries, bytes) = (0, 0L);
        while (reader.GetNextEntry() is { } entry)
        {
            if (++entries > EntryLimit || (bytes += entry.Length) > ByteLimit)
                throw new ImageArchiveException($"the archive has more than {EntryLimit} entries or {ByteLimit >> 30} GiB");
            var relative = entry.Name.Trim('/');
            if (relative.StartsWith("./", StringComparison.Ordinal))
                relative = relative[2..];
            if (relative is "" or ".")
                continue;
            var place = Resolve(root, relative);
            var name = Path.GetFileName(place);
            if (isLayer && name == OpaqueWhiteout)
                Empty(Path.GetDirectoryName(place)!);
            else if (isLayer && name.StartsWith(Whiteout, StringComparison.Ordinal))
                Remove(Path.Combine(Path.GetDirectoryName(place)!, name[Whiteout.Length..]));
            else
                Place(entry, place, root, isLayer);
        }
    }

    private static void Place(TarEntry entry, string place, string root, bool isLayer)
    {
        if (entry.EntryType == TarEntryType.Directory)
        {
            if (!Directory.Exists(place) || new FileInfo(place).LinkTarget is not null)
            {
                Remove(place);
                Directory.CreateDirectory(place);
            }
        }
        else if (entry.EntryType == TarEntryType.SymbolicLink)
        {
            Remove(place);
            if (isLayer)
                File.CreateSymbolicLink(place, entry.LinkName);
            else
                File.Copy(Resolve(root, Path.GetRelativePath(root, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(place)!, entry.LinkName)))), place);
            return;
        }
        else if (entry.EntryType == TarEntryType.HardLink)
        {
            Remove(place);
            File.Copy(Resolve(root, entry.LinkName.Trim('/')), place);
        }
        else if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
        {
            Remove(place);
            using var file = File.Create(place);
            entry.DataStream?.CopyTo(file);
        }
        else
        {
            // Devices and pipes: a container gets its own /dev.
            return;
        }
        if (!isLayer)
            return;
        Syscalls.ChangeOwner(place, (uint)entry.Uid, (uint)entry.Gid);
        File.SetUnixFileMode(place, entry.Mode & (UnixFileMode)0xfff);
    }

    /// <summary>The place of an entry: its folders made where missing, and each of them real or a link that stays inside.</summary>
    private static string Resolve(string root, string relative)
    {
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Contains(".."))
            throw new ImageArchiveException($"entry '{relative}' leads out of the archive");
        var current = root;
        for (var i = 0; i < parts.Length - 1; i++)
        {
            current = Path.Combine(current, parts[i]);
            for (var hops = 0; new FileInfo(current).LinkTarget is { } target; hops++)
            {
                // Inside the image an absolute link starts at its root.
                var aimed = target.StartsWith('/') ? root + target : Path.Combine(Path.GetDirectoryName(current)!, target);
                current = Path.GetFullPath(aimed);
                if (hops > 8 || (current != root && !current.StartsWith(root + "/", StringComparison.Ordinal)))
                    throw new ImageArchiveException($"entry '{relative}' passes a link that leads out of the image");
            }
            if (!Directory.Exists(current))
            {
                Remove(current);
                Directory.CreateDirectory(current);
            }
        }
        return Path.Combine(current, parts[^1]);
    }

    private static void Remove(string path)
    {
        if (new FileInfo(path).LinkTarget is not null || File.Exists(path))
            File.Delete(path);
        else if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
    }

    private static void Empty(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (var inner in Directory.EnumerateFileSystemEntries(folder))
            Remove(inner);
    }
}
