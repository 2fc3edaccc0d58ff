namespace Fairlead.Proxy.Snapshot;

/// <summary>envoy.config.core.v3.TrafficDirection.</summary>
internal enum TrafficDirection : byte
{
    Unspecified,
    Inbound,
    Outbound,
}
