"""A pod's network for the rig: one namespace with the client, the sidecar and real capture rules, another with the upstream."""
import os
import subprocess

from subjects import UPSTREAM_PORT

CLIENT, SERVER = "10.244.250.2", "203.0.113.1"
PROXY_UID = "1337"


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")


class PodNetwork:
    """`pod` and `world` are names of namespaces; leaving the context removes both with everything in them."""

    def __init__(self, fairlead):
        self.fairlead = fairlead
        self.pod, self.world = f"flbench-pod-{os.getpid()}", f"flbench-world-{os.getpid()}"

    def __enter__(self):
        for name in (self.pod, self.world):
            run("ip", "netns", "add", name)
            run("ip", "-n", name, "link", "set", "lo", "up")
        run("ip", "-n", self.pod, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.world)
        for name, address, other in ((self.pod, CLIENT, SERVER), (self.world, SERVER, CLIENT)):
            run("ip", "-n", name, "addr", "add", f"{address}/32", "dev", "eth0")
            run("ip", "-n", name, "link", "set", "eth0", "up")
            run("ip", "-n", name, "route", "add", f"{other}/32", "dev", "eth0")
        return self

    def capture(self):
        run(*self.inside(self.pod, [self.fairlead, "capture", "--", "-p", "15001", "-z", "15006", "-u", PROXY_UID, "-m", "REDIRECT", "-i", "*", "-b", ""]))

    def release(self):
        run(*self.inside(self.pod, ["nft", "flush", "ruleset"]))

    def __exit__(self, *_):
        for name in (self.pod, self.world):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)

    @staticmethod
    def inside(name, command):
        return ["ip", "netns", "exec", name, *command]

    def place(self):
        """Where the sidecar's listener stands: not bound itself, reached through the virtual outbound listener."""
        return {
            "address": "0.0.0.0", "port": UPSTREAM_PORT, "bind": "false", "upstream": SERVER,
            "virtual_listener": '  - name: virtualOutbound\n    address: {socketAddress: {address: 0.0.0.0, portValue: 15001}}\n    trafficDirection: OUTBOUND\n'
                                "    useOriginalDst: true\n    filterChains:\n    - filters:\n      - name: envoy.filters.network.tcp_proxy\n        typedConfig:\n"
                                '          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy\n'
                                "          statPrefix: passthrough\n          cluster: outbound|80||svc.example\n",
        }
