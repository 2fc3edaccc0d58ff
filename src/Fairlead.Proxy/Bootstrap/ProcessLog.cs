using System.Globalization;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>The process's own log, on standard error in Envoy's form: <c>[time][level][topic] message</c>. Thread-safe.</summary>
internal sealed class ProcessLog(TextWriter output, TimeProvider time, LogLevel level)
{
    private readonly Lock _gate = new();
    private volatile LogLevel _level = level;

    public LogLevel Level
    {
        get => _level;
        set => _level = value;
    }

    public bool IsEnabled(LogLevel level) => level >= _level && _level != LogLevel.Off;

    public void Write(LogLevel level, string topic, string message)
    {
        if (!IsEnabled(level)) return;
        var now = time.GetUtcNow().ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture);
        var line = $"[{now}][{level.ToString().ToLowerInvariant()}][{topic}] {message.ReplaceLineEndings(" ")}";
        lock (_gate) output.WriteLine(line);
    }

    public void Debug(string topic, string message) => Write(LogLevel.Debug, topic, message);

    public void Info(string topic, string message) => Write(LogLevel.Info, topic, message);

    public void Warning(string topic, string message) => Write(LogLevel.Warning, topic, message);

    public void Error(string topic, string message) => Write(LogLevel.Error, topic, message);
}
