namespace Fairlead.Proxy.Bootstrap;

/// <summary>The process's own log, on standard error in Envoy's form: <c>[time][level][topic] message</c>. Thread-safe.</summary>
/// <remarks>
/// Most starts write a line or two, so it costs little: .NET's formatting of dates and enums and its console take 5 ms when they are first used.
/// </remarks>
internal sealed class ProcessLog(Lazy<TextWriter> output, TimeProvider time, LogLevel level)
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
        var line = $"[{Text(time.GetUtcNow())}][{Name(level)}][{topic}] {OneLine(message)}";
        lock (_gate) output.Value.WriteLine(line);
    }

    public void Debug(string topic, string message) => Write(LogLevel.Debug, topic, message);

    public void Info(string topic, string message) => Write(LogLevel.Info, topic, message);

    public void Warning(string topic, string message) => Write(LogLevel.Warning, topic, message);

    public void Error(string topic, string message) => Write(LogLevel.Error, topic, message);

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Info => "info",
        LogLevel.Warning => "warning",
        LogLevel.Error => "error",
        _ => "critical",
    };

    /// <summary>"2024-06-26 03:30:14.684".</summary>
    private static string Text(DateTimeOffset time) => string.Create(23, time, static (text, time) =>
    {
        Digits(text[..4], time.Year);
        text[4] = '-';
        Digits(text[5..7], time.Month);
        text[7] = '-';
        Digits(text[8..10], time.Day);
        text[10] = ' ';
        Digits(text[11..13], time.Hour);
        text[13] = ':';
        Digits(text[14..16], time.Minute);
        text[16] = ':';
        Digits(text[17..19], time.Second);
        text[19] = '.';
        Digits(text[20..], time.Millisecond);
    });

    private static void Digits(Span<char> text, int number)
    {
        for (var i = text.Length - 1; i >= 0; i--, number /= 10) text[i] = (char)('0' + number % 10);
    }

    private static string OneLine(string message)
    {
        foreach (var character in message)
        {
            if (character is < ' ' or > '~') return message.ReplaceLineEndings(" ");
        }
        return message;
    }
}
