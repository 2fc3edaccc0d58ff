namespace Fairlead.Node.Images;

/// <summary>
/// What containers trust besides their image's own authorities: the one that signed the certificates of the world they call, as a company
/// gives its own authority to its machines. Without a world there is nothing to add.
/// </summary>
/// <param name="authorityFile">PEM file of the additional authority.</param>
internal sealed class TrustedAuthorities(string authorityFile)
{
    /// <summary>Where Debian, Ubuntu and Alpine images keep the authorities that OpenSSL and GnuTLS read, as one PEM file.</summary>
    public const string BundlePath = "/etc/ssl/certs/ca-certificates.crt";

    /// <summary>Writes the image's bundle with the authority added to <paramref name="file"/>; false where the image has no such bundle.</summary>
    public bool TryWrite(Image image, string file)
    {
        var bundle = new FileInfo(Path.Combine(image.RootFileSystem, BundlePath.TrimStart('/')));
        // An image may point this file anywhere by a link; only its own file is read.
        if (!bundle.Exists || bundle.LinkTarget is not null)
            return false;
        File.WriteAllText(file, File.ReadAllText(bundle.FullName).TrimEnd('\n') + "\n" + File.ReadAllText(authorityFile));
        return true;
    }
}
