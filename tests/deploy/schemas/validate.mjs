// validate.mjs: Kubernetes objects as JSON, a list on standard input, against the schemas of their kinds. Exits 1 with the complaints.
// Twice: the schemas proper know patterns, formats and what is required, but let unknown fields pass, as an API server would drop
// them; TypeScript's types of the same schemas refuse a field that does not exist.
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";

const modules = {
  "v1": "kubernetes-models/v1",
  "apps/v1": "kubernetes-models/apps/v1",
  "networking.k8s.io/v1": "kubernetes-models/networking.k8s.io/v1",
  "monitoring.coreos.com/v1": "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
};

const complaints = [];
let source = "";
for (const [number, object] of JSON.parse(readFileSync(0, "utf8")).entries()) {
  const module = modules[object.apiVersion];
  const Kind = module && (await import(module))[object.kind];
  if (!Kind) {
    complaints.push(`${object.apiVersion} ${object.kind}: no such kind`);
    continue;
  }
  try {
    new Kind(object).validate();
  } catch (error) {
    complaints.push(`${object.kind} ${object.metadata?.name}: ${error.message}`);
  }
  source += `import type { I${object.kind} as I${number} } from "${module}";\nexport const object${number}: I${number} = ${JSON.stringify(object)};\n`;
}
const file = `objects-${process.pid}.ts`;
writeFileSync(file, source);
const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022"];
const typed = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", ...options, file], { encoding: "utf8" });
if (typed.status !== 0) complaints.push(typed.stdout + typed.stderr);
writeFileSync(file, "");
if (complaints.length > 0) {
  console.log(complaints.join("\n"));
  process.exit(1);
}
