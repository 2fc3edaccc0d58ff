using System.Diagnostics;

namespace Fairlead.Node.Machine;

/// <summary>Runs the programs of the machine that the node is built on (ip, nft, runc, conmon).</summary>
internal static class Tool
{
    /// <summary>What is kept of a program's words in an error, in characters.</summary>
    private const int MessageLimit = 2000;

    /// <summary>Runs to the end; throws <see cref="ToolException"/> unless the exit code is 0. Answers what it printed.</summary>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, string input = "", CancellationToken cancel = default)
    {
        var (code, output, errors) = await TryRunAsync(program, arguments, input, cancel).ConfigureAwait(false);
        if (code == 0)
            return output;
        var said = (errors.Length > 0 ? errors : output).Trim();
        throw new ToolException($"{program} {string.Join(' ', arguments)}: exit code {code}: {(said.Length > MessageLimit ? said[..MessageLimit] : said)}");
    }

    public static async Task<(int Code, string Output, string Errors)> TryRunAsync(
        string program, IReadOnlyList<string> arguments, string input = "", CancellationToken cancel = default)
    {
        using var process = Start(program, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(cancel);
            var errors = process.StandardError.ReadToEndAsync(cancel);
            if (input.Length > 0)
                await process.StandardInput.WriteAsync(input.AsMemory(), cancel).ConfigureAwait(false);
            process.StandardInput.Close();
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            return (process.ExitCode, await output.ConfigureAwait(false), await errors.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    /// <summary>Starts with all three streams as pipes.</summary>
    public static Process Start(string program, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        try
        {
            return Process.Start(start) ?? throw new ToolException($"{program} did not start");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new ToolException($"{program}: {missing.Message}; install it (Debian: apt-get install iproute2 nftables runc conmon)");
        }
    }
}
