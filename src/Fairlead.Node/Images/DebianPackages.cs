using Fairlead.Node.Machine;

namespace Fairlead.Node.Images;

/// <summary>What dpkg says of this machine's packages.</summary>
internal static class DebianPackages
{
    /// <summary>The packages and everything that they depend on, among what is installed.</summary>
    /// <exception cref="ImageMissingException">One of <paramref name="packages"/> is not installed.</exception>
    public static async Task<IReadOnlyList<string>> ClosureAsync(IReadOnlyList<string> packages, CancellationToken cancel)
    {
        var listing = await Tool.RunAsync("dpkg-query", ["-W", "-f", "${db:Status-Abbrev}\t${Package}\t${Pre-Depends}, ${Depends}\t${Provides}\n"], cancel: cancel).ConfigureAwait(false);
        var dependencies = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var providers = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var fields in listing.Split('\n').Where(line => line.StartsWith("ii", StringComparison.Ordinal)).Select(line => line.Split('\t')))
        {
            dependencies[fields[1]] = Names(fields[2]);
            foreach (var provided in Names(fields[3]))
                providers.TryAdd(provided, fields[1]);
        }
        if (packages.Where(package => !dependencies.ContainsKey(package)).ToList() is { Count: > 0 } missing)
            throw new ImageMissingException($"the image is assembled from Debian packages that are not installed: apt-get install {string.Join(' ', missing)}");
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(packages);
        while (open.TryPop(out var name))
        {
            var package = dependencies.ContainsKey(name) ? name : providers.GetValueOrDefault(name, "");
            if (package.Length == 0 || !found.Add(package))
                continue;
            foreach (var dependency in dependencies[package])
                open.Push(dependency);
        }
        return [.. found.Order(StringComparer.Ordinal)];
    }

    /// <summary><c>a (>= 1), b | c</c> → a, b, c: of alternatives the installed ones are taken.</summary>
    private static string[] Names(string relation) =>
        [.. relation.Split([',', '|'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.Split([' ', ':', '('])[0])];
}
