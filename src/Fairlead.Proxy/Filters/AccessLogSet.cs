using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy.Filters;

/// <summary>The access log files of one worker: formats lines straight into their buffers.</summary>
internal sealed class AccessLogSet
{
    private const int MaxKnownConfigs = 256; // old configurations are forgotten together; their files stay open by path

    private readonly Dictionary<string, LogFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<AccessLogConfig, LogFile> _byConfig = new(ReferenceEqualityComparer.Instance);

    /// <summary>Lines lost over all files.</summary>
    public long DroppedLines => _files.Values.Sum(file => file.DroppedLines);

    public long CompletedWrites => _files.Values.Sum(file => file.CompletedWrites);

    public long FailedWrites => _files.Values.Sum(file => file.FailedWrites);

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
        foreach (var file in _files.Values) file.Flush();
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
    }

    private void WriteLine(AccessLogConfig log, StreamInfo info)
    {
        if (!_byConfig.TryGetValue(log, out var file)) file = Open(log);
        if (!log.Format.TryFormat(info, file.Room, out var written))
        {
            file.Flush();
            if (!log.Format.TryFormat(info, file.Room, out written))
            {
                file.CountDropped();
                return;
            }
        }
        file.Advance(written);
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
