namespace Fairlead.Proxy.Snapshot;

/// <summary>Sends the bytes to every connection and closes it (envoy.filters.network.direct_response).</summary>
internal sealed class DirectResponseConfig(byte[] response) : NetworkFilterConfig
{
    public byte[] Response { get; } = response;

    public override bool IsTerminal => true;
}
