namespace Fairlead.Proxy.Snapshot;

/// <summary>
/// One network filter: <see cref="HttpConnectionManagerConfig"/>, <see cref="TcpProxyConfig"/>, <see cref="DirectResponseConfig"/>
/// (terminal) or <see cref="IstioStatsFilterConfig"/>. The list is closed: a listener that names another filter is refused.
/// </summary>
internal abstract class NetworkFilterConfig
{
    public abstract bool IsTerminal { get; }
}
