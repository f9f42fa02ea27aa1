#!/usr/bin/env bash
# release.sh VERSION [--build FOLDER] [--out FOLDER]: makes what a release of this machine's Debian and processor consists of, in
# FOLDER (dist unless told): the Debian package and an apt repository with it, a tarball, a bill of materials, release notes from
# CHANGELOG.md, SHA256SUMS. The same tree and the same build give the same bytes: every time is that of the last commit.
#   --build FOLDER   packs a build that is there; without it the program is built in build-release
# Not made here: packages of another release or processor, an .rpm, container images, a signature. Run it on each machine that is to
# have packages; sign SHA256SUMS and apt/Release with a key of your own.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' deploy/release.sh; }
fail() { echo "release.sh: $*" >&2; exit 1; }

version='' build='' out=dist
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) usage; exit 0 ;;
    --build) build=${2:?--build needs a folder}; shift ;;
    --out) out=${2:?--out needs a folder}; shift ;;
    -*) usage >&2; exit 2 ;;
    *) version=$1 ;;
  esac
  shift
done
[ -n "$version" ] || { usage >&2; exit 2; }
grep -q "^project(mtls_exporter VERSION $version " CMakeLists.txt || fail "CMakeLists.txt says another version than $version"

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC
architecture=$(dpkg --print-architecture)

if [ -z "$build" ]; then
  build=$PWD/build-release
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release
  ninja -C "$build" mtls_exporter
fi
[ -x "$build/exporter/mtls_exporter" ] || fail "there is no program in $build"
build=$(readlink -f "$build")

mkdir -p "$out"
[ -z "$(ls -A "$out")" ] || fail "$out is not empty"
out=$(readlink -f "$out")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- the Debian package, and a repository that apt takes: deb [trusted=yes] URL/apt ./ ------------------------------------------------
(cd "$build" && cpack -B "$work/cpack" >"$work/cpack.log" 2>&1) || { cat "$work/cpack.log" >&2; fail "cpack"; }
mkdir "$out/apt"
cp "$work"/cpack/*.deb "$out/apt/"
for package in "$out"/apt/*.deb; do
  dpkg-deb -f "$package" | sed '/^$/d'
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${package##*/}" "$(stat -c %s "$package")" "$(sha256sum "$package" | cut -d' ' -f1)"
done >"$out/apt/Packages"
{
  printf 'Origin: mtls_exporter\nLabel: mtls_exporter\nArchitectures: %s\nDate: %s\nSHA256:\n' "$architecture" "$(date -R -d "@$SOURCE_DATE_EPOCH")"
  printf ' %s %s Packages\n' "$(sha256sum "$out/apt/Packages" | cut -d' ' -f1)" "$(stat -c %s "$out/apt/Packages")"
} >"$out/apt/Release"

# --- the tarball -------------------------------------------------------------------------------------------------------------------
name=mtls_exporter-$version.linux-$architecture
mkdir "$work/$name"
cp -r README.md LICENSE CHANGELOG.md SECURITY.md docs config/examples "$work/$name/"
cp -r deploy/completion deploy/man deploy/systemd deploy/prometheus/rules deploy/runbooks "$work/$name/"
rm -rf "$work/$name/completion/generate.py" "$work/$name/completion/__pycache__"
strip -o "$work/$name/mtls_exporter" "$build/exporter/mtls_exporter"
{
  # shellcheck source=/dev/null
  (. /etc/os-release && printf 'The program was built on %s (%s). It is linked to libraries of that system and runs where these are:\n\n' "$PRETTY_NAME" "$architecture")
  deploy/install-packages.sh --list runtime | sed 's/^/    /'
  printf '\nNot in here: these libraries, modules for keys in tokens (libengine-pkcs11-openssl, and your token'\''s own), OpenSSL'\''s legacy\nprovider (old PKCS#12 files), an account and a configuration for the service. The Debian package brings the last two.\n'
} >"$work/$name/NEEDS.txt"
tar -C "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner --mode=u+rwX,go+rX,go-w -cf - "$name" | gzip -9n >"$out/$name.tar.gz"

# --- what is written about it --------------------------------------------------------------------------------------------------------
deploy/sbom.sh "$version" >"$out/$name.cdx.json"
awk -v version="$version" '/^## \[/ { inside = index($0, "[" version "]") || (!found && index($0, "[Unreleased]")); found = found || inside; next } inside' \
  CHANGELOG.md | sed '/./,$!d' >"$out/RELEASE_NOTES.md"
[ -s "$out/RELEASE_NOTES.md" ] || fail "CHANGELOG.md has nothing of $version"
(cd "$out" && find . -type f -printf '%P\n' | sort | xargs -d '\n' sha256sum) >"$work/SHA256SUMS"
mv "$work/SHA256SUMS" "$out/SHA256SUMS"

echo "$out: $(wc -l <"$out/SHA256SUMS") files for $architecture. Not signed; no other release or processor, .rpm or image was made." >&2
