using System.Text;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Tests.Support;

/// <summary>A short line per stream: what the tests of the data path look at. Allocates; the real formats do not.</summary>
internal sealed class TestLogFormat : LogFormat
{
    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        var flags = string.Join(',', Enumerable.Range(0, info.Flags.Count).Select(i => info.Flags[i]));
        var line = $"{Text(info.RequestHeaders is null ? null : info.RequestHeaders.Method.ToArray())} {info.ResponseCode} [{flags}] {Text(info.ResponseCodeDetails)} "
            + $"rx={info.BytesReceived} tx={info.BytesSent} host={info.UpstreamHost} cluster={Text(info.UpstreamClusterName)} route={Text(info.RouteName)} "
            + $"local={info.DownstreamLocalAddress} sni={Text(info.RequestedServerName)} attempts={info.AttemptCount} transport={Text(info.UpstreamTransportFailureReason)}\n";
        return Encoding.UTF8.TryGetBytes(line, destination, out written);
    }

    private static string Text(byte[]? value) => value is null or { Length: 0 } ? "-" : Encoding.UTF8.GetString(value);
}
