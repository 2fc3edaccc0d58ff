using System.Text;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Logging;

namespace Fairlead.Proxy.Tests.Simulation;

/// <summary>The access log of a simulated proxy: keeps what a line would say, writes nothing.</summary>
internal sealed class SimLog : LogFormat
{
    public List<Line> Lines { get; } = [];

    public override bool TryFormat(StreamInfo info, Span<byte> destination, out int written)
    {
        written = 0;
        var id = info.RequestHeaders is { } headers && headers.TryGet("x-id"u8, out var value) ? Encoding.ASCII.GetString(value) : string.Empty;
        Lines.Add(new Line(id, info.ResponseCode, info.BytesReceived, info.BytesSent, Encoding.ASCII.GetString(info.ResponseCodeDetails ?? [])));
        return true;
    }

    internal sealed record Line(string Id, int Status, long Received, long Sent, string Details);
}
