#!/usr/bin/env bash
# prometheus_test.sh EXPORTER: the quickstart's estate of real servers, watched by the exporter, scraped by a real
# Prometheus. Every finding is asked for as an operator would, in PromQL; servers are stopped and started on the way.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=tests/support/watched_estate.sh
. tests/support/watched_estate.sh

# How many probes of a target have finished.
probes() { curl -fsS "$scrape_url" | awk -v name="target=\"$1\"" '/^mtls_probes_total/ && index($0, name) {print $NF}'; }
# The second probe to finish from now on is the first that surely began after now.
probed_twice_since() { [ "$(probes "$1")" -ge $(($2 + 2)) ]; }
next_probe_of() { eventually "$1 is probed again" probed_twice_since "$1" "$(probes "$1")"; }

# In two steps: grep -q leaves at the first match, and curl would fail for want of a reader.
scrape_says() {
  curl -fsS -o "$work/scrape" "$scrape_url"
  grep -qE -- "$1" "$work/scrape"
}

estate_make "$work/estate" rest
estate_start
estate_renew shipping
estate_configuration 1s 900ms >"$work/mtls_exporter.yml"
start_exporter
start_prometheus
eventually "the exporter is ready" curl -fs -o /dev/null "http://$exporter_address/-/ready"

eventually "Prometheus can scrape it" promql 'up{job="mtls"} == 1'
eventually "orders: as it should be" promql 'mtls_probe_success{target="orders"} == 1
  and mtls_client_certificate_accepted == 1 and mtls_client_auth_enforced == 1'
eventually "payments: its certificate expires in 6 days" promql '
  (mtls_certificate_expiry_days{source="server", target="payments", position="0"} > 5.9) < 6.1'
eventually "one rule over all certificates names payments, the intern whom nobody renewed, and no other" promql '
  count(mtls_certificate_expiry_days < 7) == 2 and count(mtls_certificate_expiry_days{target="payments"} < 7) == 1
  and count(mtls_certificate_expiry_days{target="vpn", subject_cn="intern"} < -29) == 1'
eventually "billing: the intermediate is missing" promql 'mtls_chain_complete{target="billing"} == 0
  and on (target) mtls_chain_problem{problem="missing_intermediate"} == 1 and on (target) mtls_probe_success == 0'
eventually "reports: the wrong name, on a chain that is fine" promql '
  mtls_hostname_match{target="reports"} == 0 and on (target) mtls_chain_valid == 1 and on (target) mtls_probe_success == 0'
eventually "partners: refuses our identity, and says why" promql '
  mtls_handshake_failure_info{target="partners", stage="client_certificate", reason="unknown_ca", alert="unknown_ca"} == 1
  and on (target) mtls_client_certificate_accepted == 0'
eventually "partners: its certificate is known although it refuses us" promql '
  mtls_certificate_expiry_days{source="server", target="partners", position="0"} > 89'
eventually "ledger: the door is not locked" promql 'mtls_client_auth_enforced{target="ledger"} == 0
  and on (target) mtls_client_auth_mode{mode="open"} == 1 and on (target) mtls_probe_success == 0'
eventually "archive: down, and never called enforced" promql '
  mtls_handshake_failure_info{target="archive", stage="connect", reason="refused"} == 1
  and on (target) mtls_target_reachable == 0 unless on (target) mtls_client_auth_enforced'
eventually "our own identity's certificate is watched by the same family" promql '
  mtls_certificate_expiry_days{source="identity", target="watcher", position="0"} > 89'

eventually "shipping: renewed on disk, and not loaded" promql '
  mtls_served_certificate_stale{target="shipping", path=~".*/shipping/chain.pem"} == 1'
estate_stop shipping
estate_start shipping
eventually "shipping: loaded by a restart" promql 'mtls_served_certificate_stale{target="shipping"} == 0'

eventually "keystores: a PKCS#12 file is opened, judged, and watched by the same family" promql '
  (mtls_certificate_expiry_days{source="file", target=~".*/batch.p12#batch", position="0", subject_cn="batch"} > 19) < 21
  and on (target) mtls_chain_valid{source="file"} == 1'
eventually "vpn: what is about to end is shown, what was renewed or revoked is only counted" promql '
  count(mtls_certificate_expiry_days{source="authority", target="vpn"}) == 2
  and count(mtls_certificate_expiry_days{source="authority", subject_cn="laptop"} < 11) == 1'
for state in valid:2 expired:1 superseded:1 revoked:1 held:0; do
  eventually "vpn: $state" promql "mtls_authority_certificates{name=\"vpn\", state=\"${state%:*}\"} == ${state#*:}"
done
eventually "every source is up, and has met no error" promql '
  min(mtls_source_up) == 1 and sum(mtls_source_errors_total) == 0 and sum(mtls_source_series_dropped) == 0'
openssl ca -config "$estate/vpn/conf" -revoke "$estate/vpn/new/1000.pem" 2>>"$work/exporter.log"
eventually "vpn: a revocation shows within a cycle" promql 'mtls_authority_certificates{name="vpn", state="revoked"} == 2
  unless on () mtls_certificate_expiry_days{subject_cn="laptop"}'

estate_stop orders
next_probe_of orders
scrape_says '^mtls_target_reachable\{.*target="orders".* 0$' || fail "a stopped server shows in the next probe"
eventually "the expiry of a stopped server is still published, and still right" promql '
  mtls_certificate_expiry_days{source="server", target="orders", position="0"} > 89 and on (target) mtls_target_reachable == 0'
eventually "a stopped server is not called enforced" promql 'mtls_target_reachable{target="orders"} == 0
  unless on (target) mtls_client_auth_enforced'

estate_start orders
next_probe_of orders
scrape_says '^mtls_target_reachable\{.*target="orders".* 1$' || fail "a restarted server shows in the next probe"
eventually "Prometheus sees it come back" promql 'mtls_probe_success{target="orders"} == 1'
promql 'min_over_time(up{job="mtls"}[1h]) == 1' || fail "not one scrape failed"

# promtool's complaints are its opinion of the unit "days", which PRODUCT's users asked for; anything else is a mistake.
curl -fsS "$scrape_url" >"$work/scrape"
complaints=$(promtool check metrics <"$work/scrape" 2>&1 | grep -vE '^mtls_(certificate_expiry|chain_expiry|issuer_expiry|certificate_threshold)_days ' || true)
[ -z "$complaints" ] || fail "promtool check metrics: $complaints"

# A probe that hangs holds nobody up at the end: the server is stopped in the middle of things, not closed.
kill -STOP "$(cat "$estate/orders/pid")"
kill -TERM "$exporter_pid"
gone() { ! kill -0 "$exporter_pid" 2>/dev/null; }
for attempt in {1..20}; do gone && break; sleep 0.1; done
kill -CONT "$(cat "$estate/orders/pid")"
gone || fail "SIGTERM ends the exporter in two seconds ($attempt looks)"
wait "$exporter_pid" || fail "SIGTERM is a clean end, not status $?"
exporter_pid=''
echo "ok: SIGTERM ends it"
