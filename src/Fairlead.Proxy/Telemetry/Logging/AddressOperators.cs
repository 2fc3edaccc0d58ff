using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about addresses and connections: each address whole, without port, and its port alone.</summary>
internal static class AddressOperators
{
    private delegate IpEndpoint Read(StreamInfo info);

    public static void AddTo(OperatorTable table)
    {
        AddAddress(table, "UPSTREAM_LOCAL", static info => info.UpstreamLocalAddress);
        AddAddress(table, "UPSTREAM_REMOTE", static info => info.UpstreamHost);
        AddAddress(table, "DOWNSTREAM_LOCAL", static info => info.DownstreamLocalAddress);
        AddAddress(table, "DOWNSTREAM_DIRECT_LOCAL", static info => info.DownstreamDirectLocalAddress);
        AddAddress(table, "DOWNSTREAM_REMOTE", static info => info.DownstreamRemoteAddress);
        AddAddress(table, "DOWNSTREAM_DIRECT_REMOTE", static info => info.DownstreamDirectRemoteAddress);
        table.Add("UPSTREAM_HOST", static (ref Utf8Writer writer, StreamInfo info) => WriteWhole(ref writer, info.UpstreamHost));
        table.Add("UPSTREAM_HOST_NAME", static (ref Utf8Writer writer, StreamInfo info) =>
        {
            if (info.UpstreamHostName is null)
            {
                WriteWhole(ref writer, info.UpstreamHost);
                return;
            }
            writer.Write(info.UpstreamHostName);
            writer.Write((byte)':');
            writer.Write((long)info.UpstreamHost.Port);
        });
        table.Add("UPSTREAM_HOST_NAME_WITHOUT_PORT", static (ref Utf8Writer writer, StreamInfo info) =>
        {
            if (info.UpstreamHostName is not null) writer.Write(info.UpstreamHostName);
            else if (info.UpstreamHost.IsSet) writer.WriteAddress(info.UpstreamHost);
        });
        table.Add("CONNECTION_ID", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.ConnectionId), isNumber: true);
        table.Add(
            "UPSTREAM_CONNECTION_ID",
            static (ref Utf8Writer writer, StreamInfo info) =>
            {
                if (info.UpstreamConnectionId != 0) writer.Write(info.UpstreamConnectionId);
            },
            isNumber: true);
    }

    private static void AddAddress(OperatorTable table, string prefix, Read read)
    {
        table.Add(prefix + "_ADDRESS", (ref Utf8Writer writer, StreamInfo info) => WriteWhole(ref writer, read(info)));
        table.Add(prefix + "_ADDRESS_WITHOUT_PORT", (ref Utf8Writer writer, StreamInfo info) =>
        {
            var address = read(info);
            if (address.IsSet) writer.WriteAddress(address);
        });
        table.Add(
            prefix + "_PORT",
            (ref Utf8Writer writer, StreamInfo info) =>
            {
                var address = read(info);
                if (address.IsSet) writer.Write((long)address.Port);
            },
            isNumber: true);
    }

    private static void WriteWhole(ref Utf8Writer writer, in IpEndpoint address)
    {
        if (address.IsSet) writer.Write(address);
    }
}
