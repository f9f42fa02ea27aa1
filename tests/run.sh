#!/usr/bin/env bash
# run.sh [CTEST ARGUMENT...]: installs what is missing, builds, and runs every test; extra arguments go to ctest
# (-R regex, -L label, -LE container). CI runs exactly this.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# Other trees and the container build of the same sources may share compiled objects.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1} CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-locale}

deploy/install-packages.sh build quickstart unit lab lab-more lab-protocols test
cmake -S . -B build -G Ninja -DBUILD_TESTING=ON -DMTLS_WERROR=ON
ninja -C build -j "$(nproc)"
exec ctest --test-dir build --output-on-failure --no-tests=error -j "$(nproc)" "$@"
