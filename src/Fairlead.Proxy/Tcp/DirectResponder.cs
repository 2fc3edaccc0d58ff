using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Tcp;

/// <summary>Sends fixed bytes and ends the connection (envoy.filters.network.direct_response).</summary>
internal sealed class DirectResponder(StreamContext worker, Channel channel, DirectResponseConfig config, Action closed) : ChannelOwner
{
    private int _sent;

    public override void OnReadable()
    {
        Span<byte> discarded = stackalloc byte[1024];
        int count;
        do count = channel.Receive(discarded);
        while (count > 0);
        if (count != -Libc.EAGAIN) Close();
    }

    public override void OnWritable()
    {
        while (_sent < config.Response.Length)
        {
            var count = channel.Send(config.Response.AsSpan(_sent));
            if (count == -Libc.EAGAIN) return;
            if (count < 0) break;
            _sent += count;
        }
        Close();
    }

    private void Close()
    {
        if (!channel.IsOpen) return;
        worker.Loop.Tick();
        channel.Close();
        closed();
    }
}
