using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>The access log files of one worker: formats lines straight into their buffers.</summary>
/// <param name="shard">The worker's own counters.</param>
/// <param name="stats">The server's, of which it counts the <c>access_log_file</c> ones.</param>
/// <param name="report">Told when a file can no longer be written, and when it can again.</param>
internal sealed class AccessLogSet(StatShard shard, ServerStats stats, Action<string> report)
{
    private const int MaxKnownConfigs = 256; // old configurations are forgotten together; their files stay open by path

    private readonly Dictionary<string, LogFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<AccessLogConfig, LogFile> _byConfig = new(ReferenceEqualityComparer.Instance);
    private AccessLogConfig? _lastConfig; // most workers write one log
    private LogFile? _lastFile;

    public void Write(IReadOnlyList<AccessLogConfig> logs, StreamInfo info, RandomSource random)
    {
        for (var i = 0; i < logs.Count; i++)
        {
            var log = logs[i];
            if (log.Filter is not null && !log.Filter.Passes(info, random.Next())) continue;
            WriteLine(log, info);
        }
    }

    /// <summary>Called before the loop sleeps.</summary>
    public void Flush()
    {
        foreach (var (path, file) in _files)
        {
            Flush(file);
            if (file.LastError != 0 != file.IsReported) Report(path, file);
        }
    }

    public void Reopen()
    {
        foreach (var file in _files.Values) file.Reopen();
    }

    public void Close()
    {
        foreach (var file in _files.Values) file.Close();
        _files.Clear();
        _byConfig.Clear();
        _lastConfig = null;
    }

    private void Flush(LogFile file)
    {
        var (completed, failed, dropped) = (file.CompletedWrites, file.FailedWrites, file.DroppedLines);
        file.Flush();
        shard.Add(stats, ServerStats.AccessLogFileWriteCompleted, file.CompletedWrites - completed);
        shard.Add(stats, ServerStats.AccessLogFileWriteFailed, file.FailedWrites - failed);
        shard.Add(stats, ServerStats.AccessLogFileLinesDropped, file.DroppedLines - dropped);
    }

    private void Report(string path, LogFile file)
    {
        file.IsReported = !file.IsReported;
        report(file.IsReported
            ? $"{new SystemCallException($"access log {path}", file.LastError).Message}: its lines are given up until it can be written again; requests go on"
            : $"access log {path} is written again; {file.DroppedLines} lines were lost");
    }

    private void WriteLine(AccessLogConfig log, StreamInfo info)
    {
        var file = ReferenceEquals(log, _lastConfig) ? _lastFile! : Find(log);
        if (!log.Format.TryFormat(info, file.Room, out var written))
        {
            Flush(file);
            if (!log.Format.TryFormat(info, file.Room, out written))
            {
                file.CountDropped();
                shard.Add(stats, ServerStats.AccessLogFileLinesDropped);
                return;
            }
        }
        file.Advance(written);
    }

    private LogFile Find(AccessLogConfig log)
    {
        if (!_byConfig.TryGetValue(log, out var file)) file = Open(log);
        (_lastConfig, _lastFile) = (log, file);
        return file;
    }

    private LogFile Open(AccessLogConfig log)
    {
        if (!_files.TryGetValue(log.Path, out var file))
        {
            file = new LogFile(log.Path);
            _files.Add(log.Path, file);
        }
        if (_byConfig.Count >= MaxKnownConfigs) _byConfig.Clear();
        _byConfig.Add(log, file);
        return file;
    }
}
