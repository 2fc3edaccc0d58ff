using System.Collections.Concurrent;

namespace Fairlead.Node.Images;

/// <summary>The images of this machine, by name; those that the samples use are assembled on first use from the machine's Debian packages.</summary>
internal sealed class ImageStore(string folder, ImageRecipes recipes)
{
    private const string AssembledTag = "assembled-";

    private readonly ConcurrentDictionary<string, SemaphoreSlim> gates = new(StringComparer.Ordinal);

    /// <exception cref="ImageMissingException">There is none, and none can be assembled.</exception>
    public async Task<Image> FindAsync(string name, CancellationToken cancel)
    {
        var reference = ImageReference.Parse(name);
        var imported = At(reference);
        if (Directory.Exists(imported.RootFileSystem))
            return imported;
        if (recipes.Find(reference.Repository) is not { } recipe)
        {
            throw new ImageMissingException(
                $"image \"{name}\" is not on this machine and nothing is pulled yet; import it: fairlead image import FILE {reference} (FILE from 'docker save {reference} -o FILE')");
        }
        var gate = gates.GetOrAdd(recipe.Repository, _ => new SemaphoreSlim(1));
        await gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await AssembleAsync(recipe, cancel).ConfigureAwait(false);
        }
        finally
        {
            gate.Release();
        }
    }

    public IEnumerable<Image> List() => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal)
            .Where(path => Path.GetFileName(path).Contains('@', StringComparison.Ordinal) && File.Exists(Path.Combine(path, "image.json")))
            .Select(path => new Image(ImageReference.FromFolder(Path.GetFileName(path)), path))
        : [];

    /// <summary>Removes the image that a pod gets by this name, the assembled ones of a repository included; false when there is none.</summary>
    public bool Remove(string name)
    {
        var reference = ImageReference.Parse(name);
        var images = new List<Image> { At(reference) };
        if (!Directory.Exists(images[0].Folder))
            images = [.. List().Where(image => image.Name.Repository == reference.Repository && image.Name.Tag.StartsWith(AssembledTag, StringComparison.Ordinal) && reference.Tag == "latest")];
        images.RemoveAll(image => !Directory.Exists(image.Folder));
        images.ForEach(Discard);
        return images.Count > 0;
    }

    /// <summary>Takes an image's place away. Running containers keep the files: they lie below their overlays, which a move does not disturb.</summary>
    public void Discard(Image image)
    {
        Directory.CreateDirectory(Discarded);
        Directory.Move(image.Folder, Path.Combine(Discarded, Guid.NewGuid().ToString("n")));
        // The kernel shows each overlay's layers under the names that they were mounted by, so one that is in use is known by its former name.
        var mounts = File.ReadAllText("/proc/self/mounts");
        if (mounts.Contains("lowerdir=" + folder, StringComparison.Ordinal))
            return;
        Directory.Delete(Discarded, recursive: true);
    }

    private string Discarded => Path.Combine(folder, ".discarded");

    public Image At(ImageReference reference) => new(reference, Path.Combine(folder, reference.FolderName));

    /// <summary>The tag of an assembled image is the state of what it was made from: another state makes another image, and pods keep theirs.</summary>
    private async Task<Image> AssembleAsync(ImageRecipe recipe, CancellationToken cancel)
    {
        var image = At(new ImageReference(recipe.Repository, AssembledTag + recipe.Fingerprint()));
        if (File.Exists(image.ConfigurationFile))
            return image;
        var beside = new Image(image.Name, image.Folder + ".new");
        if (Directory.Exists(beside.Folder))
            Directory.Delete(beside.Folder, recursive: true);
        Directory.CreateDirectory(beside.RootFileSystem);
        await recipe.AssembleAsync(beside, cancel).ConfigureAwait(false);
        Directory.Move(beside.Folder, image.Folder);
        return image;
    }
}
