using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;

namespace Fairlead.Proxy.Listeners;

/// <summary>
/// A listening socket of one worker. Every worker binds its own with SO_REUSEPORT: the kernel spreads connections and no worker
/// hands one to another.
/// </summary>
internal sealed unsafe class AcceptSocket : IIoHandler
{
    private const int AcceptsPerEvent = 64; // new connections taken before those at hand are served again
    private static readonly TimeSpan ExhaustedPause = TimeSpan.FromMilliseconds(100); // without descriptors, trying at once would spin

    private const int ReportEverySeconds = 5; // ten lines a second would fill the log of the one who has to read it

    private readonly EventLoop _loop;
    private readonly EpollPoller _poller;
    private readonly Action<int, IpEndpoint> _accepted;
    private readonly Action<string> _report;
    private readonly LoopTimer _resume;
    private readonly ulong _token;
    private long _reportedAt; // loop time; 0 = never
    private bool _closed;
    private bool _isNearTheEnd; // the last connection got the last descriptor that connections get

    private AcceptSocket(EventLoop loop, EpollPoller poller, int fd, in IpEndpoint address, Action<int, IpEndpoint> accepted, Action<string> report)
    {
        _loop = loop;
        _poller = poller;
        Descriptor = fd;
        Address = address;
        _accepted = accepted;
        _report = report;
        _resume = new LoopTimer(Resume);
        _token = poller.Add(fd, this, Libc.EPOLLIN);
    }

    public int Descriptor { get; }

    public IpEndpoint Address { get; }

    /// <summary>Binds and listens; throws SystemCallException when the address cannot be had.</summary>
    public static AcceptSocket Bind(
        EventLoop loop, EpollPoller poller, ListenerSnapshot listener, in IpEndpoint address, Action<int, IpEndpoint> accepted, Action<string> report)
    {
        var family = address.IsIPv6 ? Libc.AF_INET6 : Libc.AF_INET;
        var fd = SystemCallException.Check(Libc.Socket(family, Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC, 0), "socket");
        try
        {
            SocketOptions.Set(fd, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1);
            SocketOptions.Set(fd, Libc.SOL_SOCKET, Libc.SO_REUSEPORT, 1);
            if (address.IsIPv6) SocketOptions.Set(fd, Libc.SOL_IPV6, Libc.IPV6_V6ONLY, 1);
            if (listener.Transparent) SocketOptions.Set(fd, Libc.SOL_IP, Libc.IP_TRANSPARENT, 1);
            if (listener.Freebind) SocketOptions.Set(fd, address.IsIPv6 ? Libc.SOL_IPV6 : Libc.SOL_IP, address.IsIPv6 ? Libc.IPV6_FREEBIND : Libc.IP_FREEBIND, 1);
            var bytes = Libc.SocketAddressBytes.From(address, out var length);
            SystemCallException.Check(Libc.Bind(fd, &bytes, length), $"bind {address}");
            SystemCallException.Check(Libc.Listen(fd, listener.TcpBacklog), $"listen {address}");
            return new AcceptSocket(loop, poller, fd, SocketOptions.LocalAddress(fd), accepted, report);
        }
        catch
        {
            _ = Libc.Close(fd);
            throw;
        }
    }

    public void OnEvents(uint events)
    {
        _loop.Tick();
        for (var i = 0; i < AcceptsPerEvent && !_closed; i++)
        {
            if (_isNearTheEnd)
            {
                if (DescriptorReserve.IsReached(Descriptor))
                {
                    Pause(new SystemCallException($"accept on {Address}", Libc.EMFILE));
                    return;
                }
                _isNearTheEnd = false;
            }
            Libc.SocketAddressBytes peer = default;
            var length = Libc.SocketAddressBytes.Size;
            var fd = Libc.Accept(Descriptor, &peer, &length, Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC);
            if (fd >= 0)
            {
                _isNearTheEnd = fd >= DescriptorReserve.Ceiling - 1;
                _accepted(fd, peer.ToEndpoint());
                continue;
            }
            var failure = SystemCallException.Last($"accept on {Address}");
            switch (failure.Errno)
            {
                case Libc.EAGAIN:
                    return;
                case Libc.EINTR or Libc.ECONNABORTED or Libc.EPROTO:
                    continue; // that client is gone again; the next one may be there
                default:
                    Pause(failure);
                    return;
            }
        }
    }

    public void Close()
    {
        if (_closed) return;
        _closed = true;
        _loop.Stop(_resume);
        _poller.Remove(_token);
        _ = Libc.Close(Descriptor);
    }

    private void Pause(SystemCallException failure)
    {
        if (_reportedAt == 0 || _loop.Timestamp - _reportedAt >= ReportEverySeconds * _loop.TimestampFrequency)
        {
            _reportedAt = _loop.Timestamp;
            _report($"{failure.Message}: no connections are accepted for {ExhaustedPause.TotalMilliseconds} ms; raise the limit of open files or lower the connection limits");
        }
        _poller.Modify(Descriptor, _token, 0);
        _loop.Start(_resume, ExhaustedPause);
    }

    private void Resume() => _poller.Modify(Descriptor, _token, Libc.EPOLLIN);
}
