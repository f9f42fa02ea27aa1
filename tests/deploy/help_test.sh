#!/usr/bin/env bash
# help_test.sh: what a person runs says with --help what it does, and does nothing else.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
fail() { echo "FAILED: $*"; exit 1; }

for script in deploy/quickstart.sh deploy/install-packages.sh deploy/sbom.sh deploy/release.sh tests/run.sh; do
  said=$(timeout 10 "$script" --help 2>&1) || fail "$script --help exits 0: $said"
  grep -q "${script##*/}" <<<"$said" || fail "$script --help names it: $said"
  [ "$(wc -l <<<"$said")" -ge 3 ] || fail "$script --help says more than its name: $said"
  ! grep -qE '^(#|set -)' <<<"$said" || fail "$script --help is no excerpt of a script: $said"
done
said=$(python3 deploy/convert --help)
grep -q -- --prometheus <<<"$said" || fail "deploy/convert --help: $said"
! deploy/sbom.sh --verbose 2>/dev/null || fail "sbom.sh takes no flag for a version"
echo "ok"
