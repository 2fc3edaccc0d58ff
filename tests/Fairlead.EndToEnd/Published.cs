using System.Diagnostics;

namespace Fairlead.EndToEnd;

/// <summary>The published executables in out/, as users run them; <c>./fairlead build</c> makes them.</summary>
internal static class Published
{
    public static string Root { get; } = FindRoot();

    public static string Fairlead => Existing("fairlead");

    public static string Proxy => Existing("fairlead-proxy");

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Exit, string Output, string Error)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Root };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    private static string Existing(string name)
    {
        var path = Path.Combine(Root, "out", name);
        return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: run ./fairlead build first");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Fairlead.slnx")))
        {
            folder = folder.Parent;
        }
        return folder?.FullName ?? throw new InvalidOperationException($"no Fairlead.slnx above {AppContext.BaseDirectory}");
    }
}
