# shellcheck shell=bash
# The quickstart's monitoring: Debian's Prometheus and Alertmanager on loopback, with the rules of deploy/prometheus and the routes of
# deploy/alertmanager. Sourced after estate.sh by quickstart.sh and by the end-to-end tests. Everything is written to $monitoring (set by
# monitoring_make); each process has its pid in $monitoring/NAME.pid.
#
# Nobody waits a quarter of an hour for an example: every minute of the rules becomes a second and every hour a minute (`for: 15m` waits
# 15 s, `[1h]` looks back one minute), and everything is scraped and evaluated each second. Days, thresholds and all else are the rules' own,
# and so are the minutes of the rules about the exporter itself: processes take real seconds to start.
#
#   monitoring_make FOLDER EXPORTER_PORT [WEBHOOK]  rules and configurations; messages go to WEBHOOK/RECEIVER, or nowhere
#   monitoring_start, monitoring_stop               both processes; start waits until they answer
#   monitoring_holds EXPRESSION                     true when Prometheus has a sample for it now
#   monitoring_firing                               a table of what Alertmanager would tell now: what is muted is not in it
#   prometheus_url, alertmanager_url                set by monitoring_make

monitoring_make() {
  monitoring=$1
  mkdir -p "$monitoring/rules"
  local file prometheus_port alertmanager_port
  prometheus_port=$(free_port)
  alertmanager_port=$(free_port)
  prometheus_url=http://127.0.0.1:$prometheus_port
  alertmanager_url=http://127.0.0.1:$alertmanager_port
  cp deploy/prometheus/rules/*.yml "$monitoring/rules/"
  for file in "$monitoring"/rules/*.yml; do
    [ "${file##*/}" != exporter.yml ] || continue
    sed -i -E 's/^( +for: [0-9]+)m$/\1s/; s/^( +for: [0-9]+)h$/\1m/; s/\[([0-9]+)m\]/[\1s]/g; s/\[([0-9]+)h\]/[\1m]/g' \
      "$file"
  done
  cat >"$monitoring/prometheus.yml" <<END
global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
rule_files: [$monitoring/rules/*.yml]
alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:$alertmanager_port"]}]}]}
scrape_configs:
  - {job_name: mtls, static_configs: [{targets: ["127.0.0.1:$2"]}]}
END
  sed -E 's/group_wait: .*/group_wait: 1s/; s/group_interval: .*/group_interval: 1s/' deploy/alertmanager/alertmanager.yml |
    if [ -n "${3:-}" ]; then sed -E "s#http://[a-z]+\.example\.net#$3#"; else sed -E 's/, webhook_configs: .*/}/'; fi \
      >"$monitoring/alertmanager.yml"
}

monitoring_process() { # NAME COMMAND...
  local name=$1
  shift
  "$@" </dev/null >"$monitoring/$name.log" 2>&1 &
  echo $! >"$monitoring/$name.pid"
  disown
}

monitoring_start() {
  monitoring_process alertmanager prometheus-alertmanager --config.file="$monitoring/alertmanager.yml" --storage.path="$monitoring/alertmanager" \
    --web.listen-address="${alertmanager_url#http://}" --cluster.listen-address=
  monitoring_process prometheus prometheus --config.file="$monitoring/prometheus.yml" --storage.tsdb.path="$monitoring/tsdb" --log.level=warn \
    --web.listen-address="${prometheus_url#http://}" --rules.alert.resend-delay=1s
  wait_until_ready alertmanager "$alertmanager_url"
  wait_until_ready prometheus "$prometheus_url"
}

wait_until_ready() { # NAME URL
  local attempt
  for attempt in {1..300}; do
    ! curl -fs -o /dev/null "$2/-/ready" || return 0
    kill -0 "$(cat "$monitoring/$1.pid")" 2>/dev/null || break
    sleep 0.1
  done
  echo "$1 did not start (attempt $attempt):" >&2
  cat "$monitoring/$1.log" >&2
  return 1
}

monitoring_stop() {
  local name
  for name in prometheus alertmanager; do
    [ ! -e "$monitoring/$name.pid" ] || end_process "$(cat "$monitoring/$name.pid")"
    rm -f "$monitoring/$name.pid"
  done
}

monitoring_holds() { [ -n "$(promtool query instant "$prometheus_url" "$1" 2>/dev/null)" ]; }

# Nothing is about to fire any more: what there is to tell of the estate is told.
# A caller's superseded certificate is told after a day.
monitoring_settled() { monitoring_holds 'ALERTS{alertstate="firing"}' && ! monitoring_holds 'ALERTS{alertstate="pending",alertname!="MtlsCallerSuperseded"}'; }

monitoring_firing() {
  amtool alert query --alertmanager.url="$alertmanager_url" --active -o extended |
    awk 'NR == 1 {next} match($0, /alertname="[^"]*"/) {
      name = substr($0, RSTART + 11, RLENGTH - 12)
      severity = $0 ~ /severity="critical"/ ? "critical" : "warning"
      match($0, /summary="([^"\\]|\\.)*"/)
      printf "%-28s %-9s %s\n", name, severity, substr($0, RSTART + 9, RLENGTH - 10) }' | LC_ALL=C sort -b -k2,2 -k1,1 |
    awk 'BEGIN {printf "%-28s %-9s %s\n", "FIRING", "SEVERITY", "IN WORDS"} {print}'
}
