#!/usr/bin/env bash
# generated_test.sh STAGE: the dashboards in the tree are what their sources generate, byte for byte, and nothing else lies there;
# the lockfile names no registry, and the provisioning files lead to where the README has the dashboards copied.
set -euo pipefail
stage=$1
cd "$(dirname "$(readlink -f "$0")")/../.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
node "$stage/grafana/build/generate.js" "$fresh"
diff -r "$fresh" grafana/dashboards || {
  echo "FAILED: grafana/dashboards differs from what grafana/src generates; run: (cd grafana && npm ci && npm run generate)"
  exit 1
}
echo "ok: $(find grafana/dashboards -name '*.json' | wc -l) dashboards are what their sources generate"

! grep '"resolved"' grafana/package-lock.json || { echo "FAILED: the lockfile names a registry; npm install --omit-lockfile-registry-resolved"; exit 1; }

/usr/bin/python3 - <<'END'
import pathlib, yaml

def one(kind, key):
    (file,) = pathlib.Path("grafana/provisioning", kind).glob("*.yml")
    content = yaml.safe_load(file.read_text())
    assert content["apiVersion"] == 1, file
    (entry,) = content[key]
    return entry

folder = one("dashboards", "providers")["options"]["path"]
assert f"cp dashboards/*.json {folder}/" in pathlib.Path("grafana/README.md").read_text(), folder
assert one("datasources", "datasources")["type"] == "prometheus"
END
echo "ok: lockfile and provisioning"
