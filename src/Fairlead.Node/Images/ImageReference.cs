namespace Fairlead.Node.Images;

/// <summary>An image's name as the store keeps it: Docker Hub's registry and <c>library/</c> are left out, the tag defaults to <c>latest</c>.</summary>
internal sealed record ImageReference(string Repository, string Tag)
{
    public static ImageReference Parse(string text)
    {
        var digest = text.IndexOf('@', StringComparison.Ordinal);
        if (digest >= 0)
            text = text[..digest];
        var colon = text.LastIndexOf(':');
        var tag = "latest";
        if (colon > text.LastIndexOf('/'))
            (text, tag) = (text[..colon], text[(colon + 1)..]);
        foreach (var prefix in new[] { "docker.io/", "index.docker.io/", "library/" })
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
                text = text[prefix.Length..];
        }
        return new ImageReference(text, tag);
    }

    /// <summary>The folder below the image store; no character of a name can leave it.</summary>
    public string FolderName => Uri.EscapeDataString(Repository) + "@" + Uri.EscapeDataString(Tag);

    public static ImageReference FromFolder(string name)
    {
        var at = name.LastIndexOf('@');
        return new ImageReference(Uri.UnescapeDataString(name[..at]), Uri.UnescapeDataString(name[(at + 1)..]));
    }

    public override string ToString() => $"{Repository}:{Tag}";
}
