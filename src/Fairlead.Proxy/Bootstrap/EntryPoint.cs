using System.Reflection;

namespace Fairlead.Proxy.Bootstrap;

/// <summary>The process's entry: flags to verbs. Exit codes: 0 done, 1 failed, 2 wrong arguments.</summary>
public static class EntryPoint
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--version"])
        {
            var version = typeof(EntryPoint).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
            await Console.Out.WriteLineAsync($"fairlead-proxy {version}");
            return 0;
        }
        await Console.Error.WriteLineAsync("fairlead-proxy: usage: fairlead-proxy --version");
        return 2;
    }
}
