// Plays proxies against the control plane with gRPC's own JavaScript client and Envoy's genuine definitions, and prints what it sees.
// usage: node xds-client.mjs PLAINTEXT TLS ROOT-FILE TOKEN   (addresses HOST:PORT)
import { createRequire } from "node:module";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const require = createRequire(path.join(here, "package.json"));
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const [plaintext, tls, rootFile, token] = process.argv.slice(2);

const deps = path.join(here, "node_modules", "@grpc/grpc-js-xds/deps");
const definition = loader.loadSync("envoy/service/discovery/v3/ads.proto", {
  keepCase: true,
  arrays: true,
  includeDirs: ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => path.join(deps, name)),
});
const Client = grpc.makeGenericClientConstructor(definition["envoy.service.discovery.v3.AggregatedDiscoveryService"]);
const type = (name) => `type.googleapis.com/envoy.config.${name}`;
const [CDS, EDS, LDS, RDS] = ["cluster.v3.Cluster", "endpoint.v3.ClusterLoadAssignment", "listener.v3.Listener", "route.v3.RouteConfiguration"].map(type);
const node = (name, ns = "default") => ({ id: `sidecar~10.244.9.9~${name}.${ns}~${ns}.svc.cluster.local`, cluster: name });

const insecure = () => new Client(plaintext, grpc.credentials.createInsecure(), { "grpc.max_receive_message_length": 64 << 20 });

/** A stream whose messages are asked for one at a time. */
function open(client, method, metadata = new grpc.Metadata()) {
  const call = client[method](metadata);
  const waiting = [];
  const come = [];
  let ended = null;
  const settle = () => { while (waiting.length && (come.length || ended)) waiting.shift()(come.length ? come.shift() : ended); };
  call.on("data", (message) => { come.push(message); settle(); });
  call.on("error", (fault) => { ended = { status: `${grpc.status[fault.code]}: ${fault.details}` }; settle(); });
  call.on("end", () => { ended ??= { status: "end" }; settle(); });
  return { call, next: () => new Promise((give) => { waiting.push(give); settle(); }) };
}

async function next(stream, wanted) {
  const message = await stream.next();
  if (message.status || message.type_url !== wanted) throw new Error(`wanted ${wanted}, got ${message.status ?? message.type_url}`);
  return message;
}

const get = (url) => new Promise((give, fail) => http.get(url, (answer) => {
  let text = "";
  answer.on("data", (part) => { text += part; }).on("end", () => give(text));
}).on("error", fail));
const listed = async (name) => JSON.parse(await get(`http://${plaintext.split(":")[0]}:15014/debug/syncz`)).find((proxy) => proxy.proxy === `${name}.default`);
async function until(what, holds) {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return console.log(what);
    await new Promise((wake) => setTimeout(wake, 50));
  }
  throw new Error(`not within 10 s: ${what}`);
}

async function stateOfTheWorld() {
  const client = insecure();
  const stream = open(client, "StreamAggregatedResources");
  // Some clients send nothing before they have the response's headers.
  await new Promise((give) => stream.call.on("metadata", give));
  console.log("headers came before the first request");
  stream.call.write({ node: node("js-sotw"), type_url: CDS });
  const clusters = await next(stream, CDS);
  console.log("clusters", clusters.resources.length > 3, clusters.version_info.length > 0);
  stream.call.write({ type_url: CDS, version_info: clusters.version_info, response_nonce: clusters.nonce });
  stream.call.write({ type_url: EDS, resource_names: ["outbound|8000||httpbin.default.svc.cluster.local", "no-such-cluster"] });
  const endpoints = await next(stream, EDS);
  console.log("endpoints", endpoints.resources.length);
  stream.call.write({ type_url: EDS, version_info: endpoints.version_info, response_nonce: endpoints.nonce, resource_names: ["outbound|8000||httpbin.default.svc.cluster.local", "no-such-cluster"] });
  stream.call.write({ type_url: LDS });
  const listeners = await next(stream, LDS);
  stream.call.write({ type_url: LDS, version_info: "", response_nonce: listeners.nonce, error_detail: { code: 3, message: "this client takes no listeners" } });
  await until("the refusal is known", async () => (await listed("js-sotw"))?.types.find((one) => one.type === "LDS")?.reason.includes("takes no listeners"));
  stream.call.write({ type_url: RDS, resource_names: ["8000"] });
  console.log("routes", (await next(stream, RDS)).resources.length);
  stream.call.cancel();
  console.log("cancelled", (await stream.next()).status);
  await until("and forgotten", async () => !(await listed("js-sotw")));
  client.close();
}

