// An ADS server that pushes as many endpoints a second as asked: grpc-js and Envoy's genuine definitions, of tests/npm.
// usage: node ads.mjs PORT ENDPOINTS
import { createRequire } from "node:module";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const npm = path.join(here, "..", "tests", "npm");
const require = createRequire(path.join(npm, "package.json"));
const grpc = require("@grpc/grpc-js");
const loader = require("@grpc/proto-loader");
const [port, endpoints] = process.argv.slice(2).map(Number);
const deps = path.join(npm, "node_modules", "@grpc/grpc-js-xds/deps");
const definition = loader.loadSync("envoy/service/discovery/v3/ads.proto", {
  keepCase: true,
  includeDirs: ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => path.join(deps, name)),
});
const protobuf = require("protobufjs");
const root = new protobuf.Root();
root.resolvePath = (_, target) =>
  ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => path.join(deps, name, target)).concat(path.join(npm, "node_modules/protobufjs", target)).find((file) => require("node:fs").existsSync(file)) ?? null;
root.loadSync("envoy/config/endpoint/v3/endpoint.proto", { keepCase: true });
const assignment = root.lookupType("envoy.config.endpoint.v3.ClusterLoadAssignment");

// Two versions, made once, in turn: half of the endpoints change with each push.
const versions = [0, 1].map((turn) => assignment.encode(assignment.fromObject({
  cluster_name: "pushed",
  endpoints: [{ lb_endpoints: Array.from({ length: endpoints }, (_, i) => ({
    endpoint: { address: { socket_address: { address: `203.0.${113 + (i % 2 ? turn : 0)}.${i % 256}`, port_value: 1024 + (i >> 8) } } },
  })) }],
})).finish());

const eds = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
let pushes = 0;
const server = new grpc.Server();
server.addService(definition["envoy.service.discovery.v3.AggregatedDiscoveryService"], {
  StreamAggregatedResources(call) {
    let timer;
    const push = () => call.write({
      version_info: String(++pushes), nonce: String(pushes), type_url: eds,
      resources: [{ type_url: eds, value: Buffer.from(versions[pushes % 2]) }],
    });
    call.on("data", (request) => {
      if (request.error_detail) console.error(`NACK: ${request.error_detail.message}`);
      if (request.type_url !== eds) {
        if (!request.response_nonce) call.write({ version_info: "1", nonce: "1", type_url: request.type_url, resources: [] });
        return;
      }
      if (!timer) {
        push();
        timer = setInterval(push, 1000);
      }
    });
    const end = () => clearInterval(timer);
    call.on("end", () => { end(); call.end(); });
    call.on("error", end);
    call.on("cancelled", end);
  },
});
server.bindAsync(`127.0.0.1:${port}`, grpc.ServerCredentials.createInsecure(), (fault) => {
  if (fault) throw fault;
  console.log("listening");
});
