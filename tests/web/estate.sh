#!/usr/bin/env bash
# estate.sh EXPORTER: the quickstart's estate, a server with a hostile certificate and a second identity, watched by EXPORTER.
# Prints the exporter's URL once every watch has been tried and every door knocked at. Ends, with everything it started, when its
# standard input does.
set -euo pipefail
exporter=$(readlink -f "$1")
cd "$(dirname "$(readlink -f "$0")")/../.."
# shellcheck source=deploy/quickstart/estate.sh
. deploy/quickstart/estate.sh

folder=$(mktemp -d -t mtls-page.XXXXXX)
pids=()
clean_up() {
  local pid
  for pid in "${pids[@]}"; do end_process "$pid"; done
  estate_stop
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 143' TERM INT HUP

hostile_names() {
  printf 'subjectAltName=DNS:hostile.estate.test'
  printf ',URI:javascript:alert(document.domain)'
  printf ',URI:https://a.test/<img src=x onerror=alert(2)>'
  printf ',URI:https://b.test/%s' "$(head -c 40000 /dev/zero | tr '\0' 'x')"
}

# A certificate whose text is a page's nightmare: markup, a script, bidirectional controls, an emoji, 40 KB of a name.
hostile_server() {
  local port
  port=$(free_port)
  (umask 077; openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$folder/hostile.key")
  openssl req -new -utf8 -key "$folder/hostile.key" \
    -subj "/O=$(printf '\xe2\x80\xaegnp.exe \xf0\x9f\x94\xa5')/OU=\"><script>alert(3)<\/script>/CN=<img src=x onerror=alert(1)>" |
    openssl x509 -req -sha256 -days 20 -set_serial 7 -CA "$ca/issuing.crt" -CAkey "$ca/issuing.key" \
      -extfile <(hostile_names) -out "$folder/hostile.crt" 2>/dev/null
  openssl s_server -quiet -www -accept "127.0.0.1:$port" -cert "$folder/hostile.crt" -cert_chain "$ca/issuing.crt" \
    -key "$folder/hostile.key" -CAfile "$ca/clients.pem" -Verify 3 </dev/null >"$folder/hostile.log" 2>&1 &
  pids+=($!)
  echo "$port" >"$folder/hostile.port"
}

configuration() {
  estate_configuration 5s 2s | sed -e "s|^identities:|&\n  stranger: {certificate_file: $ca/partner_root.crt, key_file: $ca/partner_root.key}|" \
    -e 's|identity: watcher|identities: [watcher, stranger]|' \
    -e 's|\({nginx: .*\)}$|\1, labels: {owner: web}}|' -e 's|\({haproxy: .*\)}$|\1, labels: {owner: edge}}|'
  echo "files: [{name: served, paths: [\"$folder/estate/*/chain.pem\"], trust: internal}]"
  echo 'web:'
  echo '  links: {runbooks: "https://wiki.example/r/{alert}", dashboards: "https://grafana.example/d/mtls-target?var-target={target}&o={label.owner}"}'
  echo 'targets:'
  echo "  - {name: \"<b>hostile</b>\", address: \"127.0.0.1:$(cat "$folder/hostile.port")\", module: mtls_https, server_name: hostile.estate.test, labels: {owner: \"<i>nobody</i>\"}}"
}

estate_make "$folder/estate"
estate_start
hostile_server
configuration >"$folder/mtls_exporter.yml"
port=$(free_port)
"$exporter" --config.file="$folder/mtls_exporter.yml" --web.listen-address="127.0.0.1:$port" --web.enable-lifecycle \
  --web.external-url=https://certs.example/exporter </dev/null >"$folder/exporter.log" 2>&1 &
pids+=($!)
for attempt in {1..300}; do
  if curl -fs -o /dev/null "http://127.0.0.1:$port/-/ready" &&
    [ "$(curl -fs "http://127.0.0.1:$port/metrics" | grep -c '^mtls_client_auth_mode{.*mode="\(open\|required\)"')" -ge 8 ]; then break; fi
  if [ "$attempt" = 300 ]; then cat "$folder/exporter.log" >&2; curl -fs "http://127.0.0.1:$port/metrics" | grep -E '^mtls_(client_auth_mode|handshake_failure_info)' >&2; exit 1; fi
  sleep 0.1
done
echo "http://127.0.0.1:$port/"
cat >/dev/null
