using System.Diagnostics;

namespace Fairlead.App.Walkthrough;

/// <summary>
/// A place of its own for a whole mesh: network, mount and process namespaces, so that the walkthrough neither sees nor disturbs
/// what else runs on the machine, and leaves nothing behind, however it ends.
/// </summary>
internal static class Sandbox
{
    // bash is process 1 in there: it reaps what conmon and runc leave. Named namespaces and runtime state get their own place, so
    // that two sandboxes beside each other do not meet.
    private const string Prologue = """
        for folder in /run/netns /run/runc /run/crun; do mkdir -p "$folder" && mount -t tmpfs tmpfs "$folder" || exit 1; done
        ip link set lo up || exit 1
        "$@"
        exit $?
        """;

    /// <summary>Runs this executable again inside, with the given arguments, and answers with its exit code.</summary>
    /// <param name="arguments">Arguments of the inner run.</param>
    /// <param name="hasOwnNetwork">Whether the network is its own (false: the machine's, to call real sites).</param>
    public static async Task<int> RunSelfAsync(IReadOnlyList<string> arguments, bool hasOwnNetwork)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        var command = Command([self, .. arguments], hasOwnNetwork);
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1))) ?? throw new IOException("unshare did not start");
        // Ctrl-C reaches the inner run too; it cleans up and ends, and this process with it.
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    /// <summary>The command line that runs <paramref name="inner"/> inside; whatever it leaves running ends with it.</summary>
    public static IReadOnlyList<string> Command(IReadOnlyList<string> inner, bool hasOwnNetwork) =>
    [
        "unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
        .. hasOwnNetwork ? ["--net"] : Array.Empty<string>(),
        "bash", "-c", Prologue, "fairlead", .. inner,
    ];

    /// <summary>A bash whose names are resolved by <paramref name="resolver"/> (an address), without touching the machine's own settings.</summary>
    public static IReadOnlyList<string> ShellCommand(string resolver, string scratchFolder)
    {
        var settings = Path.Combine(scratchFolder, "resolv.conf");
        File.WriteAllText(settings, $"nameserver {resolver}\n");
        return ["unshare", "--mount", "--propagation", "private", "bash", "-c", "mount --bind \"$1\" /etc/resolv.conf && exec bash --norc --noprofile -s", "bash", settings];
    }
}
