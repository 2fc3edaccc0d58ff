using Fairlead.Proxy.Http1;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;

namespace Fairlead.Proxy.Listeners;

/// <summary>The response half and the end of a downstream connection.</summary>
internal sealed partial class Http1ServerConnection
{
    /// <summary>More response bytes wait for the client than should.</summary>
    public override bool IsAboveWatermark => _output.Length > _watermark;

    /// <summary>What the upstream's side has kept comes before what this side's configuration says, as in Envoy.</summary>
    private HeaderSpelling? Spelling => _stream!.ResponseSpelling ?? (Config.HeaderCase is { IsPreserved: false, IsProper: true } ? HeaderSpelling.Proper : null);

    public override void CloseAfterResponse() => _closeAfterResponse = true;

    /// <summary>A 1xx that is not the answer: head only.</summary>
    public override void SendInformational(HeaderBlock headers)
    {
        var before = _output.Length;
        HeadWriter.Response(_output, headers, default, chunked: false, Spelling);
        CountWritten(before);
        Flush();
    }

    public override void SendContinue()
    {
        var before = _output.Length;
        _output.Write("HTTP/1.1 100 Continue\r\n\r\n"u8);
        CountWritten(before);
        Flush();
    }

    /// <param name="headers">With a status; no hop-by-hop fields.</param>
    /// <param name="end">No body follows.</param>
    /// <param name="upgrade">Answers an upgrade with success: raw bytes follow.</param>
    public override void SendHead(HeaderBlock headers, bool end, bool upgrade)
    {
        var status = _stream!.Info.ResponseCode;
        var isHead = _stream.IsHeadRequest;
        var bodyless = isHead || status == 204 || status == 304;
        _chunkedResponse = false;
        if (!end && !upgrade && !headers.Contains("content-length"u8))
        {
            if (_parser.MinorVersion == 1) _chunkedResponse = true;
            else _closeAfterResponse = true;
        }
        if (end && !upgrade && !bodyless && !headers.Contains("content-length"u8)) headers.Add("content-length"u8, "0"u8);
        if (_phase is Phase.Body && end) _closeAfterResponse = true;
        var connection = upgrade ? "upgrade"u8
            : _closeAfterResponse ? "close"u8
            : _parser.MinorVersion == 0 ? "keep-alive"u8
            : default;
        var before = _output.Length;
        HeadWriter.Response(_output, headers, connection, _chunkedResponse, Spelling);
        _stream.Info.ResponseHeaderBytes = _output.Length - before;
        CountWritten(before);
    }

    /// <summary>The upgrade was answered with 101: what the client sends from here on belongs to the new protocol.</summary>
    public override void BeginTunnel()
    {
        _phase = Phase.Tunnel;
        _body.Begin(BodyKind.Upgraded, 0);
        if (_processing) return;
        Process();
        ReadAndProcess();
    }

    public override void SendData(ReadOnlySpan<byte> data)
    {
        var before = _output.Length;
        if (_chunkedResponse) HeadWriter.Chunk(_output, data);
        else _output.Write(data);
        CountWritten(before);
    }

    public override void SendEnd(HeaderBlock? trailers)
    {
        if (!_chunkedResponse) return;
        var before = _output.Length;
        HeadWriter.LastChunk(_output, Config.EnableTrailers ? trailers : null, Spelling);
        CountWritten(before);
    }

    /// <summary>The response is complete; the stream is about to leave.</summary>
    public override void OnStreamFinished()
    {
        _stream = null;
        if (!_channel.IsOpen) return;
        if (_phase == Phase.Tunnel || _phase is Phase.Head or Phase.Body || _closeAfterResponse)
        {
            // A request that was not read to its end cannot be told from the next one: the connection ends with the answer.
            BeginLingering();
            return;
        }
        _phase = Phase.Idle;
        Flush();
        if (!_channel.IsOpen) return;
        StartIdleTimer();
        if (_processing || _input.IsEmpty && !_channel.MayRead) return;
        Process();
        if (!_reading) ReadAndProcess();
    }

    /// <summary>The response cannot be completed: cut the connection so that the client notices.</summary>
    public override void Abort()
    {
        _stream = null;
        CloseNow(reset: false);
    }

    /// <summary>The process ends: whatever is in progress ends with it.</summary>
    public void Terminate() => CloseNow(reset: false);

    /// <summary>Sends what was written, or has it sent together with what other connections have to send.</summary>
    public override void Flush()
    {
        if (!_worker.Loop.SendsGather || _output.Length > BufferPool.BlockBytes)
        {
            SendNow();
            return;
        }
        if (_sendsLater) return;
        _sendsLater = true;
        _worker.Loop.SendLater(this);
    }

