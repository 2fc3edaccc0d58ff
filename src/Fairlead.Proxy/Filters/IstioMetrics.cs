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
    private const int MaxKeyBytes = 48 + MaxHostBytes;

    private static readonly byte[] OtherHost = "other"u8.ToArray();

    private readonly StatRegistry _registry;
    private readonly StatShard _shard;
    private readonly IstioLabels _labels;
    private readonly PeerTable _peers;
    private readonly long _ticksPerSecond;
    private readonly Dictionary<byte[], IstioSeriesSet> _series = new(BytesComparer.Instance);
    private readonly Dictionary<byte[], IstioSeriesSet>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    private readonly byte[] _lastKey = new byte[MaxKeyBytes];
    private int _lastKeyLength;
    private IstioSeriesSet? _last;

    public IstioMetrics(StatRegistry registry, StatShard shard, IstioLabels labels, PeerTable peers, long ticksPerSecond)
    {
        _registry = registry;
        _shard = shard;
        _labels = labels;
        _peers = peers;
        _ticksPerSecond = ticksPerSecond;
        _lookup = _series.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public void RecordRequest(StreamInfo info, IstioStatsOptions options)
    {
        var set = Find(info, options);
        var duration = (info.EndTimestamp - info.StartTimestamp) * 1000 / _ticksPerSecond;
        if (set.Whole is { } series)
        {
            _shard.Add(series, IstioSeries.RequestsTotal);
            _shard.Record(series, IstioSeries.RequestDuration, duration);
            _shard.Record(series, IstioSeries.RequestBytes, info.DownstreamWireBytesReceived);
            _shard.Record(series, IstioSeries.ResponseBytes, info.DownstreamWireBytesSent);
            return;
        }
        if (set.Part(0) is { } requests) _shard.Add(requests, 0);
        if (set.Part(1) is { } durations) _shard.Record(durations, 0, duration);
        if (set.Part(2) is { } received) _shard.Record(received, 0, info.DownstreamWireBytesReceived);
        if (set.Part(3) is { } sent) _shard.Record(sent, 0, info.DownstreamWireBytesSent);
    }

    /// <summary>Counts what a connection did since it was reported last.</summary>
    public void RecordConnection(StreamInfo info, IstioStatsOptions options, bool isEnd)
    {
        var set = Find(info, options);
        Count(set, IstioSeries.TcpConnectionsOpened, info.IsReported ? 0 : 1);
        Count(set, IstioSeries.TcpConnectionsClosed, isEnd ? 1 : 0);
        Count(set, IstioSeries.TcpSentBytes, info.BytesSent - info.ReportedSent);
        Count(set, IstioSeries.TcpReceivedBytes, info.BytesReceived - info.ReportedReceived);
        (info.IsReported, info.ReportedSent, info.ReportedReceived) = (true, info.BytesSent, info.BytesReceived);
    }

    private void Count(IstioSeriesSet set, int metric, long amount)
    {
        if (amount == 0) return;
        if (set.Whole is { } series) _shard.Add(series, metric, amount);
        else if (set.Part(metric) is { } part) _shard.Add(part, 0, amount);
    }

    /// <summary>The Host header counts as destination only where the cluster names no service.</summary>
    private static ReadOnlySpan<byte> Host(StreamInfo info, IstioStatsOptions options)
    {
        if (options.DisableHostHeaderFallback || info.Cluster is ClusterSnapshot { Config.Service: not null } || info.RequestHeaders is not { } headers) return default;
        var host = headers.Authority;
        return host[..Math.Min(host.Length, MaxHostBytes)];
    }

    private IstioSeriesSet Find(StreamInfo info, IstioStatsOptions options)
    {
        var isInbound = info.Connection is ConnectionInfo { Listener.Direction: TrafficDirection.Inbound };
        var host = Host(info, options);
        // What the peer says of itself comes before what the control plane says of its endpoint.
        var peer = info.Peer ?? (!isInbound && info.UpstreamEndpoint is Endpoint { IstioWorkload: { } workload } ? _peers.OfMetadata(workload) : null);
        Span<byte> key = stackalloc byte[MaxKeyBytes];
        var length = WriteKey(key, info, isInbound, options, peer, host);
        // Streams of one series come in a row: comparing is faster than looking up.
        if (key[..length].SequenceEqual(_lastKey.AsSpan(0, _lastKeyLength))) return _last!;
        if (_lookup.TryGetValue(key[..length], out var series))
        {
            key[..length].CopyTo(_lastKey);
            (_lastKeyLength, _last) = (length, series);
            return series;
        }
        if (_series.Count >= MaxSeries)
        {
            // Host and peer are the clients' choice.
            host = host.IsEmpty ? host : OtherHost;
            peer = null;
            length = WriteKey(key, info, isInbound, options, peer, host);
            if (_lookup.TryGetValue(key[..length], out series)) return series;
        }
        series = new IstioSeriesSet(_registry, info.Protocol == StreamProtocol.None, _labels.Of(info, isInbound, Encoding.UTF8.GetString(host), peer), options);
        _series[key[..length].ToArray()] = series;
        return series;
    }

    private static int WriteKey(Span<byte> key, StreamInfo info, bool isInbound, IstioStatsOptions options, PeerWorkload? peer, ReadOnlySpan<byte> host)
    {
        // A cluster's statistics keep their place for the life of the process, so their slot names the cluster.
        var cluster = info.Cluster is ClusterSnapshot snapshot ? snapshot.Config.Stats.FirstSlot : -1;
        BinaryPrimitives.WriteInt32LittleEndian(key, cluster);
        BinaryPrimitives.WriteInt32LittleEndian(key[4..], options.Id);
        BinaryPrimitives.WriteInt32LittleEndian(key[8..], peer?.Id ?? 0);
        BinaryPrimitives.WriteInt16LittleEndian(key[12..], (short)info.ResponseCode);
        key[14] = GrpcStatus.TryGet(info, out var status) ? (byte)Math.Clamp(status, 0, byte.MaxValue - 1) : byte.MaxValue;
        key[15] = (byte)info.Protocol;
        key[16] = (byte)((isInbound ? 1 : 0) | (IstioLabels.IsBlocked(info) ? 2 : 0) | (IstioLabels.IsAllowedUnknown(info) ? 4 : 0));
        var at = 17;
        for (var i = 0; i < info.Flags.Count; i++) key[at++] = (byte)info.Flags[i];
        key[at++] = byte.MaxValue;
        host.CopyTo(key[at..]);
        return at + host.Length;
    }
}
