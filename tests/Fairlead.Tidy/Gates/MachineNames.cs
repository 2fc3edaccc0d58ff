using System.Text.RegularExpressions;

namespace Fairlead.Tidy.Gates;

/// <summary>Paths of somebody's machine and hosts of package registries: what builds only there.</summary>
internal static partial class MachineNames
{
    public static IEnumerable<Finding> Check(SourceTree tree)
    {
        foreach (var (path, text) in tree.Files.OrderBy(f => f.Key))
        {
            var number = 0;
            foreach (var line in text.Split('\n'))
            {
                number++;
                if (Forbidden().Match(line) is { Success: true } match)
                {
                    yield return new Finding(path, number, $"'{match.Value.Trim()}' belongs to one machine or registry: derive it, or leave it to the user's configuration");
                }
            }
        }
    }

    // Spelled apart, so that this file does not find itself. A home folder inside a container image is no machine's.
    [GeneratedRegex(@"(?<![\w.-])(/wo" + @"rk/|/ro" + @"ot/(?!\.)|/ho" + @"me/[a-z]+/)|\b(api\.nu" + @"get\.org|registry\.np" + @"mjs\.org|registry\.ya" + @"rnpkg\.com|py" + @"pi\.org|files\.pytho" + @"nhosted\.org|cra" + @"tes\.io|proxy\.go" + @"lang\.org)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Forbidden();
}
