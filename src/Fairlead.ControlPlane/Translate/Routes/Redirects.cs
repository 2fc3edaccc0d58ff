using Envoy.Config.Route.V3;
using Fairlead.Config.Kinds;
using Code = Envoy.Config.Route.V3.RedirectAction.Types.RedirectResponseCode;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>Redirects on the wire.</summary>
internal static class Redirects
{
    public static RedirectAction Build(HttpRedirect redirect)
    {
        var action = new RedirectAction
        {
            HostRedirect = redirect.Authority,
            ResponseCode = redirect.Code switch
            {
                302 => Code.Found,
                303 => Code.SeeOther,
                307 => Code.TemporaryRedirect,
                308 => Code.PermanentRedirect,
                _ => Code.MovedPermanently,
            },
        };
        if (redirect.PrefixRewrite.Length > 0)
            action.PrefixRewrite = redirect.PrefixRewrite;
        else if (redirect.Uri.Length > 0)
            action.PathRedirect = redirect.Uri;
        if (redirect.Scheme.Length > 0)
            action.SchemeRedirect = redirect.Scheme;
        if (redirect.Port > 0)
            action.PortRedirect = (uint)redirect.Port;
        else if (redirect.DerivePort == RedirectPort.FromProtocolDefault)
            action.PortRedirect = redirect.Scheme.Equals("https", StringComparison.OrdinalIgnoreCase) ? 443u : 80u;
        return action;
    }
}
