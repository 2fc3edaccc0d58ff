using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Upstreams;

/// <summary>Makes outgoing channels: sockets in production, scripted ones in simulations. Null = failed at once with errno.</summary>
internal delegate Channel? Dialer(in IpEndpoint remote, in ConnectOptions options, out int errno);
