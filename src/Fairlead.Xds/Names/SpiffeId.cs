using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Xds.Names;

/// <summary>Istio's workload identity: <c>spiffe://TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT</c> (SPIFFE ID standard, section 2).</summary>
public sealed record SpiffeId(string TrustDomain, string Namespace, string ServiceAccount)
{
    private const string Scheme = "spiffe://";

    public static bool TryParse(string text, [NotNullWhen(true)] out SpiffeId? id)
    {
        id = null;
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) return false;
        var parts = text[Scheme.Length..].Split('/');
        if (parts is not [var domain, "ns", var @namespace, "sa", var account]) return false;
        if (domain.Length == 0 || @namespace.Length == 0 || account.Length == 0) return false;
        id = new SpiffeId(domain, @namespace, account);
        return true;
    }

    public override string ToString() => $"{Scheme}{TrustDomain}/ns/{Namespace}/sa/{ServiceAccount}";
}
