using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Runtime;

/// <summary>
/// The containers' seccomp filter: what needs privileges over the kernel or reaches out of the container is refused (the calls that Docker's default
/// profile withholds), and so is taking the sidecar's uid or gid, whose traffic bypasses capture.
/// </summary>
internal static class SystemCallFilter
{
    private const int SidecarId = 1337;
    private const int NotPermitted = 1;
    private const int NotImplemented = 38;
    private const ulong LowerHalf = 0xffffffff;

    /// <summary>CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.</summary>
    private const ulong AnyNamespace = 0x7E020000;

    private const int VirtualMachineSockets = 40;
    private const int KernelCryptoSockets = 38;

    private static readonly string[] Refused =
    [
        "acct", "add_key", "bpf", "clock_adjtime", "clock_settime", "create_module", "delete_module", "fanotify_init", "finit_module", "fsconfig", "fsmount", "fsopen",
        "fspick", "get_kernel_syms", "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup", "ioperm", "iopl", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
        "lookup_dcookie", "mount", "mount_setattr", "move_mount", "name_to_handle_at", "nfsservctl", "open_by_handle_at", "open_tree", "perf_event_open", "pivot_root",
        "process_madvise", "process_vm_readv", "process_vm_writev", "query_module", "quotactl", "quotactl_fd", "reboot", "request_key", "setdomainname", "sethostname", "setns",
        "settimeofday", "swapoff", "swapon", "_sysctl", "sysfs", "syslog", "umount2", "unshare", "uselib", "userfaultfd", "ustat", "vhangup", "adjtimex", "move_pages", "mbind",
    ];

    /// <summary>Calls that set ids, and which of their arguments do.</summary>
    private static readonly (string Call, int Arguments)[] IdentityCalls =
    [
        ("setuid", 1), ("setgid", 1), ("setfsuid", 1), ("setfsgid", 1), ("setreuid", 2), ("setregid", 2), ("setresuid", 3), ("setresgid", 3),
    ];

    public static JsonObject Profile(bool isSidecar)
    {
        var rules = new JsonArray
        {
            Refuse(Refused, NotPermitted),
            // Its flags lie in memory, where a filter cannot look: "not implemented" makes every libc fall back to clone.
            Refuse(["clone3"], NotImplemented),
            Refuse(["socket"], NotPermitted, Equal(0, VirtualMachineSockets)),
            Refuse(["socket"], NotPermitted, Equal(0, KernelCryptoSockets)),
        };
        foreach (var bit in Bits(AnyNamespace))
            rules.Add(Refuse(["clone"], NotPermitted, Masked(0, bit, bit)));
        if (!isSidecar)
        {
            foreach (var (call, arguments) in IdentityCalls)
            {
                for (var index = 0; index < arguments; index++)
                    rules.Add(Refuse([call], NotPermitted, Masked(index, LowerHalf, SidecarId)));
            }
        }
        return new JsonObject
        {
            ["defaultAction"] = "SCMP_ACT_ALLOW",
            ["architectures"] = new JsonArray("SCMP_ARCH_X86_64"),
            ["syscalls"] = rules,
        };
    }

    private static IEnumerable<ulong> Bits(ulong mask)
    {
        for (var bit = 1UL; bit <= mask; bit <<= 1)
        {
            if ((mask & bit) != 0)
                yield return bit;
        }
    }

    private static JsonObject Refuse(string[] calls, int error, JsonObject? condition = null)
    {
        var rule = new JsonObject { ["names"] = JsonTree.Array(calls), ["action"] = "SCMP_ACT_ERRNO", ["errnoRet"] = error };
        if (condition is not null)
            rule["args"] = new JsonArray(condition);
        return rule;
    }

    private static JsonObject Equal(int index, ulong value) => new() { ["index"] = index, ["value"] = value, ["op"] = "SCMP_CMP_EQ" };

    private static JsonObject Masked(int index, ulong mask, ulong value) => new() { ["index"] = index, ["value"] = mask, ["valueTwo"] = value, ["op"] = "SCMP_CMP_MASKED_EQ" };
}
