using System.Text.Json.Nodes;
using Fairlead.Node.Machine;

namespace Fairlead.Node.Runtime;

/// <summary>A container plan → the OCI runtime configuration (<c>config.json</c>, runtime-spec 1.0.2).</summary>
internal static class OciConfiguration
{
    /// <summary>What a container may hold at the most: Docker's default set without NET_RAW and MKNOD (ping goes without, devices are none).</summary>
    public static IReadOnlyList<string> AllowedCapabilities { get; } =
    [
        "CAP_AUDIT_WRITE", "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT",
    ];

    /// <summary>Microseconds over which a CPU limit is counted (the kernel's default).</summary>
    private const long CpuPeriod = 100_000;

    private static readonly string[] Masked =
        ["/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap", "/sys/kernel/debug", "/sys/fs/cgroup"];

    private static readonly string[] ReadOnly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

    public static JsonObject Render(ContainerPlan plan)
    {
        var capabilities = plan.Uid == 0 ? plan.Capabilities : [];
        return new JsonObject
        {
            ["ociVersion"] = "1.0.2",
            ["hostname"] = plan.HostName,
            ["process"] = new JsonObject
            {
                ["terminal"] = plan.Terminal,
                ["user"] = new JsonObject
                {
                    ["uid"] = plan.Uid,
                    ["gid"] = plan.Gid,
                    ["additionalGids"] = new JsonArray([.. plan.Groups.Select(group => (JsonNode?)group)]),
                },
                ["args"] = JsonTree.Array(plan.Arguments),
                ["env"] = JsonTree.Array(plan.Environment),
                ["cwd"] = plan.WorkingDirectory,
                ["noNewPrivileges"] = true,
                ["capabilities"] = new JsonObject
                {
                    ["bounding"] = JsonTree.Array(plan.Capabilities),
                    ["effective"] = JsonTree.Array(capabilities),
                    ["permitted"] = JsonTree.Array(capabilities),
                },
            },
            ["root"] = new JsonObject { ["path"] = "rootfs", ["readonly"] = plan.ReadOnlyRoot },
            ["mounts"] = Mounts(plan),
            ["annotations"] = plan.Annotations.DeepClone(),
            ["linux"] = new JsonObject
            {
                ["cgroupsPath"] = plan.CgroupPath,
                ["namespaces"] = new JsonArray(
                    Namespace("pid"), Namespace("ipc"), Namespace("uts"), Namespace("mount"),
                    new JsonObject { ["type"] = "network", ["path"] = plan.NetworkNamespace }),
                ["maskedPaths"] = JsonTree.Array(Masked),
                ["readonlyPaths"] = JsonTree.Array(ReadOnly),
                ["seccomp"] = SystemCallFilter.Profile(plan.IsSidecar),
                ["resources"] = Resources(plan),
            },
        };
    }

    private static JsonObject Namespace(string type) => new() { ["type"] = type };

    private static JsonArray Mounts(ContainerPlan plan)
    {
        var mounts = new JsonArray(
            Mount("/proc", "proc", "proc", []),
            Mount("/dev", "tmpfs", "tmpfs", ["nosuid", "strictatime", "mode=755", "size=65536k"]),
            Mount("/dev/pts", "devpts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
            Mount("/dev/shm", "tmpfs", "shm", ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
            Mount("/dev/mqueue", "mqueue", "mqueue", ["nosuid", "noexec", "nodev"]),
            Mount("/sys", "sysfs", "sysfs", ["nosuid", "noexec", "nodev", "ro"]));
        foreach (var mount in plan.Mounts)
            mounts.Add(Mount(mount.Target, "bind", mount.Source, ["rbind", "rprivate", "nosuid", "nodev", mount.ReadOnly ? "ro" : "rw"]));
        return mounts;
    }

    private static JsonObject Mount(string destination, string type, string source, string[] options) => new()
    {
        ["destination"] = destination,
        ["type"] = type,
        ["source"] = source,
        ["options"] = JsonTree.Array(options),
    };

    private static JsonObject Resources(ContainerPlan plan)
    {
        var resources = new JsonObject
        {
            ["devices"] = new JsonArray(new JsonObject { ["allow"] = false, ["access"] = "rwm" }),
            ["pids"] = new JsonObject { ["limit"] = ContainerRuntime.ProcessLimit },
        };
        if (plan.MemoryLimit is { } memory)
            resources["memory"] = new JsonObject { ["limit"] = memory };
        var cpu = new JsonObject();
        if (plan.CpuLimit is { } limit)
        {
            cpu["quota"] = Math.Max(limit * CpuPeriod / 1000, 1000);
            cpu["period"] = CpuPeriod;
        }
        if (plan.CpuRequest is { } request)
            cpu["shares"] = Math.Clamp(request * 1024 / 1000, 2, 262_144);
        if (cpu.Count > 0)
            resources["cpu"] = cpu;
        return resources;
    }
}
