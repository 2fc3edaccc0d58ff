namespace Fairlead.EndToEnd;

/// <summary>The genuine kubectls of this machine: always Debian 12's own 1.20, which the launcher unpacks where another is on PATH, and every kubectl.1.N.</summary>
public static class FoundKubectls
{
    private static readonly string[] Folders = ["/usr/bin", "/usr/local/bin", "/usr/lib/google-cloud-sdk/bin"];

    private static string Debian => Path.Combine(Published.Root, "out", "tools", "kubernetes-client", "usr", "bin", "kubectl");

    public static TheoryData<string> All =>
    [
        File.Exists(Debian) ? Debian : "kubectl",
        .. Folders.Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "kubectl.1.*")).Order(StringComparer.Ordinal),
    ];
}
