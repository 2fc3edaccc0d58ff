using System.Globalization;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>
/// The command line. Two forms: <c>fairlead-proxy -c FILE ...</c>, and <c>fairlead-proxy [proxy] sidecar ...</c> with the flags that
/// Istio's injection template gives its agent. All faults are collected.
/// </summary>
internal sealed class ProxyFlags
{
    /// <summary>Istio's drainDuration.</summary>
    public static readonly TimeSpan DefaultDrainTime = TimeSpan.FromSeconds(45);

    /// <summary>Event loops; more than this many cores on one sidecar is a typing error.</summary>
    public const int MaxConcurrency = 1024;

    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Flags that are accepted and have no effect here.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public bool IsSidecar { get; private set; }

    public bool ShowVersion { get; private set; }

    public bool ShowHelp { get; private set; }

    public string? ConfigPath { get; private set; }

    /// <summary>A bootstrap as text; merged over nothing, so it replaces <see cref="ConfigPath"/>.</summary>
    public string? ConfigYaml { get; private set; }

    public bool ValidateOnly { get; private set; }

    /// <summary>Null = as many as the process may use.</summary>
    public int? Concurrency { get; private set; }

    public LogLevel LogLevel { get; private set; } = LogLevel.Info;

    public TimeSpan DrainTime { get; private set; } = DefaultDrainTime;

    /// <summary>DNS domain of the node id; null = from the namespace.</summary>
    public string? Domain { get; private set; }

    public static ProxyFlags Parse(IReadOnlyList<string> arguments)
    {
        var flags = new ProxyFlags();
        var queue = new Queue<string>(arguments);
        if (queue.TryPeek(out var first) && first == "proxy") queue.Dequeue();
        if (queue.TryPeek(out var verb) && verb == "sidecar")
        {
            queue.Dequeue();
            flags.IsSidecar = true;
        }
        while (queue.TryDequeue(out var argument)) flags.Take(argument, queue);
        if (!flags.IsSidecar && !flags.ShowVersion && !flags.ShowHelp && flags.ConfigPath is null && flags.ConfigYaml is null)
        {
            flags._errors.Add("no configuration: give -c FILE, or the verb sidecar");
        }
        return flags;
    }

    private void Take(string argument, Queue<string> rest)
    {
        var equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=') : -1;
        var name = equals < 0 ? argument : argument[..equals];
        string? inline = equals < 0 ? null : argument[(equals + 1)..];
        switch (name)
        {
            case "--version": ShowVersion = true; return;
            case "-h" or "--help": ShowHelp = true; return;
            case "-c" or "--config-path": ConfigPath = Value(name, inline, rest); return;
            case "--config-yaml": ConfigYaml = Value(name, inline, rest); return;
            case "--mode": Mode(Value(name, inline, rest)); return;
            case "--concurrency": Concurrency = Integer(name, Value(name, inline, rest), 0, MaxConcurrency); return;
            case "-l" or "--log-level" or "--proxyLogLevel": Level(Value(name, inline, rest)); return;
            case "--drain-time-s": DrainTime = TimeSpan.FromSeconds(Integer(name, Value(name, inline, rest), 0, 86400) ?? 0); return;
            case "--domain": Domain = Value(name, inline, rest); return;
            case "--proxyComponentLogLevel" or "--log_output_level" or "--component-log-level" or "--service-cluster" or "--service-node"
                or "--parent-shutdown-time-s" or "--local-address-ip-version" or "--file-flush-interval-msec" or "--base-id":
                _warnings.Add($"{name} {Value(name, inline, rest)} has no effect");
                return;
            case "--disable-hot-restart" or "--allow-unknown-static-fields":
                return; // both describe how this proxy always works
            default:
                _errors.Add($"unknown flag '{argument}'");
                return;
        }
    }

    private string? Value(string name, string? inline, Queue<string> rest)
    {
        if (inline is not null) return inline;
        if (rest.TryDequeue(out var value)) return value;
        _errors.Add($"{name} needs a value");
        return null;
    }

    private int? Integer(string name, string? text, int low, int high)
    {
        if (text is null) return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high) return value;
        _errors.Add($"{name} '{text}' is not an integer from {low} to {high}");
        return null;
    }

    private void Mode(string? text)
    {
        if (text is "validate") ValidateOnly = true;
        else if (text is not (null or "serve")) _errors.Add($"--mode '{text}' is not serve or validate");
    }

    private void Level(string? text)
    {
        if (text is null) return;
        var name = text is "warn" ? "warning" : text;
        if (Enum.TryParse<LogLevel>(name, ignoreCase: true, out var level) && !int.TryParse(text, out _)) LogLevel = level;
        else _errors.Add($"--log-level '{text}' is not trace, debug, info, warning, error, critical or off");
    }
}
