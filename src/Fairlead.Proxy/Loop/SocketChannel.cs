namespace Fairlead.Proxy.Loop;

/// <summary>
/// A TCP socket on an epoll loop, registered once for IN|OUT|RDHUP, edge-triggered. A receive that comes back short of what
/// was asked has emptied the socket, which saves the EAGAIN call; after RDHUP, HUP or ERR one more receive is always due.
/// </summary>
internal sealed unsafe class SocketChannel : Channel, IIoHandler
{
    private readonly EpollPoller _poller;
    private readonly EventLoop _loop;
    private readonly ulong _token;
    private bool _connecting;
    private bool _blocked; // the last send met EAGAIN
    private bool _hangup; // the peer's end or an error was announced: short reads no longer mean "empty"

    private SocketChannel(EventLoop loop, EpollPoller poller, int fd, bool connecting)
    {
        _loop = loop;
        _poller = poller;
        Descriptor = fd;
        _connecting = connecting;
        _token = poller.Add(fd, this, Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET);
    }

    public int Descriptor { get; private set; }

    /// <summary>Takes over an accepted descriptor.</summary>
    public static SocketChannel Accepted(EventLoop loop, EpollPoller poller, int fd, in IpEndpoint local, in IpEndpoint remote) =>
        new(loop, poller, fd, connecting: false) { Local = local, Remote = remote, MayRead = true };

    /// <summary>
    /// Starts to connect. Returns null and the errno when it fails at once; the owner's OnConnected tells otherwise.
    /// </summary>
    public static SocketChannel? Connect(EventLoop loop, EpollPoller poller, in IpEndpoint remote, in ConnectOptions options, out int errno)
    {
        var family = remote.IsIPv6 ? Libc.AF_INET6 : Libc.AF_INET;
        var fd = Libc.Socket(family, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0);
        if (fd < 0)
        {
            errno = SystemCallException.Last("socket").Errno;
            return null;
        }
        if (fd >= DescriptorReserve.Ceiling)
        {
            _ = Libc.Close(fd);
            errno = Libc.EMFILE;
            return null;
        }
        SocketOptions.Set(fd, Libc.IPPROTO_TCP, Libc.TCP_NODELAY, 1);
        options.Apply(fd);
        errno = options.BindSource(fd);
        if (errno == 0)
        {
            var address = Libc.SocketAddressBytes.From(remote, out var length);
            errno = Libc.Connect(fd, &address, length) == 0 ? 0 : SystemCallException.Last("connect").Errno;
        }
        if (errno is not (0 or Libc.EINPROGRESS))
        {
            _ = Libc.Close(fd);
            return null;
        }
        errno = 0;
        return new SocketChannel(loop, poller, fd, connecting: true) { Remote = remote };
    }

    public override int Receive(Span<byte> destination)
    {
        if (!IsOpen) return -Libc.ECONNRESET;
        nint count;
        int errno;
        fixed (byte* buffer = destination)
        {
            do
            {
                count = Libc.Receive(Descriptor, buffer, destination.Length, 0);
                errno = count < 0 ? Libc.Errno : 0;
            }
            while (errno == Libc.EINTR);
        }
        if (count < 0)
        {
            MayRead = false;
            return -errno;
        }
        MayRead = count == destination.Length || _hangup;
        return (int)count;
    }

    public override int Send(ReadOnlySpan<byte> source)
    {
        if (!IsOpen) return -Libc.EPIPE;
        nint count;
        int errno;
        fixed (byte* buffer = source)
        {
            do
            {
                count = Libc.Send(Descriptor, buffer, source.Length, Libc.MSG_NOSIGNAL);
                errno = count < 0 ? Libc.Errno : 0;
            }
            while (errno == Libc.EINTR);
        }
        if (count < 0)
        {
            if (errno == Libc.EAGAIN) _blocked = true;
            return -errno;
        }
        if (count < source.Length) _blocked = true;
        return (int)count;
    }

    /// <summary>Says that a transfer outside <see cref="Send"/> (splice) met a full socket: OnWritable will follow.</summary>
    public void NoteBlocked() => _blocked = true;

    /// <summary>Says that a transfer outside <see cref="Receive"/> (splice) found the socket empty.</summary>
    public void NoteDrained() => MayRead = _hangup;

    public override void ShutdownSend()
    {
        if (IsOpen) _ = Libc.Shutdown(Descriptor, Libc.SHUT_WR); // ENOTCONN: the peer was faster, which the next receive tells
    }

    public override void Close(bool reset = false)
    {
        if (!IsOpen) return;
        IsOpen = false;
        MayRead = false;
        _poller.Remove(_token);
        if (reset) SocketOptions.AbortOnClose(Descriptor);
        _ = Libc.Close(Descriptor); // EINTR still closes on Linux
        Descriptor = -1;
    }

    public void OnEvents(uint events)
    {
        _loop.Tick();
        if (_connecting)
        {
            _connecting = false;
            var errno = SocketOptions.PendingError(Descriptor);
            if (errno == 0) Local = SocketOptions.LocalAddress(Descriptor);
            Owner!.OnConnected(errno);
            if (!IsOpen) return;
        }
        if ((events & (Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0) _hangup = true;
        if ((events & Libc.EPOLLERR) != 0) HasError = true;
        if (_blocked && (events & (Libc.EPOLLOUT | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            _blocked = false;
            Owner!.OnWritable();
            if (!IsOpen) return;
        }
        if ((events & (Libc.EPOLLIN | Libc.EPOLLRDHUP | Libc.EPOLLHUP | Libc.EPOLLERR)) != 0)
        {
            MayRead = true;
            Owner!.OnReadable();
        }
    }
}
