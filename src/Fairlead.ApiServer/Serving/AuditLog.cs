using System.Text.Json.Nodes;
using System.Threading.Channels;
using Fairlead.ApiServer.Authn;
using Fairlead.Config.Kinds;

namespace Fairlead.ApiServer.Serving;

/// <summary>
/// One JSON line per write: when, who, verb, resource, name, answer. No bodies: they hold secrets. The file is kept to a size
/// and one predecessor.
/// </summary>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Bytes at which the file is set aside as <c>.1</c> (16 MiB).</summary>
    private const long FileLimit = 16 << 20;

    /// <summary>Lines that may wait for the disk; when it stalls, further lines are counted, not kept.</summary>
    private const int QueueLimit = 8192;

    /// <summary>After a write that failed: what waits is tried again, but not at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string path;
    private readonly TimeProvider time;
    private readonly Channel<string> queue = Channel.CreateBounded<string>(new BoundedChannelOptions(QueueLimit) { SingleReader = true });
    private readonly Task writer;
    private long dropped;

    public AuditLog(string path, TimeProvider time)
    {
        this.path = path;
        this.time = time;
        writer = RunAsync();
    }

    internal void Record(Identity identity, string verb, RequestTarget target, bool dryRun, int code)
    {
        var line = new JsonObject
        {
            ["time"] = time.GetUtcNow().ToString("O", System.Globalization.CultureInfo.InvariantCulture),
            ["user"] = identity.User,
            ["verb"] = verb,
            ["apiVersion"] = target.ApiVersion,
            ["resource"] = target.Subresource.Length > 0 ? $"{target.Plural}/{target.Subresource}" : target.Plural,
            ["namespace"] = target.Namespace,
            ["name"] = target.Name,
            ["code"] = code,
        };
        if (dryRun)
            line["dryRun"] = true;
        if (Interlocked.Exchange(ref dropped, 0) is > 0 and var lost)
            line["linesLostBefore"] = lost;
        if (!queue.Writer.TryWrite(line.ToJsonString(JsonText.Relaxed)))
            Interlocked.Increment(ref dropped);
    }

    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await writer;
    }

    private async Task RunAsync()
    {
        while (await queue.Reader.WaitToReadAsync())
        {
            try
            {
                await WriteAsync();
            }
            catch (IOException)
            {
                // A full disk, for one: requests are served on, and the next line that can be written says how many are missing.
                Interlocked.Increment(ref dropped);
                await Task.Delay(Pause, time);
            }
        }
    }

    private async Task WriteAsync()
    {
        if (new FileInfo(path) is { Exists: true, Length: > FileLimit })
            File.Move(path, path + ".1", overwrite: true);
        await using var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.Append,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        await using var text = new StreamWriter(stream);
        while (queue.Reader.TryRead(out var line))
            await text.WriteLineAsync(line);
    }
}
