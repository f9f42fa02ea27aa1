#!/usr/bin/env bash
# live_test.sh EXPORTER STAGE PICTURES: the quickstart's estate of real servers, watched by the exporter, scraped by a real Prometheus.
# Every query of every dashboard answers what expected.tsv says, and each dashboard is drawn into PICTURES, with the answers in it.
set -euo pipefail
exporter=$(readlink -f "$1") stage=$(readlink -f "$2") pictures=$3
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/support/watched_estate.sh
. tests/support/watched_estate.sh

# Beside the quickstart's: owners, a second identity that only some servers are asked with, one that cannot be used, a trust
# store that is not there, another with a revocation list, and every metric there is.
configuration() {
  estate_configuration 1s 900ms | sed -e "
    /^trust:/a\  clients: {ca_files: [$ca/vpn.crt], crl_files: [$vpn/crl.pem]}
    /^trust:/a\  gone: {ca_files: [$ca/gone.crt], labels: {owner: pki}}
    /^identities:/a\  partner: {certificate_file: $ca/partner.crt, key_file: $ca/partner.key, labels: {owner: partners}}
    /^identities:/a\  lost: {certificate_file: $ca/watcher.pem, key_file: $ca/lost.key}
    /^modules:/a\  both: {protocol: https, trust: internal, identities: [watcher, partner], client_auth: {expect: required, every: 1s}}
    s|, $estate/ledger/conf||
    s|, $estate/partners/conf||
    /^discovery:/a\  - {nginx: [$estate/ledger/conf], module: both}
    /^discovery:/a\  - {haproxy: [$estate/partners/conf], module: both}
    /^discovery:/a\  - {nginx: [$estate/payments/conf], module: mtls_https, labels: {owner: payments}}"
  echo 'metrics: {detail: full}'
}

# What that configuration speaks of and the quickstart has not.
make_the_rest() {
  new_certificate partner '/O=Partner/CN=partner' partner_root 20 "${leaf_extensions}extendedKeyUsage=clientAuth\nsubjectAltName=DNS:partner.test\n"
  printf '[vpn]\ncrlnumber = %s\n' "$vpn/crlnumber" >>"$vpn/conf"
  echo 11 >"$vpn/crlnumber"  # hexadecimal
  openssl ca -config "$vpn/conf" -gencrl -crldays 30 -out "$vpn/crl.pem" 2>>"$vpn/log"
}

# The alerting rules, which fire at once, so that the panels of alerts have something to show.
impatient_rules() {
  local rules
  mkdir "$work/rules"
  for rules in deploy/prometheus/rules/*.yml; do sed -E 's/^( *for: ).*/\10s/' "$rules" >"$work/rules/${rules##*/}"; done
}

estate_make "$work/estate" rest
estate_start
estate_renew shipping
make_the_rest
impatient_rules
configuration >"$work/mtls_exporter.yml"
start_exporter
start_prometheus "rule_files: [$work/rules/*.yml]"
eventually "Prometheus has scraped the exporter" promql 'mtls_probe_success{target="orders"} == 1'
began=$(date +%s)
node "$stage/tests/grafana/build/expected_test.js" grafana/dashboards tests/grafana/expected.tsv "$prometheus_url" || fail "the dashboards do not show what is there"

# Something to see in the history: a server that goes and comes back.
eventually "orders has been seen for a while" promql 'count_over_time(mtls_probe_success{target="orders"}[1m]) > 15'
estate_stop orders
eventually "orders is seen to be down" promql 'max_over_time(mtls_target_reachable{target="orders"}[4s]) == 0'
estate_start orders
eventually "orders is seen to be back" promql 'min_over_time(mtls_client_auth_enforced{target="orders"}[8s]) == 1 and count_over_time(mtls_client_auth_enforced{target="orders"}[8s]) > 6'
node "$stage/tests/grafana/build/preview/draw_all.js" grafana/dashboards "$prometheus_url" "$began" "$pictures"
