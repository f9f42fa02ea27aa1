#!/usr/bin/env bash
# run.sh [--all] [CTEST ARGUMENT...]: installs what is missing, builds, and runs tests; extra arguments go to ctest (-R regex, -L label).
#   run.sh         the small set: the rooms' own tests, the docs and the scripts. It needs no browser, JDK, Go, Node.js or real servers
#                  but nginx and haproxy. Its closing lines say how many tests it left out, and why.
#   run.sh --all   every test. CI runs exactly this.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# Other trees and the container build of the same sources may share compiled objects.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1} CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-locale}

case ${1:-} in -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' tests/run.sh; exit 0 ;; esac

sections=(build quickstart unit) set=(-L '^(unit|small)$')
if [ "${1:-}" = --all ]; then
  shift
  sections+=(unit-java lab lab-more lab-protocols test) set=()
fi

deploy/install-packages.sh "${sections[@]}"
cmake -S . -B build -G Ninja -DBUILD_TESTING=ON -DMTLS_WERROR=ON
ninja -C build -j "$(nproc)"
status=0
ctest --test-dir build --output-on-failure --no-tests=error --output-junit "$PWD/build/tests.xml" -j "$(nproc)" "${set[@]}" "$@" || status=$?
python3 tests/closing_lines.py build || true
exit "$status"
