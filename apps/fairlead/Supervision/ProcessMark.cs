using System.Globalization;
using System.Runtime.InteropServices;

namespace Fairlead.App.Supervision;

/// <summary>
/// A process that was started, kept in a file: its number and the kernel's start time of it (field 22 of /proc/PID/stat), so that a
/// number that was given to another process since is never taken for ours.
/// </summary>
internal sealed partial record ProcessMark(int Pid, ulong StartTicks)
{
    private const int Sigterm = 15;
    private const int Sigkill = 9;

    public static ProcessMark? Of(int pid) => StartTicksOf(pid) is { } ticks ? new ProcessMark(pid, ticks) : null;

    /// <summary>The marked process if it still runs; null when the file is missing, unreadable as a mark, or of a process that ended.</summary>
    public static ProcessMark? ReadLive(string file)
    {
        if (!File.Exists(file))
            return null;
        var words = File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid)
            && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out var ticks)
            && StartTicksOf(pid) == ticks
            ? new ProcessMark(pid, ticks)
            : null;
    }

    public void Write(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var text = file + ".new";
        File.WriteAllText(text, string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTicks}\n"));
        File.Move(text, file, overwrite: true);
    }

    /// <summary>The program that the process runs; empty when it has ended. A program that was deleted or replaced since has " (deleted)" at its end.</summary>
    public string Program
    {
        get
        {
            try
            {
                return File.ResolveLinkTarget($"/proc/{Pid}/exe", returnFinalTarget: false)?.FullName ?? "";
            }
            catch (IOException)
            {
                // It ended a moment ago.
                return "";
            }
        }
    }

    public bool IsAlive => StartTicksOf(Pid) == StartTicks;

    /// <summary>SIGTERM, and SIGKILL when the process is still there after the grace; returns when it is gone.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        if (!IsAlive)
            return;
        Send(Sigterm);
        if (await WaitForEndAsync(grace, time))
            return;
        Send(Sigkill);
        // A killed process is gone as soon as the kernel gets to it; a minute would mean that it hangs in the kernel.
        if (!await WaitForEndAsync(TimeSpan.FromMinutes(1), time))
            throw new InvalidOperationException($"process {Pid} does not end, not even by SIGKILL: it hangs in the kernel");
    }

    private void Send(int signal)
    {
        if (IsAlive && Kill(Pid, signal) != 0 && IsAlive)
            throw new InvalidOperationException($"cannot signal process {Pid}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    private async Task<bool> WaitForEndAsync(TimeSpan limit, TimeProvider time)
    {
        var started = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(started) > limit)
                return false;
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        }
        return true;
    }

    private static ulong? StartTicksOf(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            // The process is not there, or ended while its file was read.
            return null;
        }
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        // A zombie has ended; its parent only has not looked yet.
        return fields[0] is "Z" or "X" ? null : ulong.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
