#!/usr/bin/env bash
# deb_test.sh BUILD: the Debian package is one Debian's own judge accepts; installed into a bare root of the release that runs here it serves as its unit starts
# it, keeps the operator's configuration when removed, and leaves nothing when purged. cpack packs what is built; it builds nothing.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."
build=$1

[ "$(id -u)" = 0 ] || { echo "skipped: making a Debian root needs root"; exit 77; }

work=$(mktemp -d)
exporter=''
clean_up() {
  [ -z "$exporter" ] || kill "$exporter" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
fail() { echo "FAILED: $*"; exit 1; }
in_root() { bwrap --bind "$root" / --dev /dev --proc /proc --tmpfs /tmp --ro-bind "$work/package" /package --clearenv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --cap-add ALL "$@"; }

# --- the package -------------------------------------------------------------------------------------------------
(cd "$build" && cpack -B "$work/cpack" >"$work/log" 2>&1) || { cat "$work/log"; fail "cpack makes the package"; }
mkdir "$work/package"
mv "$work"/cpack/*.deb "$work/package/"
package=$(basename "$work"/package/*.deb)
version=$("$build/exporter/mtls_exporter" --version | awk '{print $2; exit}')
[[ $package == "mtls-exporter_${version}-1_"* ]] || fail "$package carries the program's version, $version"
grep -q "^mtls-exporter ($version-1) " deploy/debian/changelog || fail "deploy/debian/changelog begins with $version-1"
lintian --allow-root --fail-on error,warning "$work/package/$package" || fail "lintian finds nothing"
control() { dpkg-deb -f "$work/package/$package" "$1"; }
for library in $(deploy/install-packages.sh --list runtime); do
  [[ $(control Depends) == *"$library"* ]] || fail "the package depends on $library: $(control Depends)"
done

# --- installed ---------------------------------------------------------------------------------------------------
# mmdebstrap's apt knows the way to the archive, so it fetches the dependencies with the base; dpkg then installs without any.
root=$work/root
dependencies=$(control Depends | sed 's/systemd | //; s/([^)]*)//g; s/ //g')
mmdebstrap --quiet --dpkgopt=force-unsafe-io --variant=essential --include="$dependencies,init-system-helpers" "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" >"$work/log" 2>&1 ||
  { cat "$work/log"; fail "mmdebstrap makes a root"; }
in_root dpkg --install "/package/$package" >"$work/log" 2>&1 || { cat "$work/log"; fail "the package installs"; }

[ "$(in_root id -un mtls_exporter)" = mtls_exporter ] || fail "the account is there"
[ "$(stat -c %a "$root/etc/mtls_exporter/credentials")" = 700 ] || fail "only root looks into the credentials"
[ -L "$root/etc/systemd/system/multi-user.target.wants/mtls_exporter.service" ] || fail "the service begins with the machine"
[ ! -e "$root/etc/systemd/system/sockets.target.wants/mtls_exporter.socket" ] || fail "the socket waits to be asked for"
[ -e "$root/usr/share/man/man1/mtls_exporter.1.gz" ] || fail "the man page is there"
for completion in bash-completion/completions/mtls_exporter zsh/vendor-completions/_mtls_exporter fish/vendor_completions.d/mtls_exporter.fish; do
  [ -s "$root/usr/share/$completion" ] || fail "the completion is there: $completion"
done
in_root dpkg --verify mtls-exporter >"$work/verify"
[ ! -s "$work/verify" ] || fail "the files are as packed: $(cat "$work/verify")"

# --- ExecStart ---------------------------------------------------------------------------------------------------
# shellcheck source=deploy/quickstart/estate.sh
estate=$work
. deploy/quickstart/estate.sh
port=$(free_port)
options="--web.listen-address=127.0.0.1:$port"
command=$(sed -n 's/^ExecStart=//p' "$root/lib/systemd/system/mtls_exporter.service")
read -ra command <<<"${command//\$MTLS_EXPORTER_OPTIONS/$options}"
echo "targets: [{name: nothing, address: '127.0.0.1:$(free_port)'}]" >"$work/edited"
for configuration in shipped edited; do
  [ "$configuration" = shipped ] || cp "$work/edited" "$root/etc/mtls_exporter/mtls_exporter.yml"
  in_root sh -c 'echo $$ >/run/pid; exec "$@"' sh setpriv --reuid mtls_exporter --regid mtls_exporter --clear-groups --inh-caps=-all --bounding-set=-all -- \
    "${command[@]}" >"$work/log" 2>&1 &
  for attempt in {1..100}; do
    curl -fs "http://127.0.0.1:$port/metrics" >"$work/scrape" && break
    [ "$attempt" != 100 ] || { cat "$work/log"; fail "ExecStart= serves with the $configuration configuration"; }
    sleep 0.1
  done
  exporter=$(cat "$root/run/pid")
  grep -q "^mtls_exporter_targets $([ $configuration = shipped ] && echo 0 || echo 1)\$" "$work/scrape" || fail "it watches the targets of the $configuration configuration"
  kill "$exporter"
  wait || fail "it ends in order"
  exporter=''
done

# --- removed, purged ---------------------------------------------------------------------------------------------
in_root dpkg --remove mtls-exporter >"$work/log" 2>&1 || { cat "$work/log"; fail "the package goes"; }
[ ! -e "$root/usr/bin/mtls_exporter" ] || fail "the program is gone"
cmp -s "$work/edited" "$root/etc/mtls_exporter/mtls_exporter.yml" || fail "the operator's configuration stays"
in_root dpkg --purge mtls-exporter >"$work/log" 2>&1 || { cat "$work/log"; fail "the package is purged"; }
left=$(find "$root/etc" "$root/usr" "$root/lib" "$root/var" -path "$root/var/log" -prune -o \( -name '*mtls_exporter*' -o -name '*mtls-exporter*' \) -print)
[ -z "$left" ] || fail "a purge leaves: $left"
echo "$package installs, serves, goes"
