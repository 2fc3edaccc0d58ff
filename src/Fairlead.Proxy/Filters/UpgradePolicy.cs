using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>Whether a request may upgrade: the route's word on that type, else the connection manager's. CONNECT is not offered yet.</summary>
internal static class UpgradePolicy
{
    public static bool IsAllowed(HttpStream stream, RouteAction.Forward route)
    {
        if (!stream.RequestHeaders.TryGet("upgrade"u8, out var type)) return false;
        return Find(route.Upgrades, type) ?? Find(stream.Config.Upgrades, type) ?? false;
    }

    private static bool? Find(IReadOnlyList<UpgradeSetting> settings, ReadOnlySpan<byte> type)
    {
        foreach (var setting in settings)
        {
            if (AsciiCase.EqualsLower(type, setting.Type)) return setting.Enabled;
        }
        return null;
    }
}
