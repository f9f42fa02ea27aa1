#!/usr/bin/env bash
# packages_test.sh BINARY: [runtime] of deploy/packages.txt, in the release that runs here, is what the binary links, no more and
# no less.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
binary=$1

# Debian's base system has these already.
base='^(libc6|libgcc-s1|libstdc\+\+6)$'
# Not linked, still needed: the system trust store.
data='ca-certificates'

libraries=$(ldconfig -p)

linked() {
  objdump -p "$binary" | awk '$1 == "NEEDED" {print $2}' | while read -r library; do
    path=$(awk -v library="$library" '$1 == library {print $NF; exit}' <<<"$libraries")
    { dpkg-query -S "$(readlink -f "$path")" "$path" "*/$library" 2>/dev/null || true; } | sed -n '1s/:.*//p'
  done | grep -vE "$base"
  echo "$data"
}
listed() { deploy/install-packages.sh --list runtime; }

diff -u --label 'deploy/packages.txt [runtime]' <(listed | sort -u) --label 'what the binary links' <(linked | sort -u)
echo "[runtime] is what the binary links"
