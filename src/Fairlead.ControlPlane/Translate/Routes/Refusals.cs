using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Fairlead.Config.Kinds;

namespace Fairlead.ControlPlane.Translate.Routes;

/// <summary>
/// Rules whose untranslated fields would keep requests from their destination: such a route answers itself, so that the missing piece never
/// lets through what the rule forbids.
/// </summary>
internal static class Refusals
{
    /// <summary>For an abort by gRPC status, which only a fault filter can give.</summary>
    private const int NotBuilt = 503;

    /// <summary>Null when nothing of the rule stands in the way.</summary>
    public static DirectResponseAction? Of(HttpRoute? rule)
    {
        // Every request is to be refused: that needs no fault filter.
        if (rule?.Fault?.Abort is not { Percent: >= 100 } abort)
            return null;
        return new DirectResponseAction
        {
            Status = (uint)(abort.HttpStatus ?? NotBuilt),
            Body = new DataSource { InlineString = "fault filter abort" },
        };
    }
}
