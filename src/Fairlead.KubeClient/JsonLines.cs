using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Fairlead.Config.Kinds;

namespace Fairlead.KubeClient;

/// <summary>One JSON object per line, as a watch sends them.</summary>
internal static class JsonLines
{
    /// <summary>Longest line, in bytes: an object is at most 1.5 MiB where etcd stores it, and an event wraps one; beyond this the stream is broken.</summary>
    public const int MaxLineBytes = 16 * 1024 * 1024;

    /// <exception cref="System.Text.Json.JsonException">A line is no JSON object.</exception>
    /// <exception cref="InvalidDataException">A line is longer than <see cref="MaxLineBytes"/>.</exception>
    public static async IAsyncEnumerable<KubeObject> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancel)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 * 1024, leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancel).ConfigureAwait(false);
                var rest = read.Buffer;
                while (rest.PositionOf((byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    rest = rest.Slice(rest.GetPosition(1, end));
                    if (Parse(line) is { } parsed)
                        yield return parsed;
                }
                if (rest.Length > MaxLineBytes)
                    throw new InvalidDataException($"a watch event is longer than {MaxLineBytes} bytes");
                reader.AdvanceTo(rest.Start, read.Buffer.End);
                if (!read.IsCompleted)
                    continue;
                // The server may end without a line feed; a cut line is a broken connection and is read again after it.
                yield break;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static KubeObject? Parse(ReadOnlySequence<byte> line) =>
        line.IsEmpty ? null : KubeObject.Parse(line.IsSingleSegment ? line.FirstSpan : line.ToArray());
}
