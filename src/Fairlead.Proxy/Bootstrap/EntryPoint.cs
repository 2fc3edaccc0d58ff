using System.Collections;
using System.Reflection;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>The process's entry: flags and environment to a running proxy. Exit codes: 0 done, 1 failed, 2 wrong arguments.</summary>
public static class EntryPoint
{
    private const string Usage =
        """
        usage: fairlead-proxy -c FILE [--mode serve|validate] [--concurrency N] [--log-level LEVEL] [--drain-time-s SECONDS]
               fairlead-proxy sidecar [--domain DOMAIN] [--concurrency N] [--log-level LEVEL] [--drain-time-s SECONDS]
               fairlead-proxy --version
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        var flags = ProxyFlags.Parse(args);
        if (flags.ShowVersion)
        {
            var version = typeof(EntryPoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            await Console.Out.WriteLineAsync($"fairlead-proxy {version}");
            return 0;
        }
        if (flags.ShowHelp)
        {
            await Console.Out.WriteLineAsync(Usage);
            return 0;
        }
        if (flags.Errors.Count > 0)
        {
            foreach (var error in flags.Errors) await Console.Error.WriteLineAsync($"fairlead-proxy: {error}");
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        _ = Task.Run(MessageTypes.Load);
        var log = new ProcessLog(new Lazy<TextWriter>(static () => Console.Error), TimeProvider.System, flags.LogLevel);
        foreach (var warning in flags.Warnings) log.Debug("flags", warning);
        var errors = new List<string>();
        var settings = ProxySettings.Read(flags, Environment(), ReadFile, log, errors);
        if (settings is null)
        {
            foreach (var error in errors) log.Error("config", error);
            return 1;
        }
        using var process = new ProxyProcess(settings, log, TimeProvider.System);
        return await process.RunAsync();
    }

    private static Dictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables()) variables[(string)entry.Key] = (string?)entry.Value ?? string.Empty;
        return variables;
    }

    private static string? ReadFile(string path) => File.Exists(path) ? File.ReadAllText(path) : null;
}
