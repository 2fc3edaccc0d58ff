using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>Builds a root file system from files of this machine: programs with the libraries that they load, or whole Debian packages.</summary>
internal sealed class RootFileSystem(string root)
{
    private static readonly string[] MergedFolders = ["bin", "sbin", "lib", "lib64"];

    /// <summary>Folders, the merged /usr, accounts and name service of a small Debian system.</summary>
    public void Lay(IEnumerable<string> accounts, IEnumerable<string> groups)
    {
        foreach (var folder in new[] { "usr/bin", "usr/sbin", "usr/lib", "usr/lib64", "etc", "proc", "sys", "dev", "run", "var/run", "var/lib", "var/log", "tmp", "root", "home" })
            Directory.CreateDirectory(Path.Combine(root, folder));
        foreach (var folder in MergedFolders)
            File.CreateSymbolicLink(Path.Combine(root, folder), "usr/" + folder);
        File.SetUnixFileMode(Path.Combine(root, "tmp"), (UnixFileMode)0b1_111_111_111);
        Write("etc/passwd", ["root:x:0:0:root:/root:/bin/sh", .. accounts, "nobody:x:65534:65534:nobody:/nonexistent:/bin/false"]);
        Write("etc/group", ["root:x:0:", .. groups, "nogroup:x:65534:"]);
        Write("etc/nsswitch.conf", ["passwd: files", "group: files", "hosts: files dns"]);
    }

    /// <summary>busybox with a link for each of its applets, in /bin (which is first where the image's PATH says so).</summary>
    public async Task AddBusyboxAsync(CancellationToken cancel)
    {
        Copy("/bin/busybox");
        var applets = await Tool.RunAsync("/bin/busybox", ["--list"], cancel: cancel).ConfigureAwait(false);
        foreach (var applet in applets.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(applet => applet is not "busybox"))
        {
            var link = Path.Combine(root, "usr/bin", applet);
            if (!File.Exists(link))
                File.CreateSymbolicLink(link, "busybox");
        }
    }

    public void AddCertificates() => Copy("/etc/ssl/certs/ca-certificates.crt");

    /// <summary>Copies programs or libraries with everything that the dynamic loader would load for them.</summary>
    public async Task AddProgramsAsync(IReadOnlyList<string> files, CancellationToken cancel)
    {
        foreach (var file in files)
            Copy(file);
        foreach (var library in await LibrariesOfAsync(files, cancel).ConfigureAwait(false))
            Copy(library);
    }

    public static async Task<IReadOnlyList<string>> LibrariesOfAsync(IReadOnlyList<string> files, CancellationToken cancel)
    {
        var (_, output, _) = await Tool.TryRunAsync("ldd", files, cancel: cancel).ConfigureAwait(false);
        return [.. output.Split('\n').Select(LibraryOf).Where(path => path.Length > 0 && File.Exists(path)).Distinct()];
    }

    /// <summary>Copies the files of installed packages and of all that they depend on.</summary>
    public async Task AddPackagesAsync(IReadOnlyList<string> packages, CancellationToken cancel)
    {
        var closure = await DebianPackages.ClosureAsync(packages, cancel).ConfigureAwait(false);
        var listing = await Tool.RunAsync("dpkg-query", ["-L", .. closure], cancel: cancel).ConfigureAwait(false);
        var files = listing.Split('\n')
            .Where(path => path.StartsWith('/') && !path.StartsWith("/usr/share/doc", StringComparison.Ordinal) && !path.StartsWith("/usr/share/man", StringComparison.Ordinal)
                && !path.StartsWith("/usr/share/locale", StringComparison.Ordinal))
            .Distinct()
            .Where(path => !Directory.Exists(path) && (File.Exists(path) || new FileInfo(path).LinkTarget is not null));
        var list = Path.Combine(root, ".files");
        await File.WriteAllLinesAsync(list, files.Select(path => path[1..]), cancel).ConfigureAwait(false);
        await Tool.RunAsync("sh", ["-c", "tar -C / --no-recursion -T \"$1/.files\" -cf - | tar --keep-directory-symlink -xf - -C \"$1\"", "sh", root], cancel: cancel).ConfigureAwait(false);
        File.Delete(list);
    }

    public void Copy(string source, string? target = null)
    {
        var place = Path.Combine(root, (target ?? source).TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.Copy(source, place, overwrite: true);
    }

    public void CopyTree(string source, string target)
    {
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            Copy(file, Path.Combine(target, Path.GetRelativePath(source, file)));
    }

    public void Link(string path, string target)
    {
        var place = Path.Combine(root, path.TrimStart('/'));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.CreateSymbolicLink(place, target);
    }

    public void Write(string path, IEnumerable<string> lines)
    {
        var place = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllText(place, string.Join('\n', lines) + "\n");
    }

    /// <summary>ldd prints <c>name => path (address)</c>, or <c>path (address)</c> for the loader.</summary>
    private static string LibraryOf(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words switch
        {
            [_, "=>", var path, ..] when path.StartsWith('/') => path,
            [var path, ..] when path.Trim().StartsWith('/') && !path.EndsWith(':') => path.Trim(),
            _ => "",
        };
    }
}
