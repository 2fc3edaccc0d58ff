namespace Fairlead.Proxy.Snapshot.Ads;

/// <summary>Where the control plane is and how to prove who asks.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
/// <param name="RootCertificatePath">PEM file of trusted roots; null = plain text HTTP/2.</param>
/// <param name="ServerName">Name the server's certificate must carry; the host when null.</param>
/// <param name="TokenPath">File whose content goes out as a bearer token, read anew at every connect; null = none.</param>
/// <param name="IsDelta">Incremental xDS.</param>
/// <param name="Headers">Metadata of the call.</param>
internal sealed record AdsTarget(
    string Host, int Port, string? RootCertificatePath, string? ServerName, string? TokenPath, bool IsDelta,
    IReadOnlyList<KeyValuePair<string, string>> Headers)
{
    public Uri Address => new UriBuilder(RootCertificatePath is null ? "http" : "https", Host, Port).Uri;

    public override string ToString() => $"{Host}:{Port}";
}
