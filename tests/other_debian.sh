#!/usr/bin/env bash
# other_debian.sh [--full | --run COMMAND]: what builds, passes and judges here does so on the other Debian: 12 (bookworm, OpenSSL 3.0) and
# 13 (trixie, OpenSSL 3.5) are equal. In a minimal root of the other release, made from this machine's own apt sources with the release's
# name exchanged, it builds with warnings as errors, runs every unit test, and asks every cell of the lab's nginx, haproxy, Apache,
# OpenSSL and Go servers once.
#   --full         every server of the lab, three rounds; then the quick start, whose verdicts must be word for word those of this release
#                  (which has been built, in build/)
#   --run COMMAND  in the root, with the sources at /src and its build at /build; nothing else
# The root, its build and its compiler cache stay in ${XDG_CACHE_HOME:-/var/cache}/mtls_exporter/RELEASE for the next run; delete the
# folder to begin anew. Needs root and mmdebstrap.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

say() { printf 'other_debian, %s s: %s\n' "$SECONDS" "$*"; }
skip() { say "skipped: $*"; exit 77; }

[ "$(id -u)" = 0 ] || skip "a root of another release needs root"
unshare --mount --pid --fork true 2>/dev/null || skip "this machine gives no namespaces"
# shellcheck source=/dev/null
here=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
case $here in
  bookworm) other=trixie ;;
  trixie) other=bookworm ;;
  *) skip "this is neither Debian 12 nor Debian 13" ;;
esac
full=false command=''
case ${1:-} in
  '') ;;
  --full) full=true ;;
  --run) command=${2:?--run needs a command} ;;
  *) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0" >&2; exit 2 ;;
esac

sections=(build quickstart unit unit-java lab)
place=${XDG_CACHE_HOME:-/var/cache}/mtls_exporter/$other
root=$place/root build=build-quick flags='-DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 -DCMAKE_UNITY_BUILD='
if $full; then sections+=(lab-more lab-protocols) root=$place/root-full build=build flags=''; fi

# --- the root ----------------------------------------------------------------------------------------------------
# Debian's own suites of this release and no others, under the other's name.
sources() {
  # shellcheck disable=SC2016  # apt's placeholders
  apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v here="$here" -v other="$other" '$3 == here || $3 == here "-updates" || $3 == here "-security" { sub(here, other, $3); print }' | sort -u
}
packages() { deploy/install-packages.sh --release="$other" --list "${sections[@]}" | sort -u | paste -sd,; }

make_root() {
  local key
  key=$(printf '%s\n' "$(sources)" "$(packages)")
  [ ! -d "$root" ] || [ "$(cat "$root.key" 2>/dev/null)" != "$key" ] || return 0
  say "making $root"
  rm -rf "$root" "$root.new" "$root.key"
  sources | mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --aptopt='APT::Install-Recommends "false"' \
    --include="$(packages)" "$other" "$root.new" -
  mkdir "$root.new/src" "$root.new/build" "$root.new/ccache"
  mv "$root.new" "$root"
  echo "$key" >"$root.key"
}

# Runs a command in the root: mounts and processes of its own, all of which end with it.
in_root() {
  mkdir -p "$place/$build" "$place/ccache"
  # shellcheck disable=SC2016  # the inner shell's
  unshare --mount --pid --fork --kill-child bash -c '
    set -e
    root=$1 place=$2 build=$3 sources=$4
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
    mount --bind "$sources" "$root/src"
    mount -o remount,bind,ro "$root/src"
    mount --bind "$place/$build" "$root/build"
    mount --bind "$place/ccache" "$root/ccache"
    shift 4
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
      CCACHE_DIR=/ccache CCACHE_BASEDIR=/src CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=locale bash -euo pipefail -c "cd /src; $*"' \
    in_root "$root" "$place" "$build" "$PWD" "$@"
}

# --- what is shown -----------------------------------------------------------------------------------------------
kinds=nginx,haproxy,apache,openssl_server,go
jobs=$(nproc)

# What is only asked for its answers is compiled without optimization and several files at a time, in a third of the time. Where
# two neighbours have come to use one name it is compiled file by file after all: they may.
compile() {
  local cmake="cmake -S . -B /build -G Ninja -DBUILD_TESTING=ON -DMTLS_WERROR=ON $flags" ninja="ninja -C /build -j $jobs mtls_exporter unit_tests"
  if $full; then in_root "$cmake >/dev/null && $ninja"; return; fi
  in_root "${cmake}ON >/dev/null && $ninja" && return
  say "not several files at a time: again, file by file"
  in_root "${cmake}OFF >/dev/null && $ninja"
}
unit_tests() { in_root "ctest --test-dir /build -L unit --no-tests=error --output-on-failure -j $((2 * jobs))" | tail -50; }
lab() { in_root "python3 -B tests/lab/run.py --exporter /build/exporter/mtls_exporter --cache /build/lab --rounds $1 ${2:+--kinds $2}"; }

# What the quick start says, but for the address of the exporter.
verdicts() { grep -v '^http://'; }

mkdir -p "$place"
exec 9>"$place/lock"
flock 9
make_root
if [ -n "$command" ]; then
  in_root "$command"
  exit
fi
say "building on $other"
compile
in_root 'openssl version; /build/exporter/mtls_exporter --version'
say "unit tests on $other"
unit_tests
say "the lab on $other"
if $full; then lab 3; else lab 1 "$kinds"; fi
if $full; then
  say "the quick start on $other and here"
  in_root 'cp -r /src /tmp/clone; rm -rf /tmp/clone/build; cd /tmp/clone; deploy/quickstart.sh --once' | verdicts >"$place/there"
  deploy/quickstart.sh --once --exporter build/exporter/mtls_exporter | verdicts >"$place/here"
  [ -s "$place/here" ] || { say "the quick start said nothing"; exit 1; }
  diff -u "$place/here" "$place/there" || { say "the verdicts differ"; exit 1; }
fi
say "$other is equal to $here"
