#!/usr/bin/env bash
# sbom.sh [VERSION]: a CycloneDX 1.6 bill of materials, as JSON on standard output: the exporter, and every Debian package it needs to run
# ([runtime] of deploy/packages.txt and what those depend on), with the versions that are installed here. The same packages give the
# same bytes: no time, no random number.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
case ${1:-} in
  -h | --help) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' deploy/sbom.sh; exit 0 ;;
  -*) echo "sbom.sh: unknown: $1; sbom.sh [VERSION]" >&2; exit 2 ;;
esac
version=${1:-$(sed -n 's/^project(mtls_exporter VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)}

runtime=$(deploy/install-packages.sh --list runtime)
architecture=$(dpkg --print-architecture)
# shellcheck source=/dev/null
distribution=$(. /etc/os-release && echo "$ID-$VERSION_ID")

# name, version, architecture, source, source's version, depends: of all that is installed
installed=$(dpkg-query -W -f '${db:Status-Status}\t${Package}\t${Version}\t${Architecture}\t${source:Package}\t${source:Version}\t${Pre-Depends}, ${Depends}\t${Provides}\n' |
  awk -F '\t' '$1 == "installed"' | LC_ALL=C sort)

# The C++ runtime is on every Debian, and a part of what runs all the same.
awk -F '\t' -v wanted="${runtime//$'\n'/ } libc6 libgcc-s1 libstdc++6" -v version="$version" -v distribution="$distribution" \
  -v native="$architecture" -f deploy/sbom/sbom.awk <<<"$installed"
