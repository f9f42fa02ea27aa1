# shellcheck shell=bash
# For sourcing, at the root of the tree: the quickstart's estate of real servers, watched by the exporter, scraped by a real
# Prometheus. It makes the folder $work, where logs and configurations lie, and at the end stops what was started and removes
# it.
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh

: "${exporter:?the program, set by the test}"
work=$(mktemp -d)
exporter_pid='' prometheus_pid='' scrape_url='' prometheus_url=''
clean_up() {
  # shellcheck disable=SC2086  # an empty pid is no argument
  kill $exporter_pid $prometheus_pid 2>/dev/null || true
  [ -z "${estate:-}" ] || estate_stop
  wait
  rm -rf "$work"
}
trap clean_up EXIT

# fail SENTENCE: ends the test, with what the programs have said and the exporter publishes about the estate's servers.
fail() {
  echo "FAILED: $*"
  tail -n 20 "$work"/*.log
  curl -s "$scrape_url" | grep -v '^#' | grep -E 'target="(orders|payments|billing|reports|partners|ledger|shipping|archive)"' || true
  exit 1
}

# eventually SENTENCE COMMAND...: waits until the command succeeds; the limit is for a machine in trouble, not for the
# exporter's speed.
eventually() {
  local sentence=$1 attempt
  shift
  for attempt in {1..150}; do
    if "$@" 2>/dev/null; then echo "ok: $sentence"; return; fi
    sleep 0.2
  done
  fail "$sentence ($attempt looks at: $*)"
}

# True when Prometheus has at least one sample for the expression now.
promql() {
  curl -fsS --data-urlencode "query=$1" "$prometheus_url/api/v1/query" |
    jq -e '.status == "success" and (.data.result | length) > 0' >/dev/null
}

# start_exporter: with the configuration $work/mtls_exporter.yml. It is scraped at $scrape_url.
start_exporter() {
  exporter_address=127.0.0.1:$(free_port)
  scrape_url=http://$exporter_address/metrics
  "$exporter" --config.file="$work/mtls_exporter.yml" --web.listen-address="$exporter_address" >"$work/exporter.log" 2>&1 &
  exporter_pid=$!
}

# start_prometheus [SETTINGS]: scrapes the exporter every second; SETTINGS are further lines of its configuration. It answers
# at $prometheus_url.
start_prometheus() {
  local address
  address=127.0.0.1:$(free_port)
  prometheus_url=http://$address
  cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
${1:-}
scrape_configs:
  - {job_name: mtls, static_configs: [{targets: ["$exporter_address"]}]}
END
  prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" --log.level=warn \
    --web.listen-address="$address" >"$work/prometheus.log" 2>&1 &
  prometheus_pid=$!
}
