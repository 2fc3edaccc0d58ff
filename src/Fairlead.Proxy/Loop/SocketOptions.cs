namespace Fairlead.Proxy.Loop;

/// <summary>Socket options and names by descriptor.</summary>
internal static unsafe class SocketOptions
{
    public static void Set(int fd, int level, int name, int value) =>
        SystemCallException.Check(Libc.SetSocketOption(fd, level, name, &value, sizeof(int)), $"setsockopt({level},{name})");

    /// <summary>SO_ERROR: the outcome of a connect, 0 for success.</summary>
    public static int PendingError(int fd)
    {
        int value = 0, length = sizeof(int);
        return Libc.GetSocketOption(fd, Libc.SOL_SOCKET, Libc.SO_ERROR, &value, &length) == 0 ? value : SystemCallException.Last("getsockopt").Errno;
    }

    public static IpEndpoint LocalAddress(int fd)
    {
        Libc.SocketAddressBytes address = default;
        var length = Libc.SocketAddressBytes.Size;
        return Libc.GetSocketName(fd, &address, &length) == 0 ? address.ToEndpoint() : default;
    }

    /// <summary>Where the connection was going before a REDIRECT rule; unset when there was no redirect.</summary>
    public static IpEndpoint OriginalDestination(int fd, bool ipv6)
    {
        Libc.SocketAddressBytes address = default;
        var length = Libc.SocketAddressBytes.Size;
        return Libc.GetSocketOption(fd, ipv6 ? Libc.SOL_IPV6 : Libc.SOL_IP, Libc.SO_ORIGINAL_DST, &address, &length) == 0
            ? address.ToEndpoint()
            : default;
    }

    /// <summary>SO_LINGER 0: close sends a reset.</summary>
    public static void AbortOnClose(int fd)
    {
        var linger = stackalloc int[] { 1, 0 };
        _ = Libc.SetSocketOption(fd, Libc.SOL_SOCKET, Libc.SO_LINGER, linger, 2 * sizeof(int));
    }
}
