// validate.mjs: Kubernetes objects as JSON, a list on standard input, against the schemas of their kinds; a list of what is wrong with
// each goes to standard output, empty for a good one. Twice: the schemas proper know patterns, formats and what is required, but let
// unknown fields pass, as an API server would drop them; TypeScript's types of the same schemas refuse a field that does not exist.
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

const modules = {
  "v1": "kubernetes-models/v1",
  "apps/v1": "kubernetes-models/apps/v1",
  "rbac.authorization.k8s.io/v1": "kubernetes-models/rbac.authorization.k8s.io/v1",
  "networking.k8s.io/v1": "kubernetes-models/networking.k8s.io/v1",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
};

const objects = JSON.parse(readFileSync(0, "utf8"));
const complaints = objects.map(() => []);
const lines = []; // of the TypeScript file: one for each object
for (const [number, object] of objects.entries()) {
  const module = modules[object.apiVersion];
  const Kind = module && (await import(module))[object.kind];
  if (!Kind) {
    complaints[number].push(`${object.apiVersion} ${object.kind}: no such kind`);
    lines.push("");
    continue;
  }
  try {
    new Kind(object).validate();
  } catch (error) {
    complaints[number].push(error.message);
  }
  lines.push(`export const object${number}: import("${module}").I${object.kind} = ${JSON.stringify(object)};`);
}

const file = `objects-${process.pid}.ts`;
writeFileSync(file, lines.join("\n"));
const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--pretty", "false"];
const typed = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...options, file], { encoding: "utf8" });
for (const said of typed.stdout.split("\n").filter((line) => /^\S/.test(line))) {
  const place = /^objects-\d+\.ts\((\d+),\d+\): (.*)/.exec(said);
  if (!place) throw new Error(said);
  complaints[place[1] - 1].push(place[2]);
}
if (typed.status !== 0 && complaints.flat().length === 0) throw new Error(`tsc: ${typed.stderr}`);
console.log(JSON.stringify(complaints));
