#!/usr/bin/env bash
# alerts_test.sh EXPORTER: from a real server to a pager. The exporter, a real Prometheus with the rules of deploy/prometheus, a
# real Alertmanager with the routes of deploy/alertmanager, and a webhook. A certificate comes within 30 days of its end, a server begins to
# refuse a client, a door opens: each is told, to whom it should be, within a minute, and resolves when it is mended.
#
# To fit into minutes, minutes are seconds: deploy/quickstart/monitoring.sh says how. Nothing else of the rules is changed.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh
# shellcheck source=deploy/quickstart/monitoring.sh
. deploy/quickstart/monitoring.sh

work=$(mktemp -d)
pids=()
clean_up() {
  local pid
  for pid in "${pids[@]}"; do end_process "$pid"; done
  [ -z "${monitoring:-}" ] || monitoring_stop
  [ -z "${estate:-}" ] || estate_stop
  wait
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*"
  tail -n 20 "$work"/*.log "$monitoring"/*.log
  curl -fsS "$prometheus_url/api/v1/alerts" | jq -c '.data.alerts[]' || true
  jq -c '{receiver, status, alerts: [.alerts[] | [.status, .labels]]}' "$work/messages" || true
  exit 1
}

# Waits until a condition holds, a minute at most.
eventually() {
  local sentence=$1 begun=$SECONDS
  shift
  until "$@" 2>/dev/null; do
    [ $((SECONDS - begun)) -lt 60 ] || fail "$sentence (a minute of: $*)"
    sleep 0.2
  done
  echo "ok: $sentence ($((SECONDS - begun)) s)"
}

start() { # NAME COMMAND...: in the background, its output in NAME.log
  local name=$1
  shift
  "$@" </dev/null >"$work/$name.log" 2>&1 &
  pids+=($!)
}

restart() { estate_stop "$1"; estate_start "$1"; }

# --- what runs ---------------------------------------------------------------------------------------------------

# Three servers of the quickstart's estate, all in order to begin with.
estate_make "$work/estate"
server_certificate payments 90 payments.estate.test
server_certificate billing 90 billing.estate.test
estate_names() { echo orders payments billing | xargs -n1; }
estate_start

webhook_port=$(free_port) exporter_port=$(free_port)
: >"$work/messages"
start webhook tests/e2e/webhook.py "$webhook_port" "$work/messages"
monitoring_make "$work/monitoring" "$exporter_port" "http://127.0.0.1:$webhook_port"
monitoring_start
estate_configuration 1s 900ms >"$work/mtls_exporter.yml"
start exporter "$exporter" --config.file="$work/mtls_exporter.yml" --web.listen-address="127.0.0.1:$exporter_port"

# --- what is told ------------------------------------------------------------------------------------------------

# told STATUS RECEIVER ALERT TARGET [WORDS]: a message came with this alert, and these words in its description.
told() {
  jq -es --arg status "$1" --arg receiver "$2" --arg alert "$3" --arg target "$4" --arg words "${5:-}" '
    any(.[] | select(.receiver == $receiver) | .alerts[];
      .status == $status and .labels.alertname == $alert and .labels.target == $target and (.annotations.description | contains($words)))' \
    "$work/messages" >/dev/null
}

eventually "the exporter is scraped" monitoring_holds 'up{job="mtls"} == 1'
# Twenty seconds are twenty minutes of the rules: longer than the longest wait of an alert about a server.
eventually "every server was probed twenty times" monitoring_holds 'min(mtls_probes_total) > 20 and count(mtls_probes_total) == 3'
eventually "every server is as it should be" monitoring_holds 'count(mtls_probe_success == 1) == 3 and count(mtls_client_auth_enforced == 1) == 3'
if monitoring_holds 'ALERTS{alertstate="firing"}'; then fail "nothing fires on a healthy estate"; fi
[ ! -s "$work/messages" ] || fail "nobody is called about a healthy estate"
echo "ok: a healthy estate is left in peace"

dated_certificate payments '-300 days' '+30 days +10 seconds'
restart payments
server_haproxy orders "$ca/partner_root.crt"
restart orders
server_nginx billing optional_no_ca
restart billing

# A description is as of the moment of firing: of the door's two knocks only the first may have been answered by then.
eventually "payments: a certificate enters its window, and a ticket comes" told firing tickets MtlsCertificateExpiring payments "payments.estate.test (server payments) expires in 30.0 days"
eventually "orders: a client is refused, and the pager says why" told firing pager MtlsClientRefused orders "client_certificate/unknown_ca, alert unknown_ca"
eventually "billing: a door opens, and the pager says how" told firing pager MtlsDoorNotEnforced billing "admitted;"
eventually "billing: security is told as well" told firing security MtlsDoorNotEnforced billing
eventually "orders: security is told that its list of CAs changed" told firing security MtlsAcceptableCasChanged orders
eventually "orders: that it no longer lists our CA fires, too" monitoring_holds 'ALERTS{alertname="MtlsClientCaNotListed", alertstate="firing", target="orders"}'
others=$(jq -rs '[.[].alerts[].labels | .alertname + " " + .target] | unique - ["MtlsAcceptableCasChanged orders", "MtlsCertificateExpiring payments",
  "MtlsClientRefused orders", "MtlsDoorNotEnforced billing"] | join(", ")' "$work/messages")
[ -z "$others" ] || fail "nothing else is told, not $others"
echo "ok: nothing else is told: what follows from the refusal is muted"

server_certificate payments 90 payments.estate.test
restart payments
server_haproxy orders "$ca/clients.pem"
restart orders
server_nginx billing on
restart billing

eventually "payments: renewed, resolved" told resolved tickets MtlsCertificateExpiring payments
eventually "orders: accepted again, resolved" told resolved pager MtlsClientRefused orders
eventually "billing: locked again, resolved" told resolved pager MtlsDoorNotEnforced billing
eventually "nothing fires any more" monitoring_holds 'absent(ALERTS{alertstate="firing"})'
