namespace Fairlead.Proxy.Loop;

/// <summary>How outgoing connections of a cluster are made: source address and TCP keepalive (0 = the kernel's value).</summary>
internal readonly unsafe record struct ConnectOptions(IpEndpoint Source, bool KeepAlive, int KeepAliveProbes, int KeepAliveIdleSeconds, int KeepAliveIntervalSeconds)
{
    public void Apply(int fd)
    {
        if (!KeepAlive) return;
        SocketOptions.Set(fd, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE, 1);
        if (KeepAliveProbes > 0) SocketOptions.Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPCNT, KeepAliveProbes);
        if (KeepAliveIdleSeconds > 0) SocketOptions.Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPIDLE, KeepAliveIdleSeconds);
        if (KeepAliveIntervalSeconds > 0) SocketOptions.Set(fd, Libc.IPPROTO_TCP, Libc.TCP_KEEPINTVL, KeepAliveIntervalSeconds);
    }

    /// <summary>Binds the source address (Istio's 127.0.0.6 marks traffic from the sidecar). Returns 0 or errno.</summary>
    /// <summary>Whether a connection failed with <paramref name="errno"/> as its configured source address cannot be used.</summary>
    public bool IsBindError(int errno) => Source.IsSet && errno is Libc.EADDRINUSE or Libc.EADDRNOTAVAIL or Libc.EACCES;

    public int BindSource(int fd)
    {
        if (!Source.IsSet) return 0;
        if (Source.Port == 0) SocketOptions.Set(fd, Libc.SOL_IP, Libc.IP_BIND_ADDRESS_NO_PORT, 1);
        var address = Libc.SocketAddressBytes.From(Source, out var length);
        return Libc.Bind(fd, &address, length) == 0 ? 0 : SystemCallException.Last("bind").Errno;
    }
}
