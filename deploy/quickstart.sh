#!/usr/bin/env bash
# quickstart.sh [--once] [--with-prometheus] [--keep] [--port N] [--exporter FILE]
#
# Builds mtls_exporter, makes an internal CA and an estate of real nginx and haproxy servers with mutual TLS on
# loopback, most of them with some trouble, watches it, and prints what was found and where to scrape it.
#   --once             leave after one full round
#   --with-prometheus  also start Prometheus with the rules of deploy/prometheus, and Alertmanager; list the alerts that fire
#   --keep             leave the temporary folder (keys, configurations, logs) in place
#   --port N           scrape port; without it 10219, or another one where 10219 is taken
#   --exporter FILE    use this binary instead of building one
# Needs root only to install what is missing (deploy/packages.txt). Everything it starts ends with it.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh
# shellcheck source=deploy/quickstart/monitoring.sh
. deploy/quickstart/monitoring.sh

once=false with_prometheus=false keep=false port='' exporter='' exporter_pid='' folder=''

say() { printf '%s\n' "$*" >&2; }

usage() { sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' deploy/quickstart.sh >&2; }

parse_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --once) once=true ;;
      --with-prometheus) with_prometheus=true ;;
      --keep) keep=true ;;
      --port) port=${2:?--port needs a number}; shift ;;
      --exporter) exporter=${2:?--exporter needs a file}; shift ;;
      --help) usage; exit 0 ;;
      *) say "unknown argument: $1"; usage; exit 2 ;;
    esac
    shift
  done
}

build() {
  local sections=(build quickstart)
  ! $with_prometheus || sections+=(quickstart-prometheus)
  deploy/install-packages.sh "${sections[@]}"
  [ -e build/CMakeCache.txt ] || cmake -S . -B build -G Ninja -DBUILD_TESTING=OFF >&2
  ninja -C build mtls_exporter >&2
  exporter=build/exporter/mtls_exporter
}

clean_up() {
  trap '' INT TERM HUP
  [ -z "$exporter_pid" ] || end_process "$exporter_pid"
  [ -n "$folder" ] || return 0
  [ -z "${monitoring:-}" ] || monitoring_stop
  [ -z "${estate:-}" ] || estate_stop
  if $keep; then say "kept: $folder"; else rm -rf "$folder"; fi
}

start_exporter() {
  [ -n "$port" ] || { port=10219; ! port_answers "$port" || port=$(free_port); }
  local pace=()
  ! $with_prometheus || pace=(1s 900ms)  # the pace of monitoring.sh
  estate_configuration "${pace[@]}" >"$folder/mtls_exporter.yml"
  "$exporter" --config.file="$folder/mtls_exporter.yml" --web.listen-address="127.0.0.1:$port" \
    </dev/null >"$folder/exporter.log" 2>&1 &
  exporter_pid=$!
  disown
}

table() { curl -fsS "http://127.0.0.1:$port/metrics" | awk -v targets="$(estate_names | xargs)" -v callers="$(callers_names)" -f deploy/quickstart/table.awk; }

# What is written before the exporter follows the log is history, which it does not read.
wait_for_the_log() {
  local attempt
  for attempt in {1..100}; do
    ! curl -fs "http://127.0.0.1:$port/metrics" | grep '^mtls_source_up{source="caller".* 1$' >/dev/null || return 0
    sleep 0.1
  done
  say "the exporter does not follow the log of payments after $attempt looks"
}

# A round is full when every server was probed and every door that can be reached has answered both knocks.
round_is_full() {
  local seen
  curl -fs -o /dev/null "http://127.0.0.1:$port/-/ready" || return
  seen=$(table) && ! grep -qF -e ' ? ' -e undetermined -e 'not probed yet' -e 'not called yet' <<<"$seen"
}

wait_for_a_full_round() {
  local attempt
  for attempt in {1..300}; do
    round_is_full && return
    kill -0 "$exporter_pid" 2>/dev/null || break
    sleep 0.1
  done
  say "no full round after $attempt looks; the exporter said:"
  cat "$folder/exporter.log" >&2
  return 1
}

# Waits until everything that is wrong is told; a minute is longer than any alert of this estate waits.
show_alerts() {
  monitoring_make "$folder/monitoring" "$port"
  monitoring_start
  say "Prometheus and Alertmanager run; waiting for what the rules have to tell (their minutes are seconds here)"
  local attempt
  for attempt in {1..120}; do
    ! monitoring_settled || break
    sleep 0.5
  done
  [ "$attempt" != 120 ] || say "still waiting for some of them"
  printf '\n'
  monitoring_firing
  printf '\n%s\n' "$prometheus_url/alerts"
}

parse_arguments "$@"
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
[ -n "$exporter" ] || build
folder=$(mktemp -d -t mtls-quickstart.XXXXXX)
estate_make "$folder" all
estate_start
estate_renew shipping
start_exporter
wait_for_the_log
callers_call
wait_for_a_full_round
table
printf '\nhttp://127.0.0.1:%s/metrics\n' "$port"
if $with_prometheus; then show_alerts; fi
if $once; then exit 0; fi
say "Ctrl-C ends it, with everything it started. Configuration: $folder/mtls_exporter.yml"
while kill -0 "$exporter_pid" 2>/dev/null; do
  sleep 0.5
  ((SECONDS % 10)) || callers_call
done
say "the exporter ended by itself; it said:"
cat "$folder/exporter.log" >&2
exit 1
