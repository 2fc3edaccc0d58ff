using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Fairlead.Node.Machine;

/// <summary>The few system calls that .NET does not offer: mounts, network namespaces, terminals (Linux man pages, section 2).</summary>
internal static partial class Syscalls
{
    private const int CloneNewNet = 0x40000000;
    private const int DetachMount = 2;
    private const ulong BindMount = 4096;
    private const ulong RecursiveMount = 16384;
    private const ulong WindowSizeRequest = 0x5414;

    public static void Mount(string type, string source, string target, string options)
    {
        if (MountCall(source, target, type, 0, options) != 0)
            throw new IOException($"mount {type} at {target} ({options}): {LastError()}");
    }

    public static void Bind(string source, string target)
    {
        if (MountCall(source, target, null, BindMount | RecursiveMount, null) != 0)
            throw new IOException($"bind mount {source} at {target}: {LastError()}");
    }

    /// <summary>Takes the topmost mount away, busy or not; false when nothing was mounted there.</summary>
    public static bool Unmount(string target) => UnmountCall(target, DetachMount) == 0;

    /// <summary>Runs <paramref name="action"/> on a thread of its own inside the named network namespace (sockets keep the namespace they were made in).</summary>
    public static async Task<T> InNetworkNamespaceAsync<T>(string path, Func<T> action)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(path);
                if (SetNamespace(handle, CloneNewNet) != 0)
                    throw new IOException($"network namespace {path}: {LastError()}");
                outcome.SetResult(action());
            }
            catch (Exception failed)
            {
                outcome.SetException(failed);
            }
        })
        { IsBackground = true };
        thread.Start();
        return await outcome.Task.ConfigureAwait(false);
    }

    /// <summary>A new pseudo-terminal: its master end and the path of its slave end.</summary>
    public static (SafeFileHandle Master, string SlavePath) OpenTerminal()
    {
        var master = File.OpenHandle("/dev/ptmx", FileMode.Open, FileAccess.ReadWrite);
        var fd = (int)master.DangerousGetHandle();
        var name = new byte[64];
        if (GrantTerminal(fd) != 0 || UnlockTerminal(fd) != 0 || TerminalName(fd, name, (nuint)name.Length) != 0)
            throw new IOException($"no terminal: {LastError()}");
        return (master, System.Text.Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0)));
    }

    public static void Resize(SafeFileHandle terminal, ushort columns, ushort rows)
    {
        var size = new WindowSize { Rows = rows, Columns = columns };
        if (SetWindowSize((int)terminal.DangerousGetHandle(), WindowSizeRequest, ref size) != 0)
            throw new IOException($"terminal size: {LastError()}");
    }

    public static void ChangeOwner(string path, uint uid, uint gid)
    {
        if (ChangeOwnerCall(path, uid, gid) != 0)
            throw new IOException($"owner of {path}: {LastError()}");
    }

    private static string LastError() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MountCall(string source, string target, string? type, ulong flags, string? data);

    [LibraryImport("libc", EntryPoint = "umount2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int UnmountCall(string target, int flags);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwnerCall(string path, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(SafeFileHandle handle, int type);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    private static partial int GrantTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    private static partial int UnlockTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    private static partial int TerminalName(int fd, [Out] byte[] name, nuint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int SetWindowSize(int fd, ulong request, ref WindowSize size);

    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelWidth;
        public ushort PixelHeight;
    }
}
