namespace Fairlead.Proxy.Loop;

/// <summary>Receives the readiness events of one descriptor, on its loop's thread.</summary>
internal interface IIoHandler
{
    /// <param name="events">A mask of EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.</param>
    void OnEvents(uint events);
}
