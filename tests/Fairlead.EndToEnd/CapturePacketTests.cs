using System.Text;
using Fairlead.App.Walkthrough;

namespace Fairlead.EndToEnd;

/// <summary>
/// Who gets which connection: real packets through the rules that <c>fairlead capture</c> makes of each annotation's flag, in network
/// namespaces of the test's own. A connection is answered by whoever accepts it: 15001 and 15006 are the sidecar's listeners.
/// </summary>
public sealed class CapturePacketTests
{
    private const string Usual = "-p 15001 -z 15006 -u 1337 -m REDIRECT";
    private const string Pod = "10.244.9.2";
    private const string Peer = "203.0.113.9";

    /// <summary>Starts the two ends; <c>from USER ADDRESS PORT</c> and <c>into PORT</c> print who answers.</summary>
    private const string Ends = """
        set -e
        ip netns add pod; ip netns add peer
        for n in pod peer; do ip -n $n link set lo up; done
        ip -n pod link add eth0 type veth peer name eth0 netns peer
        ip -n pod addr add 10.244.9.2/32 dev eth0; ip -n peer addr add 203.0.113.9/32 dev eth0; ip -n peer addr add 198.51.100.9/32 dev eth0
        for n in pod peer; do ip -n $n link set eth0 up; done
        ip -n pod route add 203.0.113.9 dev eth0; ip -n pod route add 198.51.100.9 dev eth0; ip -n peer route add 10.244.9.2 dev eth0
        answer='
        import selectors, socket, sys
        ready = selectors.DefaultSelector()
        for port in sys.argv[2:]:
            listener = socket.create_server(("", int(port)))
            ready.register(listener, selectors.EVENT_READ, port)
        print("up", flush=True)
        while True:
            for key, _ in ready.select():
                connection, _ = key.fileobj.accept()
                connection.sendall(f"{sys.argv[1]}{key.data}\n".encode())
                connection.close()
        '
        mkfifo $LOAD.pod $LOAD.peer
        ip netns exec pod /usr/bin/python3 -c "$answer" "" 15001 15006 15008 15020 15021 15090 8080 8081 >$LOAD.pod &
        ip netns exec peer /usr/bin/python3 -c "$answer" peer: 80 443 9999 >$LOAD.peer &
        head -1 $LOAD.pod >/dev/null; head -1 $LOAD.peer >/dev/null
        ask='import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3); print(s.recv(64).decode().strip())'
        from() { ip netns exec pod setpriv --reuid "$1" --regid "$1" --clear-groups /usr/bin/python3 -c "$ask" "$2" "$3" 2>&1 | tail -1; }
        into() { ip netns exec peer /usr/bin/python3 -c "$ask" 10.244.9.2 "$1" 2>&1 | tail -1; }
        rules() { ip netns exec pod nft flush ruleset; ip netns exec pod fairlead capture -- "$@" >/dev/null 2>$LOAD.rules || cat $LOAD.rules; }
        set +e
        """;