async function delta() {
  const client = insecure();
  const stream = open(client, "DeltaAggregatedResources");
  stream.call.write({ node: node("js-delta"), type_url: CDS });
  const clusters = await next(stream, CDS);
  stream.call.write({ type_url: CDS, response_nonce: clusters.nonce });
  stream.call.write({ type_url: EDS, resource_names_subscribe: ["outbound|8000||httpbin.default.svc.cluster.local", "no-such-cluster"] });
  const endpoints = await next(stream, EDS);
  console.log("delta endpoints", endpoints.resources.map((one) => one.name).join(), "removed", endpoints.removed_resources.join());
  stream.call.write({ type_url: EDS, response_nonce: endpoints.nonce, resource_names_unsubscribe: ["no-such-cluster"] });
  stream.call.end();
  console.log("delta end", (await stream.next()).status);
  client.close();
}

async function limits() {
  const client = insecure();
  const names = (bytes) => Array.from({ length: bytes / 100 }, (_, i) => `outbound|80||${String(i).padStart(87, "x")}`);
  const large = open(client, "StreamAggregatedResources");
  large.call.write({ node: node("js-large"), type_url: EDS, resource_names: names(5 << 20) });
  console.log("a request of 5 MB is answered", (await next(large, EDS)).resources.length);
  large.call.cancel();
  const huge = open(client, "StreamAggregatedResources");
  huge.call.write({ node: node("js-huge"), type_url: EDS, resource_names: names(20 << 20) });
  console.log("one of 20 MB", (await huge.next()).status.replace(/\d{3,}/g, "N"));
  const nobody = open(client, "StreamAggregatedResources");
  nobody.call.write({ type_url: CDS });
  console.log("no node", (await nobody.next()).status);
  const other = new (grpc.makeGenericClientConstructor({ Nothing: { ...definition["envoy.service.discovery.v3.AggregatedDiscoveryService"].StreamAggregatedResources, path: "/none.Service/Nothing" } }))(plaintext, grpc.credentials.createInsecure());
  console.log("another method", (await open(other, "Nothing").next()).status);
  client.close();
  other.close();
}

async function identity() {
  const client = new Client(tls, grpc.credentials.createSsl(fs.readFileSync(rootFile)), { "grpc.ssl_target_name_override": "istiod.istio-system.svc", "grpc.default_authority": "istiod.istio-system.svc" });
  const attempt = async (what, bearer, who) => {
    const metadata = new grpc.Metadata();
    if (bearer) metadata.set("authorization", `Bearer ${bearer}`);
    const stream = open(client, "StreamAggregatedResources", metadata);
    stream.call.write({ node: who, type_url: CDS });
    const answer = await stream.next();
    console.log(what, answer.status ?? "served");
    if (!answer.status) stream.call.cancel();
  };
  await attempt("no token:", "", node("js-tls"));
  await attempt("a forged token:", "a.b.c", node("js-tls"));
  await attempt("another namespace's node:", token, node("js-tls", "kube-system"));
  await attempt("its own:", token, node("js-tls"));
  client.close();
}

async function xdsClient() {
  process.env.GRPC_XDS_BOOTSTRAP_CONFIG = JSON.stringify({
    xds_servers: [{ server_uri: plaintext, channel_creds: [{ type: "insecure" }], server_features: ["xds_v3"] }],
    node: { ...node("js-xds"), locality: {} },
  });
  require("@grpc/grpc-js-xds").register();
  const client = new Client("xds:///not-offered.example", grpc.credentials.createInsecure());
  const call = open(client, "StreamAggregatedResources");
  // A sidecar's listeners are no gRPC client's: it is answered without the one that it asks for, and acknowledges that.
  await until("gRPC's xDS client acknowledges", async () => (await listed("js-xds"))?.types.find((one) => one.type === "LDS")?.state === "SYNCED");
  call.call.cancel();
  client.close();
}

await stateOfTheWorld();
await delta();
await limits();
await identity();
await xdsClient();
process.exit(0);
