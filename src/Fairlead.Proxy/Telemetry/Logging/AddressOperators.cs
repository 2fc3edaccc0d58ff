using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about addresses and connections: each address whole, without port, and its port alone.</summary>
internal static class AddressOperators
{
    private delegate ref readonly IpEndpoint Read(StreamInfo info);

    public static void AddTo(OperatorTable table)
    {
        AddAddress(table, "UPSTREAM_LOCAL", static info => ref info.UpstreamLocalAddress, ValueKind.UpstreamLocalAddress);
        AddAddress(table, "UPSTREAM_REMOTE", static info => ref info.UpstreamHost, ValueKind.UpstreamHost);
        AddAddress(table, "DOWNSTREAM_LOCAL", static info => ref info.DownstreamLocalAddress, ValueKind.DownstreamLocalAddress);
        AddAddress(table, "DOWNSTREAM_DIRECT_LOCAL", static info => ref info.DownstreamDirectLocalAddress);
        AddAddress(table, "DOWNSTREAM_REMOTE", static info => ref info.DownstreamRemoteAddress, ValueKind.DownstreamRemoteAddress);
        AddAddress(table, "DOWNSTREAM_DIRECT_REMOTE", static info => ref info.DownstreamDirectRemoteAddress);
        table.AddCommon("UPSTREAM_HOST", new ValueSource(ValueKind.UpstreamHost));
        table.Add("UPSTREAM_HOST_NAME", static (ref Utf8Writer writer, StreamInfo info) =>
        {
            if (info.UpstreamHostName is null)
            {
                CommonValues.WriteWhole(ref writer, info.UpstreamHost);
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

    private static void AddAddress(OperatorTable table, string prefix, Read read, ValueKind whole = ValueKind.Other)
    {
        if (whole != ValueKind.Other) table.AddCommon(prefix + "_ADDRESS", new ValueSource(whole));
        else table.Add(prefix + "_ADDRESS", (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteWhole(ref writer, in read(info)));
        table.Add(prefix + "_ADDRESS_WITHOUT_PORT", (ref Utf8Writer writer, StreamInfo info) =>
        {
            ref readonly var address = ref read(info);
            if (address.IsSet) writer.WriteAddress(address);
        });
        table.Add(
            prefix + "_PORT",
            (ref Utf8Writer writer, StreamInfo info) =>
            {
                ref readonly var address = ref read(info);
                if (address.IsSet) writer.Write((long)address.Port);
            },
            isNumber: true);
    }
}
