using System.Text.RegularExpressions;

namespace Fairlead.Tidy.Gates;

/// <summary>Links and paths in Markdown lead to something: files, headings, and what is written as a path of this repository.</summary>
internal static partial class MarkdownLinks
{
    public static IEnumerable<Finding> Check(SourceTree tree) =>
        from file in tree.Files
        where file.Key.EndsWith(".md", StringComparison.Ordinal)
        orderby file.Key
        from finding in CheckFile(tree, file.Key, file.Value)
        select finding;

    private static IEnumerable<Finding> CheckFile(SourceTree tree, string path, string text)
    {
        var number = 0;
        var isFenced = false;
        foreach (var line in text.Split('\n'))
        {
            number++;
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isFenced = !isFenced;
            }
            if (isFenced)
            {
                continue;
            }
            foreach (Match link in Link().Matches(line))
            {
                if (Fault(tree, path, link.Groups["target"].Value) is { } fault)
                {
                    yield return new Finding(path, number, fault);
                }
            }
            if (path.StartsWith("docs/life-of-", StringComparison.Ordinal))
            {
                foreach (var fault in SourceFaults(tree, line))
                {
                    yield return new Finding(path, number, fault);
                }
            }
            foreach (Match mention in RepositoryPath().Matches(line))
            {
                var target = mention.Groups["path"].Value.TrimEnd('/', '.', ',');
                if (!Matches(tree, target))
                {
                    yield return new Finding(path, number, $"`{target}` does not exist");
                }
            }
        }
    }

    /// <summary>A walk through the code names files by their last part (`Loop/LogFile.cs`) and members by their type (`Router.Fail`).</summary>
    private static IEnumerable<string> SourceFaults(SourceTree tree, string line)
    {
        foreach (Match mention in SourceFile().Matches(line))
        {
            var name = mention.Groups["file"].Value;
            if (!tree.Files.Keys.Any(file => file == name || file.EndsWith("/" + name, StringComparison.Ordinal)))
            {
                yield return $"there is no file `{name}`";
            }
        }
        foreach (Match mention in SourceMember().Matches(line))
        {
            var (type, member) = (mention.Groups["type"].Value, mention.Groups["member"].Value);
            var files = tree.Files.Where(file => file.Key.EndsWith($"/{type}.cs", StringComparison.Ordinal) || file.Key.Contains($"/{type}.", StringComparison.Ordinal));
            if (!files.Any(file => Regex.IsMatch(file.Value, $@"\b{member}\b")))
            {
                yield return $"`{type}.{member}` does not exist";
            }
        }
    }

    private static string? Fault(SourceTree tree, string from, string target)
    {
        if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
        {
            return null;
        }
        var parts = target.Split('#', 2);
        var file = parts[0].Length == 0 ? from : Resolve(from, parts[0]);
        if (!tree.Exists(file) && !IsPicture(file))
        {
            return $"the link to {target} leads nowhere ({file} does not exist)";
        }
        var hasHeading = parts.Length == 1 || !tree.Files.TryGetValue(file, out var text) || Headings(text).Contains(parts[1].ToLowerInvariant());
        return hasHeading ? null : $"the link to {target}: {file} has no heading '{parts[1]}'";
    }

    // Pictures are not text, so they are not in the tree.
    private static bool IsPicture(string file) =>
        (file.EndsWith(".png", StringComparison.Ordinal) || file.EndsWith(".gif", StringComparison.Ordinal)) && File.Exists(Path.Combine(SourceTree.Root, file));

    private static string Resolve(string from, string target)
    {
        var segments = new List<string>(from.Split('/')[..^1]);
        foreach (var segment in target.TrimEnd('/').Split('/'))
        {
            if (segment == ".." && segments.Count > 0)
            {
                segments.RemoveAt(segments.Count - 1);
            }
            else if (segment is not ("." or ""))
            {
                segments.Add(segment);
            }
        }
        return string.Join('/', segments);
    }

    private static bool Matches(SourceTree tree, string target) =>
        target.AsSpan().IndexOfAny("*<>{$") >= 0 || target.Contains("NNNN", StringComparison.Ordinal) || tree.Exists(target);

    private static HashSet<string> Headings(string text) => text.Split('\n')
        .Where(line => line.StartsWith('#'))
        .Select(line => Punctuation().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'))
        .ToHashSet(StringComparer.Ordinal);

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)(\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`(?<path>(src|apps|tests|docs|bench|samples|deploy|\.ci)/[^`\s]*)`")]
    private static partial Regex RepositoryPath();

    [GeneratedRegex("`(?<file>[A-Za-z0-9_./]+\\.cs)`")]
    private static partial Regex SourceFile();

    [GeneratedRegex("`(?<type>[A-Z][A-Za-z0-9]+)\\.(?<member>[A-Z][A-Za-z0-9]+)`")]
    private static partial Regex SourceMember();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Punctuation();
}
