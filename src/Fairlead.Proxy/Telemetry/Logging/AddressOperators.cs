using System.Globalization;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry.Logging;

/// <summary>Operators about addresses and connections: each address whole, without port, and its port alone.</summary>
internal static class AddressOperators
{
    private delegate ref readonly IpEndpoint Read(StreamInfo info);

    private delegate void WriteAttempt(ref Utf8Writer writer, in StreamAttempt attempt);

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
            WriteName(ref writer, info.UpstreamEndpoint, info.UpstreamHost, withPort: true));
        table.Add("UPSTREAM_HOST_NAME_WITHOUT_PORT", static (ref Utf8Writer writer, StreamInfo info) =>
            WriteName(ref writer, info.UpstreamEndpoint, info.UpstreamHost, withPort: false));
        AddAttempts(table);
        table.Add("CONNECTION_ID", static (ref Utf8Writer writer, StreamInfo info) => writer.Write(info.ConnectionId), isNumber: true);
        table.Add(
            "UPSTREAM_CONNECTION_ID",
            static (ref Utf8Writer writer, StreamInfo info) =>
            {
                if (info.UpstreamConnectionId != 0) writer.Write(info.UpstreamConnectionId);
            },
            isNumber: true);
    }

    /// <summary>Every host that was tried, the last one last, with commas between them.</summary>
    private static void AddAttempts(OperatorTable table)
    {
        Add("UPSTREAM_HOSTS_ATTEMPTED", static (ref Utf8Writer writer, in StreamAttempt attempt) => writer.Write(attempt.Host));
        Add("UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT", static (ref Utf8Writer writer, in StreamAttempt attempt) => writer.WriteAddress(attempt.Host));
        Add("UPSTREAM_HOST_NAMES_ATTEMPTED", static (ref Utf8Writer writer, in StreamAttempt attempt) => WriteName(ref writer, attempt.Endpoint, attempt.Host, withPort: true));
        Add("UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT", static (ref Utf8Writer writer, in StreamAttempt attempt) => WriteName(ref writer, attempt.Endpoint, attempt.Host, withPort: false));
        Add("UPSTREAM_CONNECTION_IDS_ATTEMPTED", static (ref Utf8Writer writer, in StreamAttempt attempt) =>
        {
            if (attempt.ConnectionId != 0) writer.Write(attempt.ConnectionId);
        });

        void Add(string name, WriteAttempt write) => table.Add(name, (ref Utf8Writer writer, StreamInfo info) =>
        {
            if (!info.UpstreamHost.IsSet) return;
            var start = writer.Written;
            foreach (ref readonly var attempt in info.EarlierAttempts) AddOne(ref writer, attempt, write, start);
            AddOne(ref writer, new StreamAttempt(info.UpstreamHost, info.UpstreamEndpoint, info.UpstreamConnectionId), write, start);
        });
    }

    private static void AddOne(ref Utf8Writer writer, in StreamAttempt attempt, WriteAttempt write, int start)
    {
        var before = writer.Written;
        if (before > start) writer.Write((byte)',');
        var value = writer.Written;
        write(ref writer, attempt);
        if (writer.Written == value) writer.Rewind(before);
    }

    private static void WriteName(ref Utf8Writer writer, IConfigured? endpoint, in IpEndpoint host, bool withPort)
    {
        if (!host.IsSet) return;
        var name = endpoint?.NameUtf8;
        if (name is null)
        {
            if (withPort) writer.Write(host);
            else writer.WriteAddress(host);
            return;
        }
        writer.Write(name);
        if (!withPort) return;
        writer.Write((byte)':');
        writer.Write((long)host.Port);
    }

    private static void AddAddress(OperatorTable table, string prefix, Read read, ValueKind whole = ValueKind.Other)
    {
        if (whole != ValueKind.Other) table.AddCommon(prefix + "_ADDRESS", new ValueSource(whole));
        else table.Add(prefix + "_ADDRESS", (ref Utf8Writer writer, StreamInfo info) => CommonValues.WriteWhole(ref writer, in read(info)));
        table.Add(prefix + "_ADDRESS_WITHOUT_PORT", argument =>
        {
            var bits = argument is null ? -1 : int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= 128 ? number
                : throw new FormatException($"%{prefix}_ADDRESS_WITHOUT_PORT({argument})%: expected the bits of a network's prefix, 0 to 128");
            return (ref Utf8Writer writer, StreamInfo info) =>
            {
                ref readonly var address = ref read(info);
                if (!address.IsSet) return;
                if (bits < 0) writer.WriteAddress(address);
                else writer.WriteNetwork(address, bits);
            };
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
