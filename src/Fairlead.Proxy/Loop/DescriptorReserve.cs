using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// Descriptors that connections do not get. The runtime opens some itself, when it loads code or resolves a name, and ends the process where it cannot; so
/// traffic is told that none are left while these still are. The kernel gives the lowest free number (open(2)), which says how many are in use.
/// </summary>
internal static partial class DescriptorReserve
{
    private const int Wanted = 64;
    private const int OpenFiles = 7; // RLIMIT_NOFILE

    /// <summary>The first number that is kept back; the runtime has raised the soft limit to the hard one by now.</summary>
    public static int Ceiling { get; } = Compute();

    /// <summary>Whether a connection that was opened now would get one of the reserve.</summary>
    /// <param name="descriptor">Any that is open.</param>
    public static bool IsReached(int descriptor)
    {
        var next = Duplicate(descriptor);
        if (next < 0) return true;
        _ = Libc.Close(next);
        return next >= Ceiling;
    }

    private static int Compute()
    {
        if (GetLimit(OpenFiles, out var limit) != 0) return int.MaxValue;
        var soft = (int)Math.Min(limit.Soft, int.MaxValue);
        return soft - Math.Min(Wanted, soft / 4);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int fd);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Limit
    {
        public readonly ulong Soft;
        private readonly ulong _hard;
    }
}
