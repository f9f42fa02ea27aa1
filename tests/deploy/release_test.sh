#!/usr/bin/env bash
# release_test.sh BUILD: deploy/release.sh packs a build twice with the same bytes; the sums hold, apt takes the repository, the program in
# the tarball runs, and the notes are the changelog's.
set -euo pipefail
build=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*"; exit 1; }
version=$(sed -n 's/^project(mtls_exporter VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)

for run in one two; do deploy/release.sh "$version" --build "$build" --out "$work/$run"; done
diff -r "$work/one" "$work/two" || fail "two runs make the same bytes"
cd "$work/one"
sha256sum --quiet -c SHA256SUMS || fail "the sums are those of the files"

tar -xzf mtls_exporter-*.tar.gz -C "$work"
unpacked=$(echo "$work"/mtls_exporter-*)
"$unpacked/mtls_exporter" --version | grep -F "mtls_exporter $version" >/dev/null || fail "the program in the tarball runs"
grep -q libssl "$unpacked/NEEDS.txt" || fail "the tarball says what it needs"
grep -q '^### ' RELEASE_NOTES.md || fail "the notes have the changelog's parts"
! grep -q '^## ' RELEASE_NOTES.md || fail "the notes are of one version"
python3 -c 'import json, sys; assert json.load(open(sys.argv[1]))["bomFormat"] == "CycloneDX"' mtls_exporter-*.cdx.json || fail "the bill of materials is one"

# An apt of its own, which knows nothing but this folder.
mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
echo "deb [trusted=yes] file:$work/one/apt ./" >"$work/apt/sources.list"
own=(-o Dir::Etc::SourceList="$work/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$work/apt/lists" -o Dir::Cache="$work/apt/cache"
  -o APT::Sandbox::User=root)
apt-get -qq "${own[@]}" update || fail "apt takes the repository"
apt-cache "${own[@]}" policy mtls-exporter | grep -F "Candidate: $version-1" >/dev/null || fail "apt offers the package"

! (cd - >/dev/null && deploy/release.sh 99.9 --build "$build" --out "$work/three" 2>/dev/null) || fail "another version than the tree's is refused"
echo "ok"
