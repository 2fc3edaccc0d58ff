using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Filters;

/// <summary>The downstream connection as a stream sees it: takes the response, whatever the codec.</summary>
internal abstract class ServerConnection(ConnectionInfo connection, HttpConnectionManagerConfig config) : ChannelOwner
{
    public ConnectionInfo Connection { get; } = connection;

    public HttpConnectionManagerConfig Config { get; } = config;

    /// <summary>More response bytes wait for the client than should.</summary>
    public abstract bool IsAboveWatermark { get; }

    /// <summary>The connection ends with the response at hand.</summary>
    public abstract void CloseAfterResponse();

    /// <summary>The stream's reader cannot take more request body for now.</summary>
    public abstract void PauseReading();

    public abstract void ResumeReading();

    public abstract void SendContinue();

    /// <summary>A 1xx that is not the answer: head only.</summary>
    public abstract void SendInformational(HeaderBlock headers);

    /// <param name="headers">With a status; no hop-by-hop fields.</param>
    /// <param name="end">No body follows.</param>
    /// <param name="upgrade">Answers an upgrade with success: raw bytes follow.</param>
    public abstract void SendHead(HeaderBlock headers, bool end, bool upgrade);

    /// <summary>The upgrade was answered with 101: what the client sends from here on belongs to the new protocol.</summary>
    public abstract void BeginTunnel();

    public abstract void SendData(ReadOnlySpan<byte> data);

    public abstract void SendEnd(HeaderBlock? trailers);

    public abstract void Flush();

    /// <summary>The response is complete; the stream is about to leave.</summary>
    public abstract void OnStreamFinished();

    /// <summary>The response cannot be completed: cut the connection so that the client notices.</summary>
    public abstract void Abort();
}
