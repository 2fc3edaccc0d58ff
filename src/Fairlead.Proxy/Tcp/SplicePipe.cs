using System.Runtime.InteropServices;
using Fairlead.Proxy.Loop;

namespace Fairlead.Proxy.Tcp;

/// <summary>A pipe that carries socket data from one descriptor to another inside the kernel.</summary>
internal sealed unsafe class SplicePipe
{
    private const int PipeBytes = 512 * 1024; // eight times the default: fewer turns per megabyte; the kernel may grant less

    private readonly int _read;
    private readonly int _write;
    private readonly int _capacity;

    private SplicePipe(int read, int write, int capacity)
    {
        _read = read;
        _write = write;
        _capacity = capacity;
    }

    /// <summary>Bytes inside the pipe.</summary>
    public int Held { get; private set; }

    /// <summary>Null when the process is out of descriptors.</summary>
    public static SplicePipe? TryOpen()
    {
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.O_NONBLOCK | Libc.O_CLOEXEC) != 0) return null;
        var capacity = Libc.FileControl(ends[1], Libc.F_SETPIPE_SZ, PipeBytes);
        return new SplicePipe(ends[0], ends[1], capacity > 0 ? capacity : 64 * 1024);
    }

    /// <summary>
    /// Fills the pipe from one socket and empties it into the other. False = one side is broken. A pipe that still holds bytes is not
    /// filled: it may have no slot left although it has room, and then "not now" would say nothing of the socket.
    /// </summary>
    public bool Move(SocketChannel from, SocketChannel to, ref long moved, out bool ended)
    {
        ended = false;
        if (Held == 0)
        {
            var count = Libc.Splice(from.Descriptor, null, _write, null, _capacity, Libc.SPLICE_F_MOVE | Libc.SPLICE_F_NONBLOCK);
            if (count == 0)
            {
                ended = true;
            }
            else if (count < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Libc.EAGAIN) from.NoteDrained();
                else if (errno != Libc.EINTR) return false;
            }
            else
            {
                Held += (int)count;
            }
        }
        return Drain(to, ref moved);
    }

    public bool Drain(SocketChannel to, ref long moved)
    {
        while (Held > 0)
        {
            var count = Libc.Splice(_read, null, to.Descriptor, null, Held, Libc.SPLICE_F_MOVE | Libc.SPLICE_F_NONBLOCK);
            if (count < 0)
            {
                var errno = Marshal.GetLastPInvokeError();
                if (errno == Libc.EINTR) continue;
                if (errno != Libc.EAGAIN) return false;
                to.NoteBlocked();
                return true;
            }
            Held -= (int)count;
            moved += count;
        }
        return true;
    }

    public void Close()
    {
        _ = Libc.Close(_read);
        _ = Libc.Close(_write);
    }
}
