using Fairlead.Node.Images;
using Fairlead.Node.Machine;

namespace Fairlead.Node;

/// <summary>The images of a state directory, for the command line: import, list, remove.</summary>
public sealed class ImageLibrary(string stateDirectory)
{
    private readonly NodePaths paths = new(Path.GetFullPath(stateDirectory));

    /// <summary>Names and what they were made from.</summary>
    public IEnumerable<(string Name, string Source)> List() => Store().List().Select(image => (image.Name.ToString(), image.Source));

    public bool Remove(string name) => Store().Remove(name);

    /// <summary>Takes an OCI or docker archive in; answers the name that it is kept under.</summary>
    public async Task<string> ImportAsync(string archive, string name, CancellationToken cancel)
    {
        paths.Create();
        return (await new ImageArchive(Store()).ImportAsync(archive, name, cancel).ConfigureAwait(false)).ToString();
    }

    private ImageStore Store() => new(paths.Images, new ImageRecipes(""));
}
