using Fairlead.Proxy.Filters;
using Fairlead.Proxy.Listeners;
using Fairlead.Proxy.Loop;
using Fairlead.Proxy.Snapshot;
using Fairlead.Proxy.Telemetry.Stats;
using Fairlead.Proxy.Upstreams;

namespace Fairlead.Proxy;

/// <summary>One event loop on its thread, with everything that it owns.</summary>
internal sealed class Worker
{
    private static readonly TimeSpan LogFlushInterval = TimeSpan.FromMilliseconds(100); // a loop that never sleeps still shows its lines

    private readonly EpollPoller _poller = new();
    private readonly Thread _thread;
    private readonly AccessLogSet _accessLogs;
    private readonly Action<string> _report;
    private readonly LoopTimer _flushTimer;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Worker(int index, SidecarOptions options, CircuitBreakerTable breakers, ConnectionLimits limits, StatShard stats, ServerStats server, TimeProvider time, Action<string> report)
    {
        _report = report;
        _accessLogs = new AccessLogSet(stats, server, report);
        Loop = new EventLoop(_poller, time, options.Workers);
        Context = new StreamContext(Loop, Dial, stats, breakers, _accessLogs, options.Seed + (ulong)index);
        Listeners = new WorkerListeners(Context, _poller, limits, server, options.DrainTime, report);
        _flushTimer = new LoopTimer(OnFlush);
        Loop.BeforeSleep(_accessLogs.Flush);
        _thread = new Thread(Run) { Name = "worker-" + index, IsBackground = true };
    }

    public EventLoop Loop { get; }

    public StreamContext Context { get; }

    public WorkerListeners Listeners { get; }

    /// <summary>Completes when the thread has ended; faulted when a broken invariant ended it.</summary>
    public Task Ended => _ended.Task;

    public void Start(ProxySnapshot snapshot)
    {
        Loop.Post(() =>
        {
            Adopt(snapshot);
            Loop.Start(_flushTimer, LogFlushInterval);
        });
        _thread.Start();
    }

    /// <summary>Called on the loop's thread.</summary>
    public void Adopt(ProxySnapshot snapshot)
    {
        // A later snapshot may have overtaken this one in the mailbox's queue only in time, not in order; generations make it certain.
        if (snapshot.Generation < Context.Snapshot.Generation) return;
        Context.Adopt(snapshot);
        Listeners.Adopt(snapshot);
    }

    public void ReopenLogs() => _accessLogs.Reopen();

    private void OnFlush()
    {
        _accessLogs.Flush();
        Loop.Start(_flushTimer, LogFlushInterval);
    }

    private Channel? Dial(in IpEndpoint remote, in ConnectOptions options, out int errno) => SocketChannel.Connect(Loop, _poller, remote, options, out errno);

    private void Run()
    {
        try
        {
            Libc.SleepExactly();
            Loop.Run();
            Listeners.CloseAll();
            _accessLogs.Flush();
            _accessLogs.Close();
            Loop.Close();
            _ended.SetResult();
        }
        catch (Exception failure)
        {
            // A loop whose state is in doubt must not go on serving: the process ends, its supervisor starts it anew.
            _report($"{_thread.Name} ends: {failure}");
            _ended.SetException(failure);
        }
    }
}
