using System.Threading.Channels;

namespace Fairlead.Node.Pods;

/// <summary>Sees conmon's exit files appear.</summary>
internal sealed class ExitWatcher : IDisposable
{
    /// <summary>Exits that wait; a lost one is found by the worker's own upkeep.</summary>
    private const int QueueLimit = 10_000;

    private readonly FileSystemWatcher watcher;
    private readonly Channel<string> exits = Channel.CreateBounded<string>(QueueLimit);

    public ExitWatcher(string folder)
    {
        watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite };
        watcher.Created += (_, change) => exits.Writer.TryWrite(change.Name ?? "");
        watcher.Changed += (_, change) => exits.Writer.TryWrite(change.Name ?? "");
        watcher.Renamed += (_, change) => exits.Writer.TryWrite(change.Name ?? "");
        watcher.EnableRaisingEvents = true;
    }

    public async Task RunAsync(Func<string, CancellationToken, Task> noteExit, CancellationToken cancel)
    {
        await foreach (var id in exits.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            await noteExit(id, cancel).ConfigureAwait(false);
    }

    public void Dispose() => watcher.Dispose();
}
