using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fairlead.Proxy.Loop;

/// <summary>A system call that must not fail did: names the call and the errno.</summary>
internal sealed class SystemCallException(string call, int errno) : Exception($"{call}: {new Win32Exception(errno).Message} (errno {errno})")
{
    public int Errno { get; } = errno;

    public static int Check(int result, string call) => result < 0 ? throw Last(call) : result;

    public static SystemCallException Last(string call) => new(call, Marshal.GetLastPInvokeError());
}
