#!/usr/bin/env bash
# Every shell script of the tree passes shellcheck (.shellcheckrc), and none is missing its executable bit.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

mapfile -t scripts < <(find .ci config deploy exporter grafana probes tests -type f \( -name '*.sh' -o -path .ci/run \) | sort
  find deploy tests -type f ! -name '*.sh' -exec grep -lE '^#!.*\b(ba)?sh\b' -- {} +)
[ ${#scripts[@]} -ge 8 ] || { echo "only ${#scripts[@]} scripts found"; exit 1; }
shellcheck "${scripts[@]}"
for script in "${scripts[@]}"; do
  ! head -1 "$script" | grep -q '^#!' || [ -x "$script" ] || { echo "$script begins with #! and is not executable"; exit 1; }
done
echo "${#scripts[@]} scripts"
