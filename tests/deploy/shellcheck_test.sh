#!/usr/bin/env bash
# Every shell script of the tree passes shellcheck (.shellcheckrc), and none is missing its executable bit.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

mapfile -t scripts < <(find .ci config deploy exporter grafana probes tests -type f \( -name '*.sh' -o -path .ci/run \) | sort
  find deploy tests -type f ! -name '*.sh' -exec grep -lE '^#!.*\b(ba)?sh\b' -- {} +)
[ ${#scripts[@]} -ge 8 ] || { echo "only ${#scripts[@]} scripts found"; exit 1; }
shellcheck "${scripts[@]}"
for script in "${scripts[@]}"; do
  [ "$(head -c 2 "$script")" != '#!' ] || [ -x "$script" ] || { echo "$script begins with #! and is not executable"; exit 1; }
done
# grep -q leaves at the first match; what writes to it may then fail, and under pipefail the whole line with it, now and then.
! grep -nE '\|[[:space:]]*grep -[a-zA-Z]*q' "${scripts[@]}" /dev/null || { echo "write: | grep ... >/dev/null"; exit 1; }
echo "${#scripts[@]} scripts"
