#!/usr/bin/env bash
# install-packages.sh SECTION...: installs what is missing of those sections of deploy/packages.txt (build, runtime,
# quickstart, quickstart-prometheus, unit, unit-java, lab, lab-more, lab-protocols, test). Where nothing is missing it needs no root and asks no network. No service of a
# newly installed package is started, neither now (policy-rc.d) nor at the next boot (its units are disabled again).
# install-packages.sh --list [--release=NAME] SECTION...: prints the packages' names in this or that release (bookworm, trixie, ...).
set -euo pipefail

list=$(dirname "$(readlink -f "$0")")/packages.txt
policy=${POLICY_RC_D:-/usr/sbin/policy-rc.d}

say() { printf 'install-packages: %s\n' "$*" >&2; }

# The releases that the list knows, and the one whose names a newer or unknown release takes.
newest=trixie
known_release() { grep -qE "^[^#]*\\[([^]]* )?$1[] ]" "$list"; }

# The codename of this system; a derivative of Ubuntu says whose packages it has.
release_here() {
  local name
  # shellcheck source=/dev/null
  name=$(. "${OS_RELEASE:-/etc/os-release}" && echo "${UBUNTU_CODENAME:-${VERSION_CODENAME:-unknown}}")
  known_release "$name" || { say "packages.txt does not know the release $name: taking the names of $newest"; name=$newest; }
  echo "$name"
}

# The packages of one section, one a line; fails when there is no such section.
packages_of() {
  awk -v section="[$1]" -v release="$release" '
    { sub(/#.*/, "") }
    NF == 1 && /^\[/ { inside = $1 == section; found = found || inside; next }
    !inside || NF == 0 { next }
    { name = $1; marks = $0 }
    NF == 1 { print name; next }
    { sub(/^[^[]*\[/, " ", marks); sub(/\].*/, " ", marks) }
    index(marks, " " release " ") { print name }
    END { exit !found }' "$list"
}

installed() { [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ] || provided "$1"; }

# Another package may hold what is asked for, and be in its way: NodeSource's nodejs brings npm and conflicts with Debian's.
provided() { dpkg-query -W -f='${db:Status-Status} ${Provides}\n' | grep -E "^installed (.*, )?$1( \(|,|\$)" >/dev/null; }

installed_packages() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo -- "$@"
  else
    say "root is needed for: $*"
    return 1
  fi
}

# An existing policy is the administrator's, and stays.
forbid_service_starts() {
  [ -e "$policy" ] && return
  trap allow_service_starts EXIT
  printf '#!/bin/sh\n# Temporary: %s removes this file.\nexit 101\n' "$0" | as_root tee "$policy" >/dev/null
  as_root chmod 755 "$policy"
}
allow_service_starts() { as_root rm -f "$policy"; }

known_to_apt() {
  local name
  for name; do apt-cache show "$name" >/dev/null 2>&1 || return; done
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends -- "$@" >&2
}

update_lists() {
  say "apt-get update"
  as_root apt-get update -q >&2
}

# Debian enables a service's unit on installation, so it would start at the next boot.
disable_units_of() {
  command -v systemctl >/dev/null || return 0
  local unit units=()
  while read -r unit; do units+=("${unit##*/}"); done < <(
    [ $# = 0 ] || dpkg-query -L "$@" | grep -E '^(/usr)?/lib/systemd/system/[^/@]+\.(service|socket|timer)$' | sort -u)
  [ ${#units[@]} = 0 ] && return
  say "not to be started at boot: ${units[*]}"
  as_root systemctl disable --quiet "${units[@]}" 2>/dev/null || true
}

main() {
  local list_only='' release=''
  while [[ ${1:-} == --* ]]; do
    case $1 in
      --list) list_only=yes ;;
      --release=*) release=${1#*=} ;;
      --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "$0"; exit 0 ;;
      *) say "unknown: $1"; exit 2 ;;
    esac
    shift
  done
  [ $# -gt 0 ] || { say "which sections? build, runtime, quickstart, unit, unit-java, lab, lab-more, lab-protocols, test"; exit 2; }
  [ -z "$release" ] || [ "$list_only" ] || { say "--release goes with --list"; exit 2; }
  [ -z "$release" ] || known_release "$release" || { say "no release $release in $list"; exit 2; }
  : "${release:=$(release_here)}"
  local section name names missing=() before
  for section; do
    names=$(packages_of "$section") || { say "no section [$section] in $list"; exit 2; }
    [ -z "$list_only" ] || { printf '%s\n' "$names"; continue; }
    for name in $names; do installed "$name" || missing+=("$name"); done
  done
  [ -z "$list_only" ] || exit 0
  [ ${#missing[@]} = 0 ] && { say "nothing missing for: $*"; exit 0; }

  say "missing for $*: ${missing[*]}"
  before=$(installed_packages)
  known_to_apt "${missing[@]}" || update_lists
  forbid_service_starts
  # A list that is older than the archive names files that are gone.
  apt_install "${missing[@]}" || { update_lists && apt_install "${missing[@]}"; }
  # shellcheck disable=SC2046  # package names have no spaces
  disable_units_of $(comm -13 <(printf '%s\n' "$before") <(installed_packages))
}

main "$@"
