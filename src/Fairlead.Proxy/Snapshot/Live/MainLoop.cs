using System.Threading.Channels;

namespace Fairlead.Proxy.Snapshot.Live;

/// <summary>
/// The main loop: everything that touches <see cref="LiveConfiguration"/> runs here, one piece after the other, so that it
/// needs no locks. Workers never wait for it.
/// </summary>
internal sealed class MainLoop
{
    private readonly Channel<Action> _work = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Queues work; its exceptions end the loop, which ends the process.</summary>
    public void Post(Action work) => _work.Writer.TryWrite(work);

    /// <summary>Runs work on the loop; its exceptions reach the caller.</summary>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
                throw;
            }
        });
        return done.Task;
    }

    public async Task ProcessAsync(CancellationToken cancellation)
    {
        await foreach (var work in _work.Reader.ReadAllAsync(cancellation).ConfigureAwait(false)) work();
    }
}
