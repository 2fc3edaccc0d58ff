using System.Security.Cryptography.X509Certificates;
using Fairlead.ApiServer.Pki;
using Microsoft.AspNetCore.Http;

namespace Fairlead.ApiServer.Authn;

/// <summary>Client certificate first, then bearer token; nothing else is accepted.</summary>
public sealed class Authenticator(ClusterAuthority authority, AccountTokens tokens)
{
    private static readonly object CacheKey = new();

    /// <summary>Who asks; null when neither a certificate of this cluster nor a good token is shown.</summary>
    public async ValueTask<Identity?> AuthenticateAsync(HttpContext context)
    {
        if (await CertificateAsync(context) is { } byCertificate)
            return byCertificate;
        var header = context.Request.Headers.Authorization.ToString();
        const string Scheme = "Bearer ";
        if (header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return tokens.Verify(header[Scheme.Length..].Trim(), []).Identity;
        return null;
    }

    /// <summary>A certificate is the connection's: it is checked once and the result kept with the connection.</summary>
    private async ValueTask<Identity?> CertificateAsync(HttpContext context)
    {
        var items = context.Features.Get<Microsoft.AspNetCore.Connections.Features.IConnectionItemsFeature>()?.Items;
        if (items is not null && items.TryGetValue(CacheKey, out var cached))
            return cached as Identity;
        var certificate = await context.Connection.GetClientCertificateAsync(context.RequestAborted);
        var identity = certificate is not null && authority.Trusts(certificate) ? IdentityOf(certificate) : null;
        if (items is not null)
            items[CacheKey] = identity;
        return identity;
    }

    private static Identity IdentityOf(X509Certificate2 certificate)
    {
        var user = "";
        var groups = new List<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                continue;
            var value = part.GetSingleElementValue() ?? "";
            switch (part.GetSingleElementType().Value)
            {
                case "2.5.4.3":
                    user = value;
                    break;
                case "2.5.4.10":
                    groups.Add(value);
                    break;
                default:
                    break;
            }
        }
        groups.Add("system:authenticated");
        return new Identity(user, groups);
    }
}
