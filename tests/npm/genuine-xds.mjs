// Reads lines of JSON {"type": full message name, "file": proto file, "samples": [base64, ...]} and answers each with a line
// {"type", "missing": bool, "fields": {name: {number, type, repeated, map}}, "enums": {name: {value: number}}, "samples": [base64, ...]}:
// what Envoy's genuine definitions (as @grpc/grpc-js-xds carries them) know of the message, and each sample decoded and encoded anew with them.
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import path from "node:path";

const require = createRequire(import.meta.url);
const protobuf = require("protobufjs");
const modules = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "node_modules");
const deps = path.join(modules, "@grpc/grpc-js-xds/deps");
const roots = ["envoy-api", "xds", "googleapis", "protoc-gen-validate"].map((name) => path.join(deps, name)).concat(path.join(modules, "protobufjs"));

const root = new protobuf.Root();
root.resolvePath = (_, target) => roots.map((folder) => path.join(folder, target)).find(existsSync) ?? null;
const loaded = new Set();

function load(file) {
  if (loaded.has(file)) return;
  loaded.add(file);
  if (roots.some((folder) => existsSync(path.join(folder, file)))) root.loadSync(file, { keepCase: true });
}

function describe(type) {
  const fields = {};
  const enums = {};
  for (const field of type.fieldsArray) {
    field.resolve();
    const resolved = field.resolvedType;
    fields[field.name] = {
      number: field.id,
      type: resolved ? resolved.fullName.slice(1) : field.type,
      repeated: field.repeated,
      map: field.map,
      oneof: field.partOf && !field.options?.proto3_optional ? field.partOf.name : "",
    };
    if (resolved instanceof protobuf.Enum) enums[resolved.fullName.slice(1)] = resolved.values;
  }
  return { fields, enums };
}

function answer(request) {
  load(request.file);
  let type;
  try {
    type = root.lookupType(request.type);
  } catch {
    return { type: request.type, missing: true, fields: {}, enums: {}, samples: [] };
  }
  const samples = request.samples.map((sample) => Buffer.from(type.encode(type.decode(Buffer.from(sample, "base64"))).finish()).toString("base64"));
  return { type: request.type, missing: false, ...describe(type), samples };
}

for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim()) process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
}
