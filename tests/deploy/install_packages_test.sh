#!/usr/bin/env bash
# install-packages.sh with a stand-in package system: what it asks for, when it asks, and that no service may start.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
export POLICY_RC_D=$work/policy-rc.d CALLS=$work/calls INSTALLED=$work/installed PROVIDES=$work/provides PATH=$work/bin:$PATH

stand_in() { cat >"$work/bin/$1"; chmod +x "$work/bin/$1"; }
stand_in id <<'END'
#!/bin/sh
echo 0
END
stand_in apt-cache <<'END'
#!/bin/sh
END
stand_in systemctl <<'END'
#!/bin/sh
echo "systemctl $*" >>"$CALLS"
END
stand_in dpkg-query <<'END'
#!/bin/bash
case "$*" in
  -L*) case "$*" in *nginx*) echo /lib/systemd/system/nginx.service ;; esac ;;
  *'${Provides}'*) cat "$PROVIDES" ;;
  *'${Package}'*) sed 's/^/installed /' "$INSTALLED" ;;
  *) grep -qx -- "${@: -1}" "$INSTALLED" && printf installed ;;
esac
END
stand_in apt-get <<'END'
#!/bin/sh
echo "apt-get $*" >>"$CALLS"
[ "$1" = install ] || exit 0
[ -x "$POLICY_RC_D" ] && "$POLICY_RC_D" nginx start; echo "policy $?" >>"$CALLS"
while [ "$1" != -- ]; do shift; done; shift
printf '%s\n' "$@" >>"$INSTALLED"
END

install() { : >"$CALLS"; deploy/install-packages.sh "$@" 2>"$work/said"; }
fail() { echo "FAILED: $*"; cat "$CALLS" "$work/said"; exit 1; }
called() { grep -q -- "$1" "$CALLS"; }

: >"$INSTALLED"
: >"$PROVIDES"
install quickstart
called 'apt-get install .* nginx-light' || fail "what is missing is installed"
! called 'openssh' || fail "nothing else is installed"
! called 'apt-get update' || fail "lists that know every package are not fetched again"
called 'policy 101' || fail "no service may be started during the installation"
[ ! -e "$POLICY_RC_D" ] || fail "the temporary policy is removed"
called 'systemctl disable .*nginx.service' || fail "the new service does not start at the next boot either"

install quickstart
[ ! -s "$CALLS" ] || fail "nothing missing: nothing is called"

grep -vx nginx-light "$INSTALLED" >"$work/others"
mv "$work/others" "$INSTALLED"
echo 'installed httpd, nginx-light (= 1.22), nginx' >"$PROVIDES"
install quickstart
[ ! -s "$CALLS" ] || fail "what another package provides is not missing"
echo 'config-files nginx-light' >"$PROVIDES"
echo 'installed nginx-light-doc, other-nginx-light' >>"$PROVIDES"
install quickstart
called 'apt-get install .* nginx-light' || fail "a removed package provides nothing, and a longer name is another package"

printf '#!/bin/sh\nexit 104\n' >"$POLICY_RC_D"
chmod +x "$POLICY_RC_D"
: >"$INSTALLED"
install quickstart
called 'policy 104' || fail "an existing policy is respected"
[ -e "$POLICY_RC_D" ] || fail "and stays"

# --- by release --------------------------------------------------------------------------------------------------
names() { deploy/install-packages.sh --list "$@" 2>"$work/said"; }
lists() { names "${@:2}" | grep -x "$1" >/dev/null; }
release() { printf '%s\n' "$@" >"$work/os-release"; }
export OS_RELEASE=$work/os-release
: >"$CALLS"
release VERSION_CODENAME=trixie
lists libfmt10 runtime || fail "a release gets its own names"
! lists libfmt9 runtime || fail "and no other's"
lists libisal2 runtime || fail "a name without marks is in every release"
release VERSION_CODENAME=bookworm
lists libfmt9 runtime || fail "this one's, too"
lists libssl3t64 --release=trixie runtime || fail "another release's names can be asked for"
release VERSION_CODENAME=wilma UBUNTU_CODENAME=noble
lists libspdlog1.12 runtime || fail "a derivative takes what it is made of"
release VERSION_CODENAME=forky
lists libfmt10 runtime || fail "an unknown release takes the newest's names"
grep -q forky "$work/said" || fail "and is told so"
release ID=debian
lists libfmt10 runtime || fail "one without a codename as well"
! names --release=wheezy runtime || fail "to ask for an unknown release's is an error"
! names no-such-section || fail "and an unknown section"
[ "$(names build runtime | wc -l)" = "$(($(names build | wc -l) + $(names runtime | wc -l)))" ] || fail "several sections are printed one after the other"
[ ! -s "$CALLS" ] || fail "a list installs nothing"
deploy/install-packages.sh --release=trixie runtime 2>"$work/said" && fail "names of another release are not installed here"

! install no-such-section || fail "an unknown section is an error"
! install || fail "no section is an error"
echo "install-packages.sh: all as it should be"
