#!/usr/bin/env bash
# authorities_test.sh EXPORTER: CAs kept with the real `openssl ca` and easy-rsa issue, renew, hold, revoke and let expire; the
# metrics follow. Years pass by faketime.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh

work=$(mktemp -d)
exporter_pid=''
# faketime runs the exporter as its child and does not pass a signal on.
stop_exporter() {
  local pid
  for pid in $(pgrep -P "$exporter_pid") "$exporter_pid"; do end_process "$pid"; done
}
clean_up() {
  [ -z "$exporter_pid" ] || stop_exporter
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*"
  grep -E '^mtls_(authority|source|certificate_expiry)' "$work/scrape" || true
  tail -n 20 "$work"/*.log
  exit 1
}

scrape() { curl -fsS -o "$work/scrape" "http://127.0.0.1:$port/metrics"; }
counts() {
  scrape || return
  local state
  for state in "${@:2}"; do
    grep -qF "mtls_authority_certificates{name=\"$1\",state=\"${state%:*}\"} ${state#*:}" "$work/scrape" || return
  done
}

# eventually SENTENCE AUTHORITY STATE:COUNT...
eventually() {
  local attempt
  for attempt in {1..100}; do
    if counts "${@:2}" 2>/dev/null; then echo "ok: $1"; return; fi
    sleep 0.1
  done
  fail "$1 ($attempt looks for: ${*:2})"
}

# published AUTHORITY NAME: whether the certificate has a series of its own.
published() { grep -qE "^mtls_certificate_expiry_days\{source=\"authority\",target=\"$1\",.*subject_cn=\"$2\"" "$work/scrape"; }

# revocation_list FAMILY SOURCE NAME: the value published of the list.
revocation_list() {
  scrape && sed -n "s/^mtls_crl_$1{source=\"$2\",name=\"$3\",.*issuer=\"CN=Easy-RSA CA\".*} //p" "$work/scrape"
}
# lists_made_after SECONDS: both who publish the list say that it is that new, not due yet, and signed by its issuer.
lists_made_after() {
  local from
  for from in "trust easyrsa" "file lists"; do
    # shellcheck disable=SC2086  # two words
    awk -v made="$(revocation_list this_update_timestamp_seconds $from)" -v due="$(revocation_list next_update_timestamp_seconds $from)" \
      -v genuine="$(revocation_list genuine $from)" -v after="$1" -v now="$(date +%s)" \
      'BEGIN { exit !(made > after && due > now && genuine == "1") }' || return
  done
}

# start [WRAPPER...]
start() {
  port=$(free_port)
  env "$@" "$exporter" --config.file="$work/estate.yml" --web.listen-address="127.0.0.1:$port" >>"$work/exporter.log" 2>&1 &
  exporter_pid=$!
}

easyrsa() { EASYRSA_PKI=$work/pki EASYRSA_BATCH=1 EASYRSA_SILENT=1 /usr/share/easy-rsa/easyrsa "$@" >>"$work/easyrsa.log" 2>&1; }

estate=$work
ca=$work/ca
mkdir -p "$ca"
estate_vpn
easyrsa init-pki
easyrsa build-ca nopass
easyrsa build-client-full alice nopass
easyrsa build-client-full bob nopass
easyrsa gen-crl
cat >"$work/estate.yml" <<END
trust:
  easyrsa: {ca_files: [$work/pki/ca.crt], crl_files: [$work/pki/crl.pem]}
files:
  - {name: lists, paths: [$work/pki/crl.pem], trust: easyrsa, interval: 1h}
authorities:
  - {name: openssl, openssl_index: $work/vpn/index.txt, interval: 1h}
  - {name: easyrsa, openssl_index: $work/pki/index.txt, interval: 1h, publish_within: 3y}
  - {name: issued, issued: [$work/vpn/new], interval: 1h}
END

start
eventually "openssl ca: what it has issued so far" openssl valid:2 expired:1 superseded:1 revoked:1 held:0
vpn_client tablet '-1 hour' '+30 days'
eventually "openssl ca: a certificate is issued" openssl valid:3
published openssl tablet || fail "it is published: it ends within 90 days"
vpn_client tablet '-1 minute' '+300 days'
eventually "openssl ca: it is renewed" openssl valid:3 superseded:2
! published openssl tablet || fail "neither the one that was replaced nor the one that is far from its end is published"
openssl ca -config "$vpn/conf" -revoke "$vpn/new/1000.pem" -crl_hold holdInstructionNone 2>>"$work/openssl.log"
eventually "openssl ca: one is held" openssl valid:2 held:1 revoked:1
! published openssl laptop || fail "a certificate on hold wakes nobody"
openssl ca -config "$vpn/conf" -updatedb 2>>"$work/openssl.log"
eventually "openssl ca: its own flag for expired certificates changes nothing" openssl valid:2 expired:1 superseded:2 held:1 revoked:1
eventually "the same certificates from their folder: nothing is known of revocations" issued valid:4 expired:1 superseded:2 revoked:0 held:0

eventually "easy-rsa: two clients" easyrsa valid:2 superseded:0 revoked:0
published easyrsa alice || fail "alice ends within three years"
for attempt in {1..100}; do if lists_made_after 0; then break; fi; sleep 0.1; done
lists_made_after 0 || fail "the revocation list is published by its trust store and from its file"
made=$(revocation_list this_update_timestamp_seconds file lists)
sleep 1.1  # a list says its second
easyrsa revoke bob
easyrsa gen-crl
for attempt in {1..100}; do if lists_made_after "$made"; then break; fi; sleep 0.1; done
lists_made_after "$made" || fail "so is the one that takes its place ($attempt looks)"
echo "ok: revocation lists follow"
eventually "easy-rsa: one is revoked" easyrsa valid:1 revoked:1
! published easyrsa bob || fail "a revoked certificate wakes nobody"
EASYRSA_CERT_RENEW=1000 easyrsa renew alice nopass  # however early
eventually "easy-rsa: one is renewed" easyrsa valid:1 superseded:1 revoked:1
grep -qF 'mtls_source_up{source="authority",name="easyrsa"} 1' "$work/scrape" || fail "every line of easy-rsa's index is read"

end_process "$exporter_pid"
start FAKETIME_DONT_FAKE_MONOTONIC=1 faketime '+4 years'
eventually "four years later: all that was not revoked or replaced has expired, whatever the flag" easyrsa valid:0 expired:1 superseded:1 revoked:1
eventually "four years later: openssl ca, too" openssl valid:0 expired:3 superseded:2 revoked:1 held:1
