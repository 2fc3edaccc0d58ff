using Fairlead.App.CommandLine;
using Fairlead.Config.Reading;

namespace Fairlead.App.Findings;

/// <summary>Reads the manifests that <c>-f</c> names: files, folders (with what is below them) or <c>-</c> for standard input.</summary>
internal static class ConfigFiles
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    public static IReadOnlyList<SourceDocument> Read(IEnumerable<string> paths)
    {
        var reader = new YamlReader();
        var documents = new List<SourceDocument>();
        foreach (var path in paths)
        {
            if (path == "-")
                documents.AddRange(reader.Read(StandardInput(), ""));
            else if (Directory.Exists(path))
                documents.AddRange(InFolder(path).SelectMany(file => ReadFile(reader, file)));
            else if (File.Exists(path))
                documents.AddRange(ReadFile(reader, path));
            else
                throw new CommandException($"the path \"{path}\" does not exist");
        }
        return documents;
    }

    private static IEnumerable<string> InFolder(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant()))
            .Order(StringComparer.Ordinal);

    // The reader refuses what is too long; a longer file is not taken into memory to find that out.
    private static IReadOnlyList<SourceDocument> ReadFile(YamlReader reader, string file)
    {
        var length = new FileInfo(file).Length;
        if (length > ReadLimits.Default.MaxBytes)
            throw new CommandException($"{file} has {length} bytes; at most {ReadLimits.Default.MaxBytes} are read: split it");
        return reader.Read(File.ReadAllBytes(file), file);
    }

    private static byte[] StandardInput()
    {
        using var input = Console.OpenStandardInput();
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (var read = input.Read(buffer); read > 0; read = input.Read(buffer))
        {
            if (bytes.Length + read > ReadLimits.Default.MaxBytes)
                throw new CommandException($"standard input has more than {ReadLimits.Default.MaxBytes} bytes: split it");
            bytes.Write(buffer, 0, read);
        }
        return bytes.ToArray();
    }
}
