// Kubernetes' JavaScript client against the API server of the kubeconfig given: prints a line for each thing that worked.
import { ApiException, CoreV1Api, CustomObjectsApi, KubeConfig, makeInformer } from "@kubernetes/client-node";

const config = new KubeConfig();
config.loadFromFile(process.argv[2]);
const core = config.makeApiClient(CoreV1Api);
const custom = config.makeApiClient(CustomObjectsApi);
const entries = { group: "networking.istio.io", version: "v1", namespace: "default", plural: "serviceentries" };
const namespace = "default";

const seen = [];
const informer = makeInformer(config, "/api/v1/namespaces/default/configmaps", () => core.listNamespacedConfigMap({ namespace }));
for (const event of ["add", "update", "delete"]) informer.on(event, (map) => map.metadata.name === "js" && seen.push(event));
const failed = new Promise((_, reject) => informer.on("error", reject));
await informer.start();

async function until(condition, what) {
  for (let i = 0; i < 200 && !condition(); i++) await Promise.race([new Promise((done) => setTimeout(done, 50)), failed]);
  if (!condition()) throw new Error(`${what} did not come; seen: ${seen}`);
}

const made = await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "js" }, data: { a: "1" } } });
console.log("created", made.data.a);
await until(() => seen.includes("add"), "the addition");
const patched = await core.patchNamespacedConfigMap({ name: "js", namespace, body: [{ op: "replace", path: "/data/a", value: "2" }] });
console.log("patched", patched.data.a);
await until(() => seen.includes("update"), "the change");
try {
  await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: "js" } } });
} catch (fault) {
  console.log("refused", fault instanceof ApiException, fault.code, JSON.parse(fault.body).reason);
}
await core.deleteNamespacedConfigMap({ name: "js", namespace });
await until(() => seen.includes("delete"), "the removal");
console.log("informer", seen.join(" "));
await informer.stop();

const spec = { hosts: ["js.example"], ports: [{ number: 80, name: "http", protocol: "HTTP" }], resolution: "DNS" };
await custom.createNamespacedCustomObject({ ...entries, body: { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata: { name: "js" }, spec } });
const list = await custom.listNamespacedCustomObject(entries);
console.log("custom", list.items.map((item) => item.spec.hosts[0]).join(" "));
await custom.deleteNamespacedCustomObject({ ...entries, name: "js" });
process.exit(0);
