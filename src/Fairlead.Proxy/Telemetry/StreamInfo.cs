using System.Runtime.InteropServices;
using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Telemetry;

/// <summary>
/// What happened to one request (HTTP) or one connection (TCP proxy): filled by the data path, read once by access log,
/// stats and formatters. One mutable object per stream, reused; owned by one loop. Times are <see cref="TimeProvider"/>
/// timestamps (<see cref="TimeProvider.TimestampFrequency"/> per second), 0 = did not happen. Texts are UTF-8; null = unset.
/// </summary>
internal sealed class StreamInfo
{
    // Clock
    public DateTimeOffset StartTime;
    public long StartTimestamp;
    public long RequestCompleteTimestamp; // last byte of the request received (DS_RX_END)
    public long UpstreamConnectBeginTimestamp;
    public long UpstreamConnectEndTimestamp;
    public long FirstUpstreamTxTimestamp;
    public long LastUpstreamTxTimestamp;
    public long FirstUpstreamRxTimestamp; // response head (RESPONSE_DURATION)
    public long LastUpstreamRxTimestamp;
    public long FirstUpstreamBodyTimestamp; // of the body (US_RX_BODY_BEG)
    public long FirstDownstreamTxTimestamp;
    public long LastDownstreamTxTimestamp;
    public long EndTimestamp; // set last: DURATION = EndTimestamp - StartTimestamp

    // Message
    public StreamProtocol Protocol; // None on TCP
    public StreamProtocol UpstreamProtocol;
    public HeaderBlock? RequestHeaders; // null on TCP and where no request could be parsed
    public HeaderBlock? ResponseHeaders; // as sent downstream
    public HeaderBlock? ResponseTrailers;
    public int ResponseCode; // 0 = none was sent
    public ResponseFlags Flags;
    public byte[]? ResponseCodeDetails; // "via_upstream"
    public byte[]? ConnectionTerminationDetails;
    public byte[]? UpstreamTransportFailureReason; // "delayed connect error: 111"
    public byte[]? LocalReplyBody;

    // Bytes. Received and sent count bodies only on HTTP, the payload on TCP; the wire counts have everything.
    public long BytesReceived;
    public long BytesSent;
    public long RequestHeaderBytes;
    public long ResponseHeaderBytes;
    public long UpstreamWireBytesSent;
    public long UpstreamWireBytesReceived;
    public long UpstreamHeaderBytesSent;
    public long UpstreamHeaderBytesReceived;
    public long DownstreamWireBytesSent;
    public long DownstreamWireBytesReceived;

    // Upstream
    public IpEndpoint UpstreamHost; // address of the chosen endpoint
    public IConfigured? UpstreamEndpoint; // its name is the configured one of a DNS cluster's endpoint; null for hosts made on the fly
    public IpEndpoint UpstreamLocalAddress;
    public byte[]? UpstreamClusterName; // UPSTREAM_CLUSTER_RAW
    public byte[]? UpstreamClusterAltStatName; // UPSTREAM_CLUSTER
    public long UpstreamConnectionId;
    public int AttemptCount; // 1 = first try
    public byte[]? RouteName;
    public byte[]? VirtualHostName;

    // Downstream
    public IpEndpoint DownstreamLocalAddress; // restored original destination where there is one
    public IpEndpoint DownstreamDirectLocalAddress;
    public IpEndpoint DownstreamRemoteAddress;
    public IpEndpoint DownstreamDirectRemoteAddress;
    public long ConnectionId;
    public byte[]? RequestedServerName; // SNI, lower case
    public CloseType DownstreamClose;
    public CloseType UpstreamClose; // of the last attempt
    public byte[]? DownstreamLocalCloseReason; // null where the other side closed, or the session just ended
    public byte[]? UpstreamLocalCloseReason;
    public IConfigured? Connection; // its filter chain; its parent is the listener

    /// <summary>The compiled cluster (a ClusterSnapshot); null when none was chosen.</summary>
    public IConfigured? Cluster;

    /// <summary>The compiled route; its parent is the virtual host. Null when none was chosen.</summary>
    public IConfigured? Route;

    /// <summary>The workload at the other end, where it told us; null = it did not.</summary>
    public PeerWorkload? Peer;

    /// <summary>Why the line is written now (ACCESS_LOG_TYPE); null = at the end.</summary>
    public byte[]? LogType;

    // Of a connection whose bytes are reported while it lasts: what was reported already.
    public bool IsReported;
    public long ReportedReceived;
    public long ReportedSent;

    private List<StreamAttempt>? _earlierAttempts;

    /// <summary>Hosts that were tried before <see cref="UpstreamHost"/>, in order.</summary>
    public ReadOnlySpan<StreamAttempt> EarlierAttempts => CollectionsMarshal.AsSpan(_earlierAttempts);

    /// <summary>Another host is about to be tried.</summary>
    public void KeepAttempt() => (_earlierAttempts ??= []).Add(new StreamAttempt(UpstreamHost, UpstreamEndpoint, UpstreamConnectionId));

    /// <summary>What is counted upstream is the last attempt's.</summary>
    public void BeginAttempt()
    {
        UpstreamWireBytesSent = UpstreamWireBytesReceived = UpstreamHeaderBytesSent = UpstreamHeaderBytesReceived = 0;
        UpstreamClose = CloseType.Normal;
    }

    public void Reset()
    {
        StartTime = default;
        StartTimestamp = RequestCompleteTimestamp = UpstreamConnectBeginTimestamp = UpstreamConnectEndTimestamp = 0;
        FirstUpstreamTxTimestamp = LastUpstreamTxTimestamp = FirstUpstreamRxTimestamp = LastUpstreamRxTimestamp = 0;
        FirstUpstreamBodyTimestamp = FirstDownstreamTxTimestamp = LastDownstreamTxTimestamp = EndTimestamp = 0;
        Protocol = UpstreamProtocol = StreamProtocol.None;
        RequestHeaders = ResponseHeaders = ResponseTrailers = null;
        ResponseCode = 0;
        Flags.Clear();
        ResponseCodeDetails = ConnectionTerminationDetails = UpstreamTransportFailureReason = LocalReplyBody = null;
        BytesReceived = BytesSent = RequestHeaderBytes = ResponseHeaderBytes = 0;
        BeginAttempt();
        DownstreamWireBytesSent = DownstreamWireBytesReceived = 0;
        UpstreamHost = UpstreamLocalAddress = default;
        UpstreamEndpoint = null;
        _earlierAttempts?.Clear();
        UpstreamClusterName = UpstreamClusterAltStatName = null;
        UpstreamConnectionId = 0;
        AttemptCount = 0;
        RouteName = VirtualHostName = null;
        DownstreamLocalAddress = DownstreamDirectLocalAddress = DownstreamRemoteAddress = DownstreamDirectRemoteAddress = default;
        ConnectionId = 0;
        RequestedServerName = LogType = null;
        IsReported = false;
        ReportedReceived = ReportedSent = 0;
        DownstreamClose = CloseType.Normal;
        DownstreamLocalCloseReason = UpstreamLocalCloseReason = null;
        Connection = Cluster = Route = null;
        Peer = null;
    }
}
