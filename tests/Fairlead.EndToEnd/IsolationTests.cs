using System.Text.RegularExpressions;

namespace Fairlead.EndToEnd;

/// <summary>What a container tries against its machine, its sidecar and its neighbours, and what comes of it.</summary>
[Collection(MeshTests.Name)]
public sealed class IsolationTests(Mesh mesh)
{
    private const string Python = "kubectl exec -i deploy/httpbin -c httpbin -- python3 -";

    /// <summary>Attempt, what runs in the container as root, what it must print.</summary>
    private static readonly (string Attempt, string Program, string Printed)[] Attempts =
    [
        ("become the sidecar's user", "import os\ntry: os.setuid(1337)\nexcept PermissionError: print('refused')", "^refused$"),
        ("become the sidecar's user by another call", "import os\ntry: os.setresuid(0, 1337, 0)\nexcept PermissionError: print('refused')", "^refused$"),
        ("become the sidecar's group", "import os\ntry: os.setgid(1337)\nexcept PermissionError: print('refused')", "^refused$"),
        ("hold no capability beyond the allowed", "print([l for l in open('/proc/self/status') if l.startswith('CapEff')][0])", @"^CapEff:\s+00000000[0-9a-f]+$"),
        ("gain privileges by a set-uid file", "print([l for l in open('/proc/self/status') if l.startswith('NoNewPrivs')][0])", @"^NoNewPrivs:\s+1$"),
        ("call the kernel unfiltered", "print([l for l in open('/proc/self/status') if l.startswith('Seccomp:')][0])", @"^Seccomp:\s+2$"),
        ("mount", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.mount(b'tmpfs', b'/mnt', b'tmpfs', 0, None)\nprint(ctypes.get_errno())", "^1$"),
        ("make a network namespace of its own", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.unshare(0x40000000)\nprint(ctypes.get_errno())", "^1$"),
        ("open a raw socket", "import socket\ntry: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nexcept PermissionError: print('refused')", "^refused$"),
        ("change the rules of capture", "import socket, struct\ns = socket.socket(16, socket.SOCK_RAW, 12)\ns.bind((0, 0))\n"
            + "batch = struct.pack('=IHHIIBBH', 20, 16, 1, 1, 0, 0, 0, 10 << 8)\n"
            + "flush = struct.pack('=IHHIIBBH', 20, (10 << 8) | 2, 5, 2, 0, 1, 0, 0)\n"
            + "end = struct.pack('=IHHIIBBH', 20, 17, 1, 3, 0, 0, 0, 10 << 8)\ns.send(batch + flush + end)\n"
            + "print(struct.unpack('=i', s.recv(4096)[16:20])[0])", "^-1$"),
        ("see the processes of the sidecar", "import os\nprint(any('fairlead-proxy' in open(f'/proc/{p}/cmdline').read() for p in os.listdir('/proc') if p.isdigit()))", "^False$"),
        ("see the machine's state and credentials", "import os\nprint([p for p in ('/var/lib/fairlead', '/root/.kube', '/run/runc', '/run/netns') if os.path.exists(p)])", @"^\[\]$"),
        ("see the machine's devices", "import os, stat\nprint([d for d in os.listdir('/dev') if stat.S_ISBLK(os.stat('/dev/' + d).st_mode)])", @"^\[\]$"),
        ("make a device", "import os, stat\ntry: os.mknod('/tmp/sda', stat.S_IFBLK | 0o600, os.makedev(8, 0))\nexcept PermissionError: print('refused')", "^refused$"),
        ("write to the machine's settings", "try: open('/proc/sys/net/ipv4/ip_forward', 'w')\nexcept OSError as e: print(e.errno)", "^30$"),
        ("fill the machine's disk", "import os\ntry:\n  with open('/tmp/fill', 'wb') as f:\n    for _ in range(20000): f.write(b'x' * 1048576)\n  print('filled')\nexcept OSError as e: print(e.errno)\nfinally: os.remove('/tmp/fill')", "^28$"),
        ("read the sidecar's token", "import os\nprint(os.path.exists('/var/run/secrets/tokens/istio-token'))", "^False$"),
    ];

    public static TheoryData<string> Names => [.. Attempts.Select(one => one.Attempt)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_container_cannot(string attempt)
    {
        var (_, program, printed) = Attempts.Single(one => one.Attempt == attempt);
        (await mesh.BlockAsync("kubectl apply -f samples/httpbin/httpbin.yaml && kubectl rollout status deploy/httpbin --timeout=120s")).ExitCode.ShouldBe(0);
        var result = await mesh.BlockAsync($"{Python} <<'EOF'\n{program}\nEOF");
        Regex.IsMatch(result.Output, printed, RegexOptions.Multiline).ShouldBeTrue(result.Output);
    }

    [Fact]
    public async Task What_a_container_writes_no_other_sees()
    {
        (await mesh.BlockAsync("kubectl apply -f samples/sleep/sleep.yaml && kubectl scale deploy/sleep --replicas=2 && kubectl rollout status deploy/sleep --timeout=120s")).ExitCode.ShouldBe(0);
        var written = await mesh.BlockAsync("""
            set -- $(kubectl get pod -l app=sleep -o jsonpath='{.items[*].metadata.name}')
            kubectl exec $1 -c sleep -- sh -c 'echo mine >/tmp/mark; cat /tmp/mark'
            kubectl exec $2 -c sleep -- cat /tmp/mark
            kubectl exec $1 -c istio-proxy -- cat /tmp/mark
            kubectl scale deploy/sleep --replicas=1
            """);
        Regex.Count(written.Output, "^mine$", RegexOptions.Multiline).ShouldBe(1, written.Output);
        Regex.Count(written.Output, "No such file").ShouldBe(2, written.Output);
    }
}
