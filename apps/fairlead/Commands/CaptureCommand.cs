using System.CommandLine;
using System.Diagnostics;
using Fairlead.Capture;

namespace Fairlead.App.Commands;

/// <summary><c>fairlead capture</c>: applies istio-init's decisions as nftables rules in the network namespace where it runs.</summary>
internal static class CaptureCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Print the ruleset and change nothing" };
        var command = new Command("capture", "Redirect this network namespace's TCP traffic to the sidecar; takes istio-iptables' flags (-p -z -u -g -m -b -d -i -x -q -o -c -k --redirect-dns)")
        {
            dryRun,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancel) =>
        {
            var reading = CaptureArguments.Read(parsed.UnmatchedTokens);
            foreach (var fault in reading.Faults)
                await Console.Error.WriteLineAsync($"fairlead capture: {fault}");
            if (reading.Faults.Count > 0)
                return 2;
            var script = CaptureRuleset.Render(reading.Options);
            if (parsed.GetValue(dryRun))
            {
                Console.Write(script);
                return 0;
            }
            return await ApplyAsync(script, cancel);
        });
        return command;
    }

    private static async Task<int> ApplyAsync(string script, CancellationToken cancel)
    {
        using var nft = Process.Start(new ProcessStartInfo("nft", ["-f", "-"]) { RedirectStandardInput = true })
            ?? throw new InvalidOperationException("nft did not start");
        await nft.StandardInput.WriteAsync(script.AsMemory(), cancel);
        nft.StandardInput.Close();
        await nft.WaitForExitAsync(cancel);
        return nft.ExitCode;
    }
}
