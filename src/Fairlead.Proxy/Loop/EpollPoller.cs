namespace Fairlead.Proxy.Loop;

/// <summary>
/// epoll, edge-triggered. The epoll data of a registration is (generation, slot): closing a descriptor raises its slot's
/// generation, so an event of the same batch that belongs to a closed (and perhaps reused) descriptor is recognised and dropped.
/// </summary>
internal sealed unsafe class EpollPoller : Poller
{
    private const int BatchEvents = 32; // events per epoll_wait: enough to amortise the call, few enough for what they have to send to wait for all of them
    private const uint WakeSlot = 0;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly Libc.EpollEvent[] _batch = GC.AllocateArray<Libc.EpollEvent>(BatchEvents, pinned: true);
    private Slot[] _slots = new Slot[64];
    private uint _free;
    private uint _next = 1;
    private bool _closed;

    public EpollPoller()
    {
        _epoll = SystemCallException.Check(Libc.EpollCreate(Libc.EPOLL_CLOEXEC), "epoll_create1");
        _wake = SystemCallException.Check(Libc.EventFd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC), "eventfd");
        var change = new Libc.EpollEvent { Events = Libc.EPOLLIN, Data = WakeSlot };
        SystemCallException.Check(Libc.EpollControl(_epoll, Libc.EPOLL_CTL_ADD, _wake, &change), "epoll_ctl(eventfd)");
    }

    /// <summary>Number of registered descriptors.</summary>
    public int Registered { get; private set; }

    /// <summary>Registers once for the life of the descriptor. Returns the registration, for <see cref="Remove"/>.</summary>
    public ulong Add(int fd, IIoHandler handler, uint events)
    {
        uint index;
        if (_free != 0)
        {
            index = _free;
            _free = _slots[index].NextFree;
        }
        else
        {
            index = _next++;
            if (index == _slots.Length) Array.Resize(ref _slots, _slots.Length * 2);
        }
        ref var slot = ref _slots[index];
        slot.Handler = handler;
        var registration = ((ulong)slot.Generation << 32) | index;
        var change = new Libc.EpollEvent { Events = events, Data = registration };
        if (Libc.EpollControl(_epoll, Libc.EPOLL_CTL_ADD, fd, &change) != 0)
        {
            var failure = SystemCallException.Last("epoll_ctl(add)");
            Release(index);
            throw failure;
        }
        Registered++;
        return registration;
    }

    public void Modify(int fd, ulong registration, uint events)
    {
        var change = new Libc.EpollEvent { Events = events, Data = registration };
        SystemCallException.Check(Libc.EpollControl(_epoll, Libc.EPOLL_CTL_MOD, fd, &change), "epoll_ctl(mod)");
    }

    /// <summary>Forgets a registration; the caller closes the descriptor, which also removes it from epoll.</summary>
    public void Remove(ulong registration)
    {
        var index = (uint)registration;
        if (_slots[index].Generation != (uint)(registration >> 32) || _slots[index].Handler is null)
            throw new InvalidOperationException($"registration {registration:x} is not current");
        Release(index);
        Registered--;
    }

    public override int Poll(int timeoutMilliseconds)
    {
        fixed (Libc.EpollEvent* batch = _batch)
        {
            var count = Libc.EpollWait(_epoll, batch, BatchEvents, timeoutMilliseconds);
            if (count < 0)
            {
                var failure = SystemCallException.Last("epoll_wait");
                if (failure.Errno == Libc.EINTR) return 0;
                throw failure;
            }
            Delivering = count;
            for (var i = 0; i < count; i++) Deliver(batch[i]);
            Delivering = 0;
            return count;
        }
    }

    public override void Pause(int microseconds)
    {
        var time = new Libc.TimeSpec { Nanoseconds = microseconds * 1000L };
        // Interrupted by a signal it was a shorter one.
        _ = Libc.Sleep(&time, null);
    }

    public override void Wake()
    {
        var one = 1UL;
        // EAGAIN means the counter is full: the loop is going to wake anyway.
        if (!_closed) _ = Libc.Write(_wake, &one, sizeof(ulong));
    }

    public override void Close()
    {
        if (_closed) return;
        _closed = true;
        _ = Libc.Close(_wake);
        _ = Libc.Close(_epoll);
    }

    private void Deliver(in Libc.EpollEvent ready)
    {
        var index = (uint)ready.Data;
        if (index == WakeSlot)
        {
            ulong count;
            _ = Libc.Read(_wake, &count, sizeof(ulong));
            return;
        }
        ref var slot = ref _slots[index];
        if (slot.Generation == (uint)(ready.Data >> 32)) slot.Handler?.OnEvents(ready.Events);
    }

    private void Release(uint index)
    {
        ref var slot = ref _slots[index];
        slot.Handler = null;
        slot.Generation++;
        slot.NextFree = _free;
        _free = index;
    }

    private struct Slot
    {
        public IIoHandler? Handler;
        public uint Generation;
        public uint NextFree;
    }
}
