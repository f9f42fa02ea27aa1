#!/usr/bin/env bash
# Every C++ file is spaced as clang-format would space it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
[[ $(clang-format --version) == *"version 14."* ]] || { echo "skipped: clang-format 14 decides, this is $(clang-format --version)"; exit 77; }
find config exporter probes tests -name '*.h' -print0 -o -name '*.cc' -print0 | xargs -0 clang-format --dry-run -Werror
