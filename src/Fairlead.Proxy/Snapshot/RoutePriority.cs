namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.core.v3.RoutingPriority.</summary>
internal enum RoutePriority : byte
{
    Default,
    High,
}
