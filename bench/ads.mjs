// An ADS server that pushes as many endpoints a second as asked, made of Envoy's genuine definitions (tests/npm). What it sends is encoded
// once and framed by node's own HTTP/2: grpc-js takes 20 ms of the load generator's CPU for each push, which would show as the proxies' latency.
// usage: node ads.mjs PORT ENDPOINTS CLUSTER UPSTREAM_PORT
import { createRequire } from "node:module";
import fs from "node:fs";
import http2 from "node:http2";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const npm = path.join(here, "..", "tests", "npm");
const require = createRequire(path.join(npm, "package.json"));
const protobuf = require("protobufjs");
const [port, endpoints, cluster, upstreamPort] = process.argv.slice(2);
const deps = path.join(npm, "node_modules", "@grpc/grpc-js-xds/deps");
const roots = [...["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => path.join(deps, name)), path.join(npm, "node_modules/protobufjs")];
const root = new protobuf.Root();
root.resolvePath = (_, target) => roots.map((folder) => path.join(folder, target)).find((file) => fs.existsSync(file)) ?? null;
root.loadSync(["envoy/config/endpoint/v3/endpoint.proto", "envoy/service/discovery/v3/discovery.proto"], { keepCase: true });
const assignment = root.lookupType("envoy.config.endpoint.v3.ClusterLoadAssignment");
const discoveryRequest = root.lookupType("envoy.service.discovery.v3.DiscoveryRequest");
const discoveryResponse = root.lookupType("envoy.service.discovery.v3.DiscoveryResponse");
const eds = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment";
const encode = (type, value) => Buffer.from(type.encode(type.fromObject(value)).finish());

// Two versions, made once, in turn: half of the endpoints change with each push. One is healthy and takes the traffic.
const endpoint = (address, port_value) => ({ endpoint: { address: { socket_address: { address, port_value } } } });
const versions = [0, 1].map((turn) => encode(discoveryResponse, {
  type_url: eds,
  resources: [{ type_url: eds, value: encode(assignment, {
    cluster_name: cluster,
    endpoints: [{ lb_endpoints: [endpoint("127.0.0.1", Number(upstreamPort)), ...Array.from({ length: endpoints - 1 }, (_, i) => ({
      ...endpoint(`203.0.${113 + (i % 2 ? turn : 0)}.${i % 256}`, 1024 + (i >> 8)), health_status: "UNHEALTHY",
    }))] }],
  }) }],
}));

/** A length-prefixed message of gRPC over HTTP/2; parts of one message follow each other as they are (protobuf encoding, "merging"). */
function send(stream, ...parts) {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0), 1);
  for (const part of [prefix, ...parts]) stream.write(part);
}

let pushes = 0;
function push(stream) {
  const number = String(++pushes);
  send(stream, encode(discoveryResponse, { version_info: number, nonce: number }), versions[pushes % 2]);
}

const server = http2.createServer();
server.on("stream", (stream) => {
  let timer;
  let received = Buffer.alloc(0);
  stream.respond({ ":status": 200, "content-type": "application/grpc" });
  stream.on("data", (bytes) => {
    received = Buffer.concat([received, bytes]);
    while (received.length >= 5 && received.length >= 5 + received.readUInt32BE(1)) {
      const end = 5 + received.readUInt32BE(1);
      const request = discoveryRequest.decode(received.subarray(5, end));
      received = received.subarray(end);
      if (request.error_detail) console.error(`NACK: ${request.error_detail.message}`);
      if (request.type_url !== eds) {
        if (!request.response_nonce) send(stream, encode(discoveryResponse, { version_info: "1", nonce: "1", type_url: request.type_url }));
      } else if (!timer) {
        push(stream);
        timer = setInterval(() => push(stream), 1000);
      }
    }
  });
  stream.on("close", () => clearInterval(timer));
  stream.on("error", (fault) => console.error(`stream: ${fault.message}`));
});
server.on("sessionError", (fault) => console.error(`session: ${fault.message}`));
server.listen(Number(port), "127.0.0.1", () => console.log("listening"));
