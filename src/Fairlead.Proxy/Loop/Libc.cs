using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>
/// The system calls of the data path (Linux, man section 2). Those marked SuppressGCTransition never block: their
/// descriptors are non-blocking; errno of them is read through <see cref="Errno"/> before any other call.
/// </summary>
internal static unsafe partial class Libc
{
    public const int EAGAIN = 11, EINTR = 4, EINPROGRESS = 115, EMFILE = 24, ENFILE = 23, ECONNRESET = 104, EPIPE = 32;
    public const int ECONNREFUSED = 111, ECONNABORTED = 103, EPROTO = 71, ENOBUFS = 105, ENOMEM = 12, EADDRNOTAVAIL = 99, EADDRINUSE = 98, EACCES = 13;
    public const int AF_INET = 2, AF_INET6 = 10;
    public const int SOCK_STREAM = 1, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    public const int SOL_IP = 0, SOL_SOCKET = 1, IPPROTO_TCP = 6, SOL_IPV6 = 41;
    public const int SO_REUSEADDR = 2, SO_ERROR = 4, SO_KEEPALIVE = 9, SO_LINGER = 13, SO_REUSEPORT = 15;
    public const int SO_ORIGINAL_DST = 80, IP_TRANSPARENT = 19, IP_FREEBIND = 15, IPV6_V6ONLY = 26, IPV6_FREEBIND = 78, IP_BIND_ADDRESS_NO_PORT = 24;
    public const int TCP_NODELAY = 1, TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_KEEPCNT = 6;
    public const int MSG_PEEK = 2, MSG_NOSIGNAL = 0x4000;
    public const int EPOLL_CLOEXEC = 0x80000, EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
    public const uint EPOLLIN = 1, EPOLLOUT = 4, EPOLLERR = 8, EPOLLHUP = 16, EPOLLRDHUP = 0x2000, EPOLLET = 1u << 31;
    public const int EFD_NONBLOCK = 0x800, EFD_CLOEXEC = 0x80000;
    public const int O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000, O_WRONLY = 1, O_CREAT = 0x40, O_APPEND = 0x400;
    public const uint SPLICE_F_MOVE = 1, SPLICE_F_NONBLOCK = 2;
    public const int F_SETPIPE_SZ = 1031;
    public const int SHUT_WR = 1;
    private const int PR_SET_TIMERSLACK = 29;

    /// <summary>errno of the calling thread.</summary>
    public static int Errno => *ErrnoLocation();

    [LibraryImport("libc", EntryPoint = "__errno_location")]
    [SuppressGCTransition]
    private static partial int* ErrnoLocation();

    // recv and send of glibc are cancellation points: in a process with threads each changes a word before and after by a locked
    // instruction, for a pthread_cancel that nobody calls. syscall(2) is none.
    private static readonly nint ReceiveNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 207 : 45; // recvfrom

    private static readonly nint SendNumber = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 206 : 44; // sendto

    /// <summary>recv(2).</summary>
    public static nint Receive(int fd, byte* buffer, nint length, int flags) => SystemCall(ReceiveNumber, fd, buffer, length, flags, 0, 0);

    /// <summary>send(2).</summary>
    public static nint Send(int fd, byte* buffer, nint length, int flags) => SystemCall(SendNumber, fd, buffer, length, flags, 0, 0);

    [LibraryImport("libc", EntryPoint = "syscall")]
    [SuppressGCTransition]
    private static partial nint SystemCall(nint number, nint fd, byte* buffer, nint length, nint flags, nint address, nint addressLength);

    [LibraryImport("libc", EntryPoint = "splice", SetLastError = true)]
    public static partial nint Splice(int fromFd, long* fromOffset, int toFd, long* toOffset, nint length, uint flags);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    public static partial int Pipe(int* ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    public static partial int FileControl(int fd, int command, int argument);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, SocketAddressBytes* address, int length);

    [LibraryImport("libc", EntryPoint = "listen", SetLastError = true)]
    public static partial int Listen(int fd, int backlog);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    public static partial int Accept(int fd, SocketAddressBytes* address, int* length, int flags);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(int fd, SocketAddressBytes* address, int length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int fd, SocketAddressBytes* address, int* length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetSocketOption(int fd, int level, int name, void* value, int* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetSocketOption(int fd, int level, int name, void* value, int length);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    public static partial int Shutdown(int fd, int how);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, void* buffer, nint length);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    public static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    public static partial int EpollControl(int epoll, int operation, int fd, EpollEvent* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    public static partial int EpollWait(int epoll, EpollEvent* ready, int capacity, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    public static partial int Sleep(TimeSpec* time, TimeSpec* left);

    /// <summary>Makes the calling thread's sleeps exact to a microsecond; by default the kernel rounds them up to 50 more.</summary>
    public static void SleepExactly() => _ = ProcessControl(PR_SET_TIMERSLACK, 1000, 0, 0, 0);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, ulong first, ulong second, ulong third, ulong fourth);

    /// <summary>Gives free memory of malloc's arenas back to the system (the JIT compiler's, above all).</summary>
    public static void TrimHeap() => _ = MallocTrim(0);

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nint keep);

    /// <summary>struct timespec on 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    /// <summary>struct epoll_event, packed as on x86-64.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    public struct EpollEvent
    {
        public uint Events;
        public ulong Data;
    }

    /// <summary>Room for sockaddr_in (16 bytes) and sockaddr_in6 (28 bytes), in network order where the kernel wants it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = Size)]
    public struct SocketAddressBytes
    {
        public const int Size = 28;

        public static SocketAddressBytes From(in IpEndpoint endpoint, out int length)
        {
            SocketAddressBytes address = default;
            var bytes = new Span<byte>(&address, Size);
            var family = endpoint.IsIPv6 ? AF_INET6 : AF_INET;
            bytes[0] = (byte)family;
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], endpoint.Port);
            endpoint.WriteAddress(bytes[(family == AF_INET6 ? 8 : 4)..], out _);
            length = family == AF_INET6 ? 28 : 16;
            return address;
        }

        public readonly IpEndpoint ToEndpoint()
        {
            fixed (SocketAddressBytes* self = &this)
            {
                var bytes = new ReadOnlySpan<byte>(self, Size);
                var port = System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
                return bytes[0] switch
                {
                    AF_INET => IpEndpoint.FromIPv4(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port),
                    AF_INET6 => IpEndpoint.FromIPv6(bytes.Slice(8, 16), port),
                    _ => default,
                };
            }
        }
    }
}