    public override void OnSendTurn()
    {
        _sendsLater = false;
        SendNow();
    }

    private void CountWritten(long before) => _stream!.Info.DownstreamWireBytesSent += _output.Length - before;

    private void SendNow()
    {
        if (!_channel.IsOpen) return;
        var before = _output.Length;
        if (before > 0)
        {
            var error = _output.Flush(_channel);
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxTxBytesTotal, before - _output.Length);
            if (error < 0)
            {
                OnPeerGone(reset: true);
                return;
            }
        }
        ShowBuffered();
        if (_phase == Phase.Lingering && _output.IsEmpty)
        {
            _channel.ShutdownSend();
            return;
        }
        if (_output.Length > _watermark)
        {
            _aboveWatermark = true;
        }
        else if (_aboveWatermark && _output.Length <= _watermark / 2)
        {
            _aboveWatermark = false;
            _stream?.Router.ResumeUpstream();
        }
    }

    /// <summary>Bytes that wait in either direction, in the gauges; mostly none do and none did.</summary>
    private void ShowBuffered()
    {
        if (_input.Length != _shownInput)
        {
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxRxBytesBuffered, _input.Length - _shownInput);
            _shownInput = _input.Length;
        }
        if (_output.Length == _shownOutput) return;
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxTxBytesBuffered, _output.Length - _shownOutput);
        _shownOutput = _output.Length;
    }

    private void BeginLingering()
    {
        _phase = Phase.Lingering;
        _worker.Loop.Stop(_idleTimer);
        _worker.Loop.Start(_lingerTimer ??= new LoopTimer(OnLingerTimeout), Config.DelayedCloseTimeout);
        _paused = false;
        Discard();
        Flush();
        if (_channel.IsOpen && !_reading) ReadAndProcess();
    }

    /// <summary>The timer runs on through requests, and looks when it fires: nothing has to be moved for each of them.</summary>
    private void StartIdleTimer()
    {
        _idleSince = _worker.Loop.Timestamp;
        if (Config.IdleTimeout > TimeSpan.Zero && !_idleTimer.IsRunning) _worker.Loop.Start(_idleTimer, Config.IdleTimeout);
    }

    private void OnIdleTimeout()
    {
        var left = _phase == Phase.Idle ? Config.IdleTimeout - _worker.Loop.Since(_idleSince) : Config.IdleTimeout;
        if (left > TimeSpan.Zero)
        {
            _worker.Loop.Start(_idleTimer, left);
            return;
        }
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxIdleTimeout);
        CloseNow(reset: false);
    }

    private void OnHeadersTimeout()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamRqHeaderTimeout);
        _closeAfterResponse = true;
        _stream?.OnRequestHeaderTimeout();
    }

    private void OnMaxDuration()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxMaxDurationReached);
        Drain();
    }

    private void OnLingerTimeout()
    {
        _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxDelayedCloseTimeout);
        CloseNow(reset: !_output.IsEmpty);
    }

    private void CloseNow(bool reset)
    {
        if (!_channel.IsOpen) return;
        if (_sendsLater)
        {
            // What was to be sent later leaves now; whether it still can is no matter for a connection that ends.
            var before = _output.Length;
            _ = _output.Flush(_channel);
            _worker.Stats.Add(Config.Stats, HttpManagerStats.DownstreamCxTxBytesTotal, before - _output.Length);
        }
        var remote = _disconnected || _phase == Phase.Lingering;
        var stats = Config.Stats;
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxDestroy);
        _worker.Stats.Add(stats, remote ? HttpManagerStats.DownstreamCxDestroyRemote : HttpManagerStats.DownstreamCxDestroyLocal);
        if (_stream is not null)
        {
            _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxDestroyActiveRq);
            _worker.Stats.Add(stats, remote ? HttpManagerStats.DownstreamCxDestroyRemoteActiveRq : HttpManagerStats.DownstreamCxDestroyLocalActiveRq);
        }
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxActive, -1);
        _worker.Stats.Add(stats, HttpManagerStats.DownstreamCxHttp1Active, -1);
        _worker.Loop.Stop(_idleTimer);
        if (_headersTimer is not null) _worker.Loop.Stop(_headersTimer);
        if (_ageTimer is not null) _worker.Loop.Stop(_ageTimer);
        if (_lingerTimer is not null) _worker.Loop.Stop(_lingerTimer);
        _channel.Close(reset);
        _input.Clear();
        _output.Clear();
        ShowBuffered();
        _closed(this);
        _stream?.OnDownstreamGone(reset ? CloseType.LocalReset : CloseType.Normal);
        _stream = null;
    }
}
