using System.Globalization;
using System.Text;

namespace Fairlead.Node.Runtime;

/// <summary>
/// Reads a container's log files (CRI form: <c>RFC3339-time stream tag text</c>, tag P for a part of a line, F for its end), oldest first, and follows them
/// across rotation.
/// </summary>
internal sealed class ContainerLog(string path, TimeProvider time)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>One log file's bound before it is put aside, in bytes, and how many files are kept: a kubelet's defaults.</summary>
    public const long RotationSize = 10 * 1024 * 1024;

    public const int FilesKept = 5;

    /// <summary>Writes what is asked for to <paramref name="output"/>; while following, ends when <paramref name="hasEnded"/> says that nothing will be added.</summary>
    public async Task WriteToAsync(Stream output, LogReading reading, Func<bool> hasEnded, CancellationToken cancel)
    {
        var progress = new Progress
        {
            Left = reading.LimitBytes ?? long.MaxValue,
            Skip = reading.TailLines is { } tail ? Math.Max(0, await CountLinesAsync(cancel).ConfigureAwait(false) - tail) : 0,
        };
        foreach (var rotated in Rotated())
        {
            using var old = Open(rotated);
            using var reader = new StreamReader(old, Encoding.UTF8);
            while (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
                await EmitAsync(output, line, reading, progress, cancel).ConfigureAwait(false);
        }
        await ReadCurrentAsync(output, reading, progress, hasEnded, cancel).ConfigureAwait(false);
    }

    private async Task ReadCurrentAsync(Stream output, LogReading reading, Progress progress, Func<bool> hasEnded, CancellationToken cancel)
    {
        var file = File.Exists(path) ? Open(path) : null;
        try
        {
            var rest = new MemoryStream();
            var buffer = new byte[64 * 1024];
            while (progress.Left > 0)
            {
                var ended = hasEnded();
                var read = file is null ? 0 : await file.ReadAsync(buffer, cancel).ConfigureAwait(false);
                for (var start = 0; start < read;)
                {
                    var newline = buffer.AsSpan(start, read - start).IndexOf((byte)'\n');
                    if (newline < 0)
                    {
                        rest.Write(buffer, start, read - start);
                        break;
                    }
                    rest.Write(buffer, start, newline);
                    await EmitAsync(output, Encoding.UTF8.GetString(rest.GetBuffer(), 0, (int)rest.Length), reading, progress, cancel).ConfigureAwait(false);
                    rest.SetLength(0);
                    start += newline + 1;
                }
                if (read > 0)
                    continue;
                if (file is not null && IsReplaced(file))
                {
                    await file.DisposeAsync().ConfigureAwait(false);
                    file = Open(path);
                    continue;
                }
                if (!reading.Follow || ended)
                    return;
                await output.FlushAsync(cancel).ConfigureAwait(false);
                await Task.Delay(PollInterval, time, cancel).ConfigureAwait(false);
                file ??= File.Exists(path) ? Open(path) : null;
            }
        }
        finally
        {
            if (file is not null)
                await file.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The tail counts whole lines, as they appear to the reader.</summary>
    private async Task<long> CountLinesAsync(CancellationToken cancel)
    {
        var lines = 0L;
        foreach (var file in Rotated().Append(path).Where(File.Exists))
        {
            using var stream = Open(file);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            while (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
                lines += IsWhole(line) ? 1 : 0;
        }
        return lines;
    }

    private static async Task EmitAsync(Stream output, string line, LogReading reading, Progress progress, CancellationToken cancel)
    {
        var stamp = line.IndexOf(' ', StringComparison.Ordinal);
        var stream = stamp < 0 ? -1 : line.IndexOf(' ', stamp + 1);
        var tag = stream < 0 ? -1 : line.IndexOf(' ', stream + 1);
        if (tag < 0 || progress.Left <= 0)
            return;
        var isWhole = IsWhole(line);
        if (progress.Skip > 0)
        {
            progress.Skip -= isWhole ? 1 : 0;
            return;
        }
        var moment = DateTimeOffset.TryParse(line.AsSpan(0, stamp), CultureInfo.InvariantCulture, out var parsed) ? parsed : (DateTimeOffset?)null;
        if (reading.Since is { } since && moment < since)
            return;
        // A line that was written in parts has one time, that of its beginning.
        var prefix = reading.Timestamps && !progress.IsInLine ? Stamp(line[..stamp]) + " " : "";
        progress.IsInLine = !isWhole;
        var shown = Encoding.UTF8.GetBytes(prefix + line[(tag + 1)..] + (isWhole ? "\n" : ""));
        var count = (int)Math.Min(shown.Length, progress.Left);
        await output.WriteAsync(shown.AsMemory(0, count), cancel).ConfigureAwait(false);
        progress.Left -= count;
    }

    /// <summary>The file's time as a kubelet shows it: nine digits of a second, and Z where conmon writes +00:00.</summary>
    private static string Stamp(string written)
    {
        var zone = written.AsSpan(1).LastIndexOfAny('Z', '+', '-') + 1;
        var (moment, offset) = (written[..zone], written[zone..]);
        var point = moment.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? "" : moment[(point + 1)..];
        return $"{(point < 0 ? moment : moment[..point])}.{digits.PadRight(9, '0')}{(offset == "+00:00" ? "Z" : offset)}";
    }

    private static bool IsWhole(string line)
    {
        var stream = line.IndexOf(' ', line.IndexOf(' ', StringComparison.Ordinal) + 1);
        return stream > 0 && line.Length > stream + 1 && line[stream + 1] == 'F';
    }

    /// <summary>Files put aside carry the time in their name, which sorts. (A search pattern "0.log.*" would match 0.log too.)</summary>
    private IEnumerable<string> Rotated() => Directory.Exists(Path.GetDirectoryName(path))
        ? Directory.EnumerateFiles(Path.GetDirectoryName(path)!).Where(file => file.StartsWith(path + ".", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
        : [];

    private bool IsReplaced(FileStream file) => File.Exists(path) && new FileInfo(path).Length < file.Position;

    private static FileStream Open(string file) =>
        new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024, FileOptions.Asynchronous);

    /// <summary>Puts a log that has grown beyond <see cref="RotationSize"/> aside and tells its conmon to begin a new one.</summary>
    public async Task RotateAsync(string bundle, CancellationToken cancel)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.Length < RotationSize)
            return;
        File.Move(path, $"{path}.{time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss-fff}");
        // conmon's control protocol: "2 0 0" reopens the log.
        await File.WriteAllTextAsync(Path.Combine(bundle, "ctl"), "2 0 0\n", cancel).ConfigureAwait(false);
        foreach (var old in Rotated().SkipLast(FilesKept - 1))
            File.Delete(old);
    }

    /// <summary>How far a reading has come: bytes it may still show, lines before the tail, and whether the last line is still open.</summary>
    private sealed class Progress
    {
        public long Left { get; set; }

        public long Skip { get; set; }

        public bool IsInLine { get; set; }
    }
}
