using System.Buffers.Binary;
using System.Text;
using Fairlead.Proxy.Routing;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Filters;

/// <summary>
/// Istio's stats filter for one worker: finds the series of a finished stream and counts. A series is made once per set of
/// labels; after that a stream costs one look-up and no allocation.
/// </summary>
internal sealed class IstioMetrics
{
    /// <summary>Series of one worker. Hosts of unknown destinations are the clients' choice, so they are folded into one beyond it.</summary>
    public const int MaxSeries = 2000;

    private const int MaxHostBytes = 128;
    private const int MaxKeyBytes = 32 + MaxHostBytes;

    private static readonly byte[] OtherHost = "other"u8.ToArray();

    private readonly StatRegistry _registry;
    private readonly StatShard _shard;
    private readonly IstioLabels _labels;
    private readonly long _ticksPerSecond;
    private readonly Dictionary<byte[], IstioSeries> _series = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], IstioSeries>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    private readonly byte[] _lastKey = new byte[MaxKeyBytes];
    private int _lastKeyLength;
    private IstioSeries? _last;

    public IstioMetrics(StatRegistry registry, StatShard shard, IstioLabels labels, long ticksPerSecond)
    {
        _registry = registry;
        _shard = shard;
        _labels = labels;
        _ticksPerSecond = ticksPerSecond;
        _lookup = _series.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public void Record(StreamInfo info, HttpConnectionManagerConfig manager)
    {
        var series = Find(info, manager.StatPrefix, Host(info));
        _shard.Add(series, IstioSeries.RequestsTotal);
        _shard.Record(series, IstioSeries.RequestDuration, (info.EndTimestamp - info.StartTimestamp) * 1000 / _ticksPerSecond);
        _shard.Record(series, IstioSeries.RequestBytes, info.DownstreamWireBytesReceived);
        _shard.Record(series, IstioSeries.ResponseBytes, info.DownstreamWireBytesSent);
    }

    public void Record(StreamInfo info, TcpProxyConfig proxy)
    {
        var series = Find(info, proxy.StatPrefix, default);
        _shard.Add(series, IstioSeries.TcpConnectionsOpened);
        _shard.Add(series, IstioSeries.TcpConnectionsClosed);
        _shard.Add(series, IstioSeries.TcpSentBytes, info.BytesSent);
        _shard.Add(series, IstioSeries.TcpReceivedBytes, info.BytesReceived);
    }

    /// <summary>The Host header counts as destination only where the cluster names no service.</summary>
    private static ReadOnlySpan<byte> Host(StreamInfo info)
    {
        if (info.Cluster is ClusterSnapshot { Config.Service: not null } || info.RequestHeaders is not { } headers) return default;
        var host = headers.Authority;
        return host[..Math.Min(host.Length, MaxHostBytes)];
    }

    private IstioSeries Find(StreamInfo info, string statPrefix, ReadOnlySpan<byte> host)
    {
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        var length = WriteKey(key, info, statPrefix, host);
        // Streams of one series come in a row: comparing is faster than looking up.
        if (key[..length].SequenceEqual(_lastKey.AsSpan(0, _lastKeyLength))) return _last!;
        if (_lookup.TryGetValue(key[..length], out var series))
        {
            key[..length].CopyTo(_lastKey);
            (_lastKeyLength, _last) = (length, series);
            return series;
        }
        if (_series.Count >= MaxSeries && !host.IsEmpty)
        {
            host = OtherHost;
            length = WriteKey(key, info, statPrefix, host);
            if (_lookup.TryGetValue(key[..length], out series)) return series;
        }
        series = IstioSeries.Of(_registry, info.Protocol == StreamProtocol.None, _labels.Of(info, IsInbound(statPrefix), Encoding.UTF8.GetString(host)));
        _series[key[..length].ToArray()] = series;
        return series;
    }

    private static int WriteKey(Span<byte> key, StreamInfo info, string statPrefix, ReadOnlySpan<byte> host)
    {
        // A cluster's statistics keep their place for the life of the process, so their slot names the cluster.
        var cluster = info.Cluster is ClusterSnapshot snapshot ? snapshot.Config.Stats.FirstSlot : -1;
        BinaryPrimitives.WriteInt32LittleEndian(key, cluster);
        BinaryPrimitives.WriteInt16LittleEndian(key[4..], (short)info.ResponseCode);
        key[6] = (byte)info.Protocol;
        key[7] = (byte)((IsInbound(statPrefix) ? 1 : 0) | (IstioLabels.IsBlocked(info) ? 2 : 0) | (IstioLabels.IsAllowedUnknown(info) ? 4 : 0));
        var at = 8;
        for (var i = 0; i < info.Flags.Count; i++) key[at++] = (byte)info.Flags[i];
        key[at++] = byte.MaxValue;
        host.CopyTo(key[at..]);
        return at + host.Length;
    }

    private static bool IsInbound(string statPrefix) => statPrefix.StartsWith("inbound", StringComparison.OrdinalIgnoreCase);
}
