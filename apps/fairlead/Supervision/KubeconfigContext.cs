using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fairlead.App.CommandLine;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Fairlead.App.Supervision;

/// <summary>
/// The <c>fairlead</c> context in the caller's kubeconfig: merged in and made current by <c>up</c>, taken out by <c>down</c>, which
/// restores the context that was current before. Every other entry stays as it is.
/// </summary>
internal sealed partial class KubeconfigContext(StatePaths state)
{
    private const string Name = "fairlead";

    /// <summary>Which file: the one given, else the first of KUBECONFIG, else ~/.kube/config of the person who typed sudo.</summary>
    public static string FileFor(string? given)
    {
        if (given is not null)
            return Path.GetFullPath(given);
        if (Environment.GetEnvironmentVariable("KUBECONFIG") is { Length: > 0 } listed)
            return Path.GetFullPath(listed.Split(':', StringSplitOptions.RemoveEmptyEntries)[0]);
        return Path.Combine(HomeOfCaller(), ".kube", "config");
    }

    public void Merge(string file)
    {
        var ours = Read(state.AdminKubeconfig);
        var root = File.Exists(file) && new FileInfo(file).Length > 0 ? Read(file) : Empty();
        foreach (var list in (string[])["clusters", "users", "contexts"])
        {
            var entry = (YamlMappingNode)((YamlSequenceNode)ours.Children[list]).Children[0];
            entry.Children["name"] = new YamlScalarNode(Name);
            if (list == "contexts")
                entry.Children["context"] = new YamlMappingNode("cluster", Name, "user", Name);
            Replace(root, list, entry);
        }
        var former = root.Children.TryGetValue("current-context", out var current) ? ((YamlScalarNode)current).Value ?? "" : "";
        root.Children["current-context"] = new YamlScalarNode(Name);
        Write(file, root);
        // A second up must not take our own context for the former one.
        var noted = ReadNote();
        Directory.CreateDirectory(Path.GetDirectoryName(state.KubeconfigNote)!);
        File.WriteAllText(state.KubeconfigNote, JsonSerializer.Serialize(new Note(file, former == Name ? noted?.FormerContext ?? "" : former)));
    }

    public void Remove()
    {
        if (ReadNote() is not { } note)
            return;
        if (File.Exists(note.File))
        {
            var root = Read(note.File);
            foreach (var list in (string[])["clusters", "users", "contexts"])
                Replace(root, list, null);
            if (root.Children.TryGetValue("current-context", out var current) && ((YamlScalarNode)current).Value == Name)
                root.Children["current-context"] = new YamlScalarNode(note.FormerContext);
            Write(note.File, root);
        }
        File.Delete(state.KubeconfigNote);
    }

    private Note? ReadNote() => File.Exists(state.KubeconfigNote) ? JsonSerializer.Deserialize<Note>(File.ReadAllText(state.KubeconfigNote)) : null;

    private static void Replace(YamlMappingNode root, string list, YamlMappingNode? entry)
    {
        if (!root.Children.TryGetValue(list, out var found) || found is not YamlSequenceNode entries)
            root.Children[list] = entries = [];
        var kept = entries.Children.Where(one => !IsOurs(one)).ToList();
        entries.Children.Clear();
        foreach (var one in entry is null ? kept : [.. kept, entry])
            entries.Children.Add(one);
    }

    private static bool IsOurs(YamlNode entry) =>
        entry is YamlMappingNode fields && fields.Children.TryGetValue("name", out var name) && name is YamlScalarNode { Value: Name };

    private static YamlMappingNode Read(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var text = File.OpenText(file);
            stream.Load(text);
        }
        catch (YamlException broken)
        {
            throw new CommandException($"{file}: line {broken.Start.Line}: not a kubeconfig: {broken.Message}; mend it, or name another file with --kubeconfig", broken);
        }
        return stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root
            ? root
            : throw new CommandException($"{file}: not a kubeconfig; mend it, or name another file with --kubeconfig");
    }

    private static YamlMappingNode Empty() => new("apiVersion", "v1", "kind", "Config");

    /// <summary>Whole or not at all, readable by its owner only, and still the owner's when root writes it.</summary>
    private static void Write(string file, YamlMappingNode root)
    {
        var folder = Path.GetDirectoryName(file)!;
        var isNewFolder = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        var target = File.Exists(file) ? File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file : file;
        var written = target + ".fairlead-new";
        using (var handle = new FileStream(written, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (var text = new StreamWriter(handle))
        {
            new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        }
        if (CallerIds() is var (uid, gid))
        {
            Own(written, uid, gid);
            if (isNewFolder)
                Own(folder, uid, gid);
        }
        File.Move(written, target, overwrite: true);
    }

    private static void Own(string path, uint uid, uint gid)
    {
        if (Chown(path, uid, gid) != 0)
            throw new CommandException($"cannot give {path} to user {uid}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private static (uint Uid, uint Gid)? CallerIds() =>
        uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), CultureInfo.InvariantCulture, out var uid)
        && uint.TryParse(Environment.GetEnvironmentVariable("SUDO_GID"), CultureInfo.InvariantCulture, out var gid)
            ? (uid, gid)
            : null;

    private static string HomeOfCaller()
    {
        if (Environment.GetEnvironmentVariable("SUDO_USER") is { Length: > 0 } user)
        {
            var line = File.ReadLines("/etc/passwd").FirstOrDefault(one => one.StartsWith(user + ":", StringComparison.Ordinal));
            if (line?.Split(':') is [_, _, _, _, _, { Length: > 0 } home, ..])
                return home;
        }
        return Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Chown(string path, uint owner, uint group);

    private sealed record Note(string File, string FormerContext);
}
