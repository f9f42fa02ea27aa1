#!/usr/bin/env bash
# container_test.sh [RELEASE]: builds the Dockerfile for real, on that Debian (bookworm or trixie; without one, the Dockerfile's own), without a
# daemon or a registry, and runs what it made: buildah with chroot isolation; the base image is made from the Debian archive and given the
# name that FROM asks for.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

[ "$(id -u)" = 0 ] || { echo "skipped: building an image by chroot needs root"; exit 77; }

work=$(mktemp -d)
export BUILDAH_ISOLATION=chroot
container='' exporter=''
buildah_() { command buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
clean_up() {
  [ -z "$exporter" ] || kill "$exporter" 2>/dev/null || true
  [ -z "$container" ] || buildah_ rm "$container" >/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
fail() { echo "FAILED: $*"; exit 1; }
in_container() { buildah_ run --user 65532:65532 "$@"; }

release=${1:-bookworm}
base=$(sed -n 's/^ARG BASE=//p' Dockerfile)
[ "$release" != trixie ] || base=${base/:12/:13}
mmdebstrap --quiet --variant=minbase --format=tar "$release" "$work/base.tar"
container=$(buildah_ from scratch)
buildah_ add --quiet "$container" "$work/base.tar" / >/dev/null
buildah_ commit --quiet --rm "$container" "$base" >/dev/null
container=''
rm "$work/base.tar"

mkdir -p "${CCACHE_DIR:=$(ccache -k cache_dir)}"
buildah_ build --quiet --pull-never --layers=false --format docker --volume "$CCACHE_DIR:/var/cache/ccache:rw" \
  --build-arg BASE="$base" --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" --tag mtls_exporter . >"$work/image" 2>"$work/log" ||
  { tail -50 "$work/log"; fail "the Dockerfile builds"; }

image() { buildah_ inspect --type image --format "$1" mtls_exporter; }
[ "$(image '{{.Docker.Config.User}}')" = 65532:65532 ] || fail "it does not run as root"
[ "$(image '{{.Docker.Config.Healthcheck.Test}}')" = '[CMD /usr/local/bin/healthcheck]' ] || fail "it has a health check"
[ "$(image '{{index .Docker.Config.Labels "org.opencontainers.image.licenses"}}')" = Apache-2.0 ] || fail "it has OCI labels"
[ "$(image '{{.Docker.Config.ExposedPorts}}')" = 'map[10219/tcp:{}]' ] || fail "it exposes the exporter's port"
entrypoint=$(image '{{index .Docker.Config.Entrypoint 0}}')

container=$(buildah_ from --pull-never mtls_exporter)
[[ $(in_container "$container" -- "$entrypoint" --version) == mtls_exporter* ]] || fail "the entrypoint runs"
[ "$(in_container "$container" -- id -u)" = 65532 ] || fail "the process is not root"
! in_container "$container" -- /bin/sh -c 'command -v g++ || command -v cmake || command -v ninja || command -v curl' || fail "nothing of the build is left in it"

# A scrape of the running image, and its own health check with and without it.
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh
estate=$work
port=$(free_port)
cat >"$work/mtls_exporter.yml" <<END
defaults: {interval: 1s, timeout: 500ms}
modules: {tls: {protocol: tls}}
targets: [{name: nothing, address: "127.0.0.1:$(free_port)", module: tls}]
END
chmod 755 "$work"; chmod 644 "$work/mtls_exporter.yml"
healthy() { in_container --env HEALTHCHECK_ADDRESS="127.0.0.1/$port" "$container" -- /usr/local/bin/healthcheck 2>/dev/null; }

! healthy || fail "the health check fails while nothing listens"
in_container --volume "$work/mtls_exporter.yml:/etc/mtls_exporter/mtls_exporter.yml:ro" "$container" -- \
  "$entrypoint" --config.file=/etc/mtls_exporter/mtls_exporter.yml --web.listen-address="127.0.0.1:$port" >"$work/exporter.log" 2>&1 &
for attempt in {1..100}; do
  curl -fs -o /dev/null "http://127.0.0.1:$port/-/ready" && break
  [ "$attempt" != 100 ] || { cat "$work/exporter.log"; fail "the image serves"; }
  sleep 0.1
done
exporter=$(pgrep -f -x -- "$entrypoint --config.file=.*--web.listen-address=127.0.0.1:$port")
[ "$(ps -o uid= -p "$exporter" | xargs)" = 65532 ] || fail "the exporter is not root"
curl -fs "http://127.0.0.1:$port/metrics" >"$work/scrape"
grep -q '^mtls_exporter_build_info' "$work/scrape" || fail "the scrape has the exporter's own metrics"
grep -q '^mtls_target_reachable{target="nothing".* 0$' "$work/scrape" || fail "the scrape has the target"
healthy || fail "the health check succeeds while the exporter serves"
kill "$exporter"
wait || true
exporter=''
! healthy || fail "the health check fails once the exporter has gone"
echo "the image builds, runs as 65532, serves and checks its own health"
