#!/usr/bin/env bash
# page_test.sh FOLDER EXPORTER: the page of EXPORTER in Debian's Chromium. The npm packages of tests/web/package-lock.json are
# installed into FOLDER, and the registry is asked only when the lockfile has changed; pictures of every view come to FOLDER/shots
# (tests/web/CHECKLIST.md says what to look for in them).
set -euo pipefail
folder=$1
EXPORTER=$(readlink -f "$2")
cd "$(dirname "$(readlink -f "$0")")/../.."
export EXPORTER SOURCES=$PWD SHOTS=$folder/shots

mkdir -p "$folder"
lock=$(sha256sum tests/web/package.json tests/web/package-lock.json)
if [ "$lock" != "$(cat "$folder/installed" 2>/dev/null)" ]; then
  cp tests/web/package.json tests/web/package-lock.json "$folder/"
  (cd "$folder" && npm ci --no-audit --no-fund)
  printf '%s\n' "$lock" >"$folder/installed"
fi
cp tests/web/*.mjs "$folder/"
cd "$folder"
exec node --test page_test.mjs
