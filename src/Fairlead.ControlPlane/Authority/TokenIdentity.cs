namespace Fairlead.ControlPlane.Authority;

/// <summary>Whom a projected service-account token stands for.</summary>
/// <param name="PodName">The pod that the token is bound to; empty when the API server does not say.</param>
public sealed record TokenIdentity(string Namespace, string ServiceAccount, string PodName)
{
    public override string ToString() => $"system:serviceaccount:{Namespace}:{ServiceAccount}";
}
