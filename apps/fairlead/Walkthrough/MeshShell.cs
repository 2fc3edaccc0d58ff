using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Fairlead.App.Walkthrough;

/// <summary>
/// One bash that runs all steps, as a person's terminal does: what a step exports, the next one sees. Standard error goes where
/// standard output goes, in the order of a terminal.
/// </summary>
internal sealed class MeshShell : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly Process _bash;
    private readonly string _folder;
    private int _steps;

    private MeshShell(Process bash, string folder, TimeProvider time)
    {
        _bash = bash;
        _folder = folder;
        _time = time;
    }

    /// <param name="command">Program and arguments that end in a bash that reads its standard input.</param>
    /// <param name="workingFolder">Where relative paths of the steps (samples/...) start.</param>
    /// <param name="environment">Variables to add.</param>
    /// <param name="scratchFolder">Where the steps' text is put.</param>
    /// <param name="time">The clock.</param>
    public static async Task<MeshShell> StartAsync(
        IReadOnlyList<string> command, string workingFolder, IReadOnlyDictionary<string, string> environment, string scratchFolder, TimeProvider time)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = workingFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            StandardOutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var bash = Process.Start(start) ?? throw new IOException($"{command[0]} did not start");
        await bash.StandardInput.WriteLineAsync("exec 2>&1; k() { kubectl \"$@\"; }");
        return new MeshShell(bash, scratchFolder, time);
    }

    /// <summary>Runs a block of commands; <paramref name="echo"/> gets the output as it comes.</summary>
    public async Task<StepResult> RunAsync(string commands, Action<string> echo, TimeSpan timeout, CancellationToken cancellation)
    {
        var file = Path.Combine(_folder, $"step-{++_steps}.sh");
        await File.WriteAllTextAsync(file, commands + "\n", cancellation);
        var mark = $"--fairlead-{Guid.NewGuid():N}";
        var started = _time.GetTimestamp();
        await _bash.StandardInput.WriteLineAsync($"source '{file}' </dev/null; printf '\\n{mark} %d\\n' $?");
        await _bash.StandardInput.FlushAsync(cancellation);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = _time.CreateTimer(_ => limit.Cancel(), null, timeout, Timeout.InfiniteTimeSpan);
        var output = new StringBuilder();
        var shown = 0;
        var buffer = new char[8192];
        while (true)
        {
            int count;
            try
            {
                count = await _bash.StandardOutput.ReadAsync(buffer, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                echo(output.ToString(shown, output.Length - shown));
                return new StepResult(124, output.ToString(), _time.GetElapsedTime(started));
            }
            if (count == 0)
            {
                throw new IOException("the shell of the walkthrough ended");
            }
            output.Append(buffer, 0, count);
            var text = output.ToString();
            var end = text.IndexOf("\n" + mark, StringComparison.Ordinal);
            if (end >= 0 && text.IndexOf('\n', end + 1) is var lineEnd and >= 0)
            {
                echo(text[Math.Min(shown, end)..end]);
                var code = int.Parse(text.AsSpan(end + mark.Length + 2, lineEnd - end - mark.Length - 2), CultureInfo.InvariantCulture);
                return new StepResult(code, text[..end], _time.GetElapsedTime(started));
            }
            // The last characters may be the beginning of the mark.
            var safe = Math.Max(shown, text.LastIndexOf('\n') is var last and >= 0 ? last : text.Length);
            echo(text[shown..safe]);
            shown = safe;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _bash.StandardInput.Close();
        using var limit = new CancellationTokenSource();
        await using var timer = _time.CreateTimer(_ => limit.Cancel(), null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        try
        {
            await _bash.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // A step that still runs after its time ends with its shell.
            _bash.Kill(entireProcessTree: true);
        }
        _bash.Dispose();
    }
}