    /// <summary>Flags after the usual ones, the connection, who must answer.</summary>
    private static readonly (string Flags, string Connection, string Answer)[] Table =
    [
        ("-i '*' -b '*'", $"from 1000 {Peer} 80", "15001"),
        ("-i '*' -b '*'", $"from 0 {Peer} 443", "15001"),
        ("-i '*' -b '*'", $"from 1337 {Peer} 80", "peer:80"), // the sidecar's own calls leave
        ("-i '*' -b '*'", "from 1000 127.0.0.1 8080", "8080"), // loopback is the application's
        ("-i '*' -b '*'", $"from 1000 {Pod} 8080", "8080"), // itself by its own address: not through the sidecar
        ("-i '*' -b '*'", $"from 1337 {Pod} 8080", "15006"), // the sidecar to its own application: inbound
        ("-i '*' -b '*'", "from 1337 127.0.0.1 8080", "8080"),
        ("-i '*' -b '*'", "into 8080", "15006"),
        ("-i '*' -b '*'", "into 8081", "15006"),
        ("-i '*' -b '*'", "into 15008", "15008"),
        ("-i '*' -b '*'", "into 15020", "15020"),
        ("-i '*' -b '*'", "into 15021", "15021"),
        ("-i '*' -b '*'", "into 15090", "15090"),
        ("-i '' -b '*'", $"from 1000 {Peer} 80", "peer:80"), // includeOutboundIPRanges: ""
        ($"-i {Peer}/32 -b '*'", $"from 1000 {Peer} 80", "15001"),
        ($"-i {Peer}/32 -b '*'", "from 1000 198.51.100.9 80", "peer:80"),
        ("-i 203.0.113.0/24,198.51.100.0/25 -b '*'", "from 1000 198.51.100.9 80", "15001"),
        ("-i '*' -x 203.0.113.0/24 -b '*'", $"from 1000 {Peer} 80", "peer:80"), // excludeOutboundIPRanges
        ("-i '*' -x 203.0.113.0/24 -b '*'", "from 1000 198.51.100.9 80", "15001"),
        ("-i '*' -o 443 -b '*'", $"from 1000 {Peer} 443", "peer:443"), // excludeOutboundPorts
        ("-i '*' -o 443 -b '*'", $"from 1000 {Peer} 80", "15001"),
        ("-i '' -q 9999 -b '*'", $"from 1000 {Peer} 9999", "15001"), // includeOutboundPorts
        ("-i '' -q 9999 -b '*'", $"from 1000 {Peer} 80", "peer:80"),
        ("-i '*' -x 203.0.113.0/24 -q 9999 -b '*'", $"from 1000 {Peer} 80", "peer:80"),
        ("-i '*' -b 8081", "into 8081", "15006"), // includeInboundPorts
        ("-i '*' -b 8081", "into 8080", "8080"),
        ("-i '*' -b ''", "into 8080", "8080"),
        ("-i '*' -b '*' -d 8080", "into 8080", "8080"), // excludeInboundPorts
        ("-i '*' -b '*' -d 8080", "into 8081", "15006"),
        ("-i '*' -b '*' -c eth0", $"from 1000 {Peer} 80", "peer:80"), // excludeInterfaces
        ("-i '*' -b '*' -c eth0", "into 8080", "8080"),
        ("-i '*' -b '*' -u 2000", $"from 2000 {Peer} 80", "peer:80"), // another sidecar user
        ("-i '*' -b '*' -u 2000", $"from 1337 {Peer} 80", "15001"),
    ];

    [Fact]
    public async Task Every_row_of_the_decision_table_holds()
    {
        var folder = Directory.CreateTempSubdirectory("fairlead-capture-").FullName;
        try
        {
            var script = new StringBuilder(Ends).Append('\n');
            foreach (var (flags, connection, _) in Table)
                script.Append("rules ").Append(Usual).Append(' ').Append(flags).Append('\n').Append("echo \"= $(").Append(connection).Append(")\"\n");
            script.Append("kill %1 %2\n");
            var environment = new Dictionary<string, string> { ["LOAD"] = Path.Combine(folder, "ends") };
            await using var shell = await MeshShell.StartAsync(Sandbox.Command(["bash", "--norc", "--noprofile", "-s"], hasOwnNetwork: true), Published.Root, environment, folder, TimeProvider.System);
            await shell.RunAsync($"PATH=$PATH:{Path.GetDirectoryName(Published.Fairlead)}", _ => { }, TimeSpan.FromSeconds(60), default);
            var result = await shell.RunAsync(script.ToString(), _ => { }, TimeSpan.FromMinutes(3), default);
            var answers = result.Output.Split('\n').Where(line => line.StartsWith("= ", StringComparison.Ordinal)).Select(line => line[2..]).ToList();
            answers.Count.ShouldBe(Table.Length, result.Output);
            var faults = Table.Zip(answers).Where(pair => pair.First.Answer != pair.Second).Select(pair => $"{pair.First.Flags}: {pair.First.Connection} was answered by '{pair.Second}', not by {pair.First.Answer}").ToList();
            faults.ShouldBeEmpty(string.Join('\n', faults));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
