# shellcheck shell=bash
# The quickstart's callers: three programs that call payments with certificates of their own, which nobody but payments sees. Its log
# says who they are. Sourced by estate.sh, whose $estate and $ca it uses.
# shellcheck disable=SC2154
#
#   callers_make                    their certificates, and the folder of what their CA has issued
#   callers_call                    each calls once
#   callers_configuration INTERVAL  the exporter's YAML, behind `authorities:`

callers_names() { echo checkout invoices exports; }

# caller_certificate KEY NAME BEGIN END: a client's key and certificate, and a copy of it among what was issued.
caller_certificate() {
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$ca/$1.key"
  sign_dated "$1" "/O=Estate/CN=$2" "$3" "$4" "extendedKeyUsage=clientAuth\nsubjectAltName=DNS:$2.estate.test\n"
  cp "$ca/$1.crt" "$estate/clients/$1.pem"
}

# One is in order, one ends soon, and one was renewed: its new certificate was never deployed.
callers_make() {
  mkdir -p "$estate/clients"
  caller_certificate checkout checkout '-30 days' '+60 days'
  caller_certificate invoices invoices '-85 days' '+5 days'
  caller_certificate exports exports '-50 days' '+40 days'
  caller_certificate exports.new exports '-1 day' '+89 days'
  cp "$ca/watcher.crt" "$estate/clients/watcher.pem"  # ours calls, too
}

callers_call() {
  local name
  for name in $(callers_names); do
    curl -s -o /dev/null -m 5 --cacert "$ca/root.crt" --cert "$ca/$name.crt" --key "$ca/$name.key" \
      --resolve "payments.estate.test:$(estate_port payments):127.0.0.1" "https://payments.estate.test:$(estate_port payments)/" || true
  done
}

# What nginx writes for server NAME: the callers of payments, as deploy/callers/nginx-http.conf has it, and nothing else.
caller_log() {
  if ! estate_has_callers || [ "$1" != payments ]; then echo 'access_log off;'; return; fi
  sed -n '/^log_format/,/;$/p' deploy/callers/nginx-http.conf
  echo "  access_log $estate/$1/callers.log mtls_callers;"
}

callers_configuration() {
  cat <<END
  - {name: clients, issued: ["$estate/clients/*.pem"], interval: ${1:-5s}}

callers:
  - {name: payments, log_files: [$estate/payments/callers.log], trust: callers, authorities: [clients]}
END
}
