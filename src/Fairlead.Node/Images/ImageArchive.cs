using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>Reads an OCI image layout or a <c>docker save</c> archive (both tar files) into the store.</summary>
internal sealed class ImageArchive(ImageStore store)
{
    /// <summary>Indexes that point at indexes: one level is usual (several platforms), deeper ones are refused.</summary>
    private const int IndexDepth = 4;

    /// <exception cref="ImageArchiveException">The file is no such archive, or holds none for this machine; the message says what was found.</exception>
    public async Task<ImageReference> ImportAsync(string archive, string name, CancellationToken cancel)
    {
        if (!File.Exists(archive))
            throw new ImageArchiveException($"{archive}: no such file");
        var unpacked = Directory.CreateTempSubdirectory("fairlead-image-").FullName;
        try
        {
            Unpack(archive, plain => LayerExtraction.ExtractFlat(plain, unpacked));
            var (configuration, layers, ownName) = Read(unpacked, archive);
            var reference = ImageReference.Parse(name.Length > 0 ? name : ownName.Length > 0 ? ownName : throw new ImageArchiveException($"{archive} names no image: give one, fairlead image import {archive} NAME"));
            var image = store.At(reference);
            var beside = new Image(reference, image.Folder + ".new");
            if (Directory.Exists(beside.Folder))
                Directory.Delete(beside.Folder, recursive: true);
            Directory.CreateDirectory(beside.RootFileSystem);
            foreach (var layer in layers)
            {
                cancel.ThrowIfCancellationRequested();
                Unpack(layer, plain => LayerExtraction.Apply(plain, beside.RootFileSystem));
            }
            JsonFile.Write(beside.ConfigurationFile, Describe(configuration.Child("config"), archive));
            if (Directory.Exists(image.Folder))
                store.Discard(image);
            await Task.Run(() => Directory.Move(beside.Folder, image.Folder), cancel).ConfigureAwait(false);
            return reference;
        }
        finally
        {
            Directory.Delete(unpacked, recursive: true);
        }
    }

    private static void Unpack(string archive, Action<Stream> take)
    {
        try
        {
            using var file = File.OpenRead(archive);
            using var plain = Decompressed(file);
            take(plain);
        }
        catch (Exception broken) when (broken is EndOfStreamException or InvalidDataException or FormatException)
        {
            throw new ImageArchiveException($"{archive}: is no tar archive, or a part of one: {broken.Message} Make one with: docker save IMAGE -o FILE");
        }
    }

    private static JsonObject Describe(JsonObject? config, string archive) => Image.Describe(
        config.Texts("Entrypoint"), config.Texts("Cmd"), WithPath(config.Texts("Env")), config.Text("WorkingDir") is { Length: > 0 } folder ? folder : "/", config.Text("User"), Path.GetFileName(archive));

    /// <summary>An image that names no search path gets the usual one, as every container runtime gives it.</summary>
    private static IEnumerable<string> WithPath(IEnumerable<string> environment)
    {
        var given = environment.ToList();
        return given.Exists(entry => entry.StartsWith("PATH=", StringComparison.Ordinal)) ? given : [ImageRecipes.SearchPath, .. given];
    }

    private static (JsonObject Configuration, List<string> Layers, string Name) Read(string folder, string archive)
    {
        if (File.Exists(Path.Combine(folder, "manifest.json")))
        {
            var manifest = (Parse(folder, "manifest.json") as JsonArray)?.FirstOrDefault() is JsonObject first ? first : throw new ImageArchiveException($"{archive}: manifest.json lists no image");
            var layers = manifest.Texts("Layers").Select(layer => Inside(folder, layer)).ToList();
            return ((JsonObject)Parse(folder, manifest.Text("Config")), layers, manifest.Texts("RepoTags") is [var tag, ..] ? tag : "");
        }
        if (!File.Exists(Path.Combine(folder, "index.json")))
            throw new ImageArchiveException($"{archive}: neither manifest.json (docker save) nor index.json (OCI layout) is in it; make one with: docker save IMAGE -o FILE");
        var name = "";
        var current = (JsonObject)Parse(folder, "index.json");
        for (var depth = 0; current["layers"] is null; depth++)
        {
            var entries = current.Children("manifests").ToList();
            var chosen = entries.Find(entry => entry.Child("platform") is not { } platform || (platform.Text("architecture") == "amd64" && platform.Text("os") == "linux"));
            if (chosen is null || depth == IndexDepth)
                throw new ImageArchiveException($"{archive}: holds no linux/amd64 image");
            if (name.Length == 0)
                name = chosen.Child("annotations").Text("io.containerd.image.name") is { Length: > 0 } full ? full : chosen.Child("annotations").Text("org.opencontainers.image.ref.name");
            current = (JsonObject)Parse(folder, Blob(chosen));
        }
        return ((JsonObject)Parse(folder, Blob(current.Child("config"))), [.. current.Children("layers").Select(layer => Inside(folder, Blob(layer)))], name);
    }

    private static string Blob(JsonObject? descriptor) => "blobs/" + descriptor.Text("digest").Replace(':', '/');

    private static string Inside(string folder, string relative)
    {
        var path = Path.GetFullPath(Path.Combine(folder, relative));
        return path.StartsWith(folder + "/", StringComparison.Ordinal) && File.Exists(path) ? path : throw new ImageArchiveException($"the archive lacks its part '{relative}'");
    }

    private static JsonNode Parse(string folder, string relative)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(Inside(folder, relative))) ?? throw new ImageArchiveException($"'{relative}' of the archive is empty");
        }
        catch (JsonException wrong)
        {
            throw new ImageArchiveException($"'{relative}' of the archive is not JSON: {wrong.Message}");
        }
    }

    /// <summary>gzip is told by its first two bytes; zstd layers are refused by name.</summary>
    private static Stream Decompressed(FileStream file)
    {
        Span<byte> magic = stackalloc byte[4];
        var read = file.ReadAtLeast(magic, 4, throwOnEndOfStream: false);
        file.Position = 0;
        if (read == 4 && magic.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]))
            throw new ImageArchiveException("a layer is compressed with zstd, which is not supported; save the image with gzip or uncompressed layers");
        return read >= 2 && magic[0] == 0x1f && magic[1] == 0x8b ? new GZipStream(file, CompressionMode.Decompress) : file;
    }
}
