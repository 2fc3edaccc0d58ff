using Fairlead.Config.Primitives;

namespace Fairlead.ControlPlane.Translate.Clusters;

/// <summary>
/// Everything an inbound cluster is made from; equality is the cache key.
/// <c>Port</c>: On the pod.
/// <c>Services</c>: Every service that exposes the port, for metadata.
/// </summary>
public sealed record InboundClusterInput(int Port, Protocol Protocol, ValueList<ServiceIdentity> Services, TimeSpan ConnectTimeout);
