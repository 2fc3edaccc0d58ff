namespace Fairlead.Proxy.Loop;

/// <summary>Receives the readiness events of one descriptor, on its loop's thread.</summary>
internal abstract class IoHandler
{
    /// <param name="events">A mask of EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.</param>
    public abstract void OnEvents(uint events);
}
