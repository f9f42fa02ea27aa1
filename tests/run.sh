#!/usr/bin/env bash
# run.sh [--all] [CTEST ARGUMENT...]: installs what is missing, builds, and runs tests; extra arguments go to ctest (-R regex, -L label).
#   run.sh         the small set: the rooms' own tests, the docs and the scripts. It needs no browser, JDK, Go, Node.js or real servers
#                  but nginx and haproxy. Its closing lines say how many tests it left out, and why.
#   run.sh --all   every test. CI runs exactly this.
#   run.sh --asan, run.sh --tsan
#                  the rooms' own tests and the misbehaving servers under AddressSanitizer with UBSan, or under ThreadSanitizer, in
#                  build-asan/ or build-tsan/. Any finding fails; what is suppressed stands in tests/sanitizers/ with its reason.
#   run.sh --coverage
#                  the rooms' own tests, and which lines they reached: fails below 92 in a hundred. In build-coverage/.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

# Other trees and the container build of the same sources may share compiled objects.
export CCACHE_BASEDIR=${CCACHE_BASEDIR:-$PWD} CCACHE_NOHASHDIR=${CCACHE_NOHASHDIR:-1} CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-locale}

case ${1:-} in -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' tests/run.sh; exit 0 ;; esac

sections=(build quickstart unit) set=(-L '^(unit|small)$') build=build sanitize=OFF coverage=no flags=()
case ${1:-} in
  --all) shift; sections+=(unit-java lab lab-more lab-protocols test) set=() ;;
  --asan) shift; sanitize=address ;;
  --tsan) shift; sanitize=thread ;;
  --coverage) shift; coverage=yes sections+=(unit-java test) set=(-L '^(unit|unit-java)$') build=build-coverage ;;
esac
# Several files at a time compile in a third of the time; which of two neighbours a finding stands in, its line says.
together=(-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 -DCMAKE_BUILD_TYPE=Debug)
if [ "$coverage" = yes ]; then flags=("${together[@]}" '-DCMAKE_CXX_FLAGS_DEBUG=-O0 -g1 --coverage -fprofile-update=atomic'); fi
if [ "$sanitize" != OFF ]; then
  sections+=(unit-java test) set=(-L '^(unit|unit-java|faults)$') build=build-${sanitize:0:1}san
  flags=("-DMTLS_SANITIZE=$sanitize" "${together[@]}" '-DCMAKE_CXX_FLAGS_DEBUG=-O1 -g1')
  export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
  export TSAN_OPTIONS="suppressions=$PWD/tests/sanitizers/thread.supp:history_size=4"
fi

deploy/install-packages.sh "${sections[@]}"
cmake -S . -B "$build" -G Ninja -DBUILD_TESTING=ON -DMTLS_WERROR=ON "${flags[@]}"
ninja -C "$build" -j "$(nproc)"
status=0
ctest --test-dir "$build" --output-on-failure --no-tests=error --output-junit "$PWD/$build/tests.xml" -j "$(nproc)" "${set[@]}" "$@" || status=$?
python3 tests/closing_lines.py "$build" || true
if [ "$coverage" = yes ]; then python3 tests/coverage.py "$build" || status=1; fi
exit "$status"
