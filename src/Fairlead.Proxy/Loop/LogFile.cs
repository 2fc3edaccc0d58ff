using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// An append-only file with one loop's buffer in front. Lines are written when the buffer is full and before the loop sleeps.
/// A pipe or terminal is asked first whether it takes PIPE_BUF bytes (pipe(7)), so that a reader that stalls costs lines,
/// which are counted, and never the loop.
/// </summary>
internal sealed unsafe partial class LogFile
{
    private const int BufferBytes = 64 * 1024; // some 200 lines per write under load; what a stalled reader may hold up
    private const int PipeAtomicBytes = 4096; // PIPE_BUF: written whole or not at all, so lines of several workers never mix

    private readonly string _path;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private int _used;
    private int _fd;
    private bool _isStream;
    private bool _isTorn; // the file ends within a line, as a full disk took part of it: what comes next begins with a line's end

    public LogFile(string path)
    {
        _path = path;
        Open();
    }

    /// <summary>Lines given up because the file could not be written or the buffer was full.</summary>
    public long DroppedLines { get; private set; }

    public long FailedWrites { get; private set; }

    public long CompletedWrites { get; private set; }

    /// <summary>errno of the last failed write or open; 0 after a success.</summary>
    public int LastError { get; private set; }

    /// <summary>That it cannot be written has been told.</summary>
    public bool IsReported { get; set; }

    public Span<byte> Room => _buffer.AsSpan(_used);

    public void Advance(int written) => _used += written;

    public void CountDropped() => DroppedLines++;

    /// <summary>Writes what can be written now.</summary>
    public void Flush()
    {
        var done = 0;
        while (done < _used)
        {
            var length = _used - done;
            if (_isStream)
            {
                if (!IsWritable()) break;
                length = AtomicPart(_buffer.AsSpan(done, length));
            }
            var count = WriteOnce(done, length);
            if (count < 0)
            {
                GiveUp(done);
                return;
            }
            done += count;
        }
        if (done > 0) _isTorn = false;
        if (done > 0) _buffer.AsSpan(done, _used - done).CopyTo(_buffer);
        _used -= done;
    }

    /// <summary>Opens the path anew (log rotation); descriptors 1 and 2 stay.</summary>
    public void Reopen()
    {
        Flush();
        if (_fd > 2) _ = Libc.Close(_fd);
        Open();
    }

    public void Close()
    {
        Flush();
        if (_fd > 2) _ = Libc.Close(_fd);
        _fd = -1;
    }

    private void Open()
    {
        // /dev/stdout cannot be reopened where descriptor 1 is a socket or belongs to another user: it is the descriptor itself.
        _fd = _path switch
        {
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ => OpenFile(_path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_APPEND | Libc.O_CLOEXEC, 0x1a4 /* 0644 */),
        };
        LastError = _fd < 0 ? Marshal.GetLastPInvokeError() : 0;
        _isStream = _fd >= 0 && Seek(_fd, 0, 1) < 0; // ESPIPE: a pipe, socket or terminal
    }

    private bool IsWritable()
    {
        var probe = new PollFd { Fd = _fd, Events = PollFd.Out };
        return Poll(&probe, 1, 0) == 1;
    }

    /// <summary>The longest run of whole lines within PIPE_BUF; a longer single line goes in pieces.</summary>
    private static int AtomicPart(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= PipeAtomicBytes) return bytes.Length;
        var end = bytes[..PipeAtomicBytes].LastIndexOf((byte)'\n');
        return end < 0 ? PipeAtomicBytes : end + 1;
    }

    private int WriteOnce(int from, int length)
    {
        if (_fd < 0) return -1;
        fixed (byte* start = &_buffer[from])
        {
            nint count;
            do
            {
                count = Libc.Write(_fd, start, length);
            }
            while (count < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);
            if (count < 0)
            {
                LastError = Marshal.GetLastPInvokeError();
                FailedWrites++;
                return -1;
            }
            LastError = 0;
            CompletedWrites++;
            return (int)count;
        }
    }

    private void GiveUp(int from)
    {
        var torn = from > 0 ? _buffer[from - 1] != '\n' : _isTorn;
        var first = from == 0 && _isTorn ? 1 : from;
        DroppedLines += _buffer.AsSpan(first, _used - first).Count((byte)'\n');
        _isTorn = torn;
        _used = 0;
        if (torn) _buffer[_used++] = (byte)'\n';
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollFd* descriptors, nint count, int timeoutMilliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public const short Out = 4;

        public int Fd;
        public short Events;
        public short Returned;
    }
}
