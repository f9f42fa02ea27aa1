#!/usr/bin/env bash
# stage.sh FOLDER: the dashboards' sources and their tests in FOLDER, with the npm packages of grafana/package-lock.json, compiled:
# grafana/build and tests/grafana/build. The types of Grafana's SDK judge the sources here. The source tree stays as it is, and
# the registry is asked only when the lockfile has changed.
set -euo pipefail
folder=$1
cd "$(dirname "$(readlink -f "$0")")/../.."

mkdir -p "$folder/tests"
rm -rf "$folder/grafana" "$folder/tests/grafana"
mkdir "$folder/grafana"
cp -R grafana/src grafana/tsconfig.json "$folder/grafana/"
cp -R tests/grafana "$folder/tests/"

lock=$(sha256sum grafana/package.json grafana/package-lock.json)
if [ "$lock" != "$(cat "$folder/installed" 2>/dev/null)" ]; then
  cp grafana/package.json grafana/package-lock.json "$folder/"
  (cd "$folder" && npm ci --no-audit --no-fund)
  printf '%s\n' "$lock" >"$folder/installed"
fi

for project in grafana tests/grafana; do node "$folder/node_modules/typescript/bin/tsc" -p "$folder/$project"; done
