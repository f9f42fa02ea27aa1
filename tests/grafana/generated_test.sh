#!/usr/bin/env bash
# generated_test.sh STAGE: the dashboards in the tree are what their sources generate, byte for byte, and nothing else lies there.
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
