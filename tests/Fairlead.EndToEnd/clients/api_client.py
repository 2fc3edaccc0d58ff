"""Kubernetes' Python client (Debian's python3-kubernetes) against the API server of the kubeconfig given: a line for each thing that worked."""
import json
import sys
import threading

from kubernetes import client, config, dynamic, watch

config.load_kube_config(config_file=sys.argv[1])
core, custom = client.CoreV1Api(), client.CustomObjectsApi()
seen, gone = [], threading.Event()


def follow():
    for event in watch.Watch().stream(core.list_namespaced_config_map, "default", timeout_seconds=60):
        if event["object"].metadata.name == "py":
            seen.append(event["type"])
            if event["type"] == "DELETED":
                gone.set()
                return


threading.Thread(target=follow, daemon=True).start()
made = core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="py"), data={"a": "1"}))
print("created", made.data["a"])
print("patched", core.patch_namespaced_config_map("py", "default", {"data": {"a": "2"}}).data["a"])
try:
    core.create_namespaced_config_map("default", client.V1ConfigMap(metadata=client.V1ObjectMeta(name="py")))
except client.ApiException as fault:
    print("refused", fault.status, json.loads(fault.body)["reason"])
core.delete_namespaced_config_map("py", "default")
if not gone.wait(30):
    raise SystemExit(f"the removal was not seen; seen: {seen}")
print("watched", *dict.fromkeys(seen))

entries = ("networking.istio.io", "v1", "default", "serviceentries")
spec = {"hosts": ["py.example"], "ports": [{"number": 80, "name": "http", "protocol": "HTTP"}], "resolution": "DNS"}
custom.create_namespaced_custom_object(*entries, {"apiVersion": "networking.istio.io/v1", "kind": "ServiceEntry", "metadata": {"name": "py"}, "spec": spec})
custom.patch_namespaced_custom_object(*entries, "py", {"spec": {"location": "MESH_EXTERNAL"}})
found = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="networking.istio.io/v1", kind="ServiceEntry").get(namespace="default")
print("custom", *(f"{item.spec.hosts[0]} {item.spec.location}" for item in found.items))
custom.delete_namespaced_custom_object(*entries, "py")
