# shellcheck shell=bash
# The quickstart's estate: an internal CA and real nginx and haproxy servers with mutual TLS on loopback, each with its
# own trouble; a keystore; and a CA for a VPN with its database. Sourced by quickstart.sh and by the end-to-end tests; needs no root. Everything it writes is in
# $estate (set by estate_make); every server is one process, its pid in $estate/NAME/pid.
#
#   estate_make FOLDER      CA, certificates, server configurations; nothing runs yet
#   estate_make FOLDER rest ... with certificates at rest: a keystore, a CA with its database, a file that a server is to serve
#   estate_make FOLDER all  ... and with callers: clients of payments, whose log says who they are (callers.sh)
#   estate_start [NAME...]  start these servers (all), and wait until they accept connections
#   estate_renew NAME       renew its certificate on disk; the server goes on serving the old one until it is started again
#   estate_stop [NAME...]   stop them, and wait until they are gone
#   estate_configuration    the exporter's YAML for this estate
#
# To add a server: a line in estate_servers, a certificate in estate_certificates, and one of the server_* shapes.

# shellcheck source=deploy/quickstart/callers.sh
. deploy/quickstart/callers.sh

PATH=$PATH:/usr/sbin  # where Debian keeps nginx and haproxy, and ordinary users do not look

# name, shape, what is wrong with it. One of shape nginx_down never runs: only its configuration is there.
estate_servers() {
  cat <<'END'
orders    haproxy        nothing
payments  nginx          its certificate expires in 6 days
billing   nginx          does not send its intermediate
reports   nginx          carries another server's name
partners  haproxy        trusts another CA than the one that issued our identity
ledger    nginx_open     asks for a client certificate and admits everybody
END
  ! estate_has_rest || echo 'shipping  nginx          serves a certificate that was renewed on disk (after estate_renew)'
  echo 'archive   nginx_down     is down'
}

estate_has_rest() { [ -n "${estate_kind:-}" ]; }
estate_has_callers() { [ "${estate_kind:-}" = all ]; }
estate_names() { estate_servers | awk '{print $1}'; }
estate_shape() { estate_servers | awk -v name="$1" '$1 == name {print $2}'; }
estate_port() { cat "$estate/$1/port"; }

# --- the internal CA ---------------------------------------------------------------------------------------------

# new_certificate NAME SUBJECT ISSUER DAYS EXTENSIONS: $ca/NAME.key and $ca/NAME.crt; an issuer of "self" signs itself.
new_certificate() {
  local name=$1 subject=$2 issuer=$3 days=$4 extensions=$5 signer
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$ca/$name.key"
  if [ "$issuer" = self ]; then signer=(-signkey "$ca/$name.key"); else signer=(-CA "$ca/$issuer.crt" -CAkey "$ca/$issuer.key"); fi
  openssl req -new -key "$ca/$name.key" -subj "$subject" |
    openssl x509 -req -sha256 -days "$days" -set_serial "0x$(openssl rand -hex 8)" "${signer[@]}" \
      -extfile <(printf 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n%b' "$extensions") -out "$ca/$name.crt" 2>/dev/null
}

new_authority() { new_certificate "$1" "/O=Estate/CN=$2" "$3" 3650 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n'; }

leaf_extensions='basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n'

# server_certificate NAME DAYS DNS_NAME: $estate/NAME/{chain,leaf,server}.pem; server.pem is leaf, intermediate and key.
server_certificate() {
  local name=$1 days=$2 dns=$3
  new_certificate "$name" "/O=Estate/CN=$dns" issuing "$days" "${leaf_extensions}extendedKeyUsage=serverAuth\nsubjectAltName=DNS:$dns\n"
  install_certificate "$name"
}

# sign_dated KEY SUBJECT BEGIN END EXTENSIONS: $ca/KEY.crt of the key $ca/KEY.key, with these dates (as `date -d` reads them).
# `openssl x509` can only count days from now; `openssl ca` cannot do without a folder of its own.
sign_dated() {
  local key=$1 subject=$2 begin=$3 end=$4 folder=$ca/dated
  mkdir -p "$folder"
  : >"$folder/index"
  openssl req -new -key "$ca/$key.key" -subj "$subject" -out "$folder/request"
  printf '[dated]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\npolicy=any\n[any]\norganizationName=optional\ncommonName=supplied\n' \
    "$folder" "$folder" "$folder" >"$folder/conf"
  printf 'subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n%b' "$leaf_extensions$5" >"$folder/extensions"
  openssl ca -batch -notext -create_serial -md sha256 -name dated -config "$folder/conf" -extfile "$folder/extensions" \
    -cert "$ca/issuing.crt" -keyfile "$ca/issuing.key" -startdate "$(date -u -d "$begin" +%Y%m%d%H%M%SZ)" -enddate "$(date -u -d "$end" +%Y%m%d%H%M%SZ)" \
    -in "$folder/request" -out "$ca/$key.crt" 2>"$folder/log" || { cat "$folder/log" >&2; return 1; }
}

# dated_certificate NAME BEGIN END: the server's certificate once more, with these dates.
dated_certificate() {
  sign_dated "$1" "/O=Estate/CN=$1.estate.test" "$2" "$3" "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:$1.estate.test\n"
  install_certificate "$1"
}

install_certificate() {
  local name=$1
  cp "$ca/$name.crt" "$estate/$name/leaf.pem"
  cp "$ca/$name.key" "$estate/$name/key.pem"
  cat "$ca/$name.crt" "$ca/issuing.crt" >"$estate/$name/chain.pem"
  cat "$estate/$name/chain.pem" "$estate/$name/key.pem" >"$estate/$name/server.pem"
}

estate_certificates() {
  new_authority root 'Estate Root CA' self
  new_authority issuing 'Estate Issuing CA' root
  new_authority partner_root 'Partner Root CA' self
  cat "$ca/issuing.crt" "$ca/root.crt" >"$ca/clients.pem"  # who may knock: what the servers trust

  new_certificate watcher '/O=Estate/CN=watcher' issuing 90 "${leaf_extensions}extendedKeyUsage=clientAuth\nsubjectAltName=DNS:watcher.estate.test\n"
  cat "$ca/watcher.crt" "$ca/issuing.crt" >"$ca/watcher.pem"

  server_certificate orders 90 orders.estate.test
  server_certificate payments 90 payments.estate.test
  dated_certificate payments '-84 days' '+6 days'
  server_certificate billing 90 billing.estate.test
  cp "$estate/billing/leaf.pem" "$estate/billing/chain.pem"
  server_certificate reports 90 old-reports.estate.test
  server_certificate partners 90 partners.estate.test
  server_certificate ledger 90 ledger.estate.test
  server_certificate archive 90 archive.estate.test
}

# --- certificates at rest ----------------------------------------------------------------------------------------

estate_keystore() {
  local folder=$estate/keystores
  mkdir -p "$folder"
  openssl rand -hex 16 >"$folder/passphrase"
  new_certificate batch '/O=Estate/CN=batch' issuing 20 "${leaf_extensions}extendedKeyUsage=clientAuth\nsubjectAltName=DNS:batch.estate.test\n"
  openssl pkcs12 -export -in "$ca/batch.crt" -inkey "$ca/batch.key" -certfile "$ca/issuing.crt" -name batch \
    -passout "file:$folder/passphrase" -out "$folder/batch.p12"
}

# vpn_client NAME FROM TO: issues a client certificate with `openssl ca`, between two dates as date(1) reads them.
vpn_client() {
  local time=%y%m%d%H%M%SZ
  openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$vpn/client.key"
  openssl req -new -key "$vpn/client.key" -subj "/CN=$1" -out "$vpn/client.csr"
  openssl ca -batch -notext -config "$vpn/conf" -startdate "$(date -u -d "$2" +$time)" -enddate "$(date -u -d "$3" +$time)" \
    -in "$vpn/client.csr" -out "$vpn/last.crt" 2>>"$vpn/log"
}

# What `openssl ca` knows after a year or so: laptops and phones, one renewed, one lost, one that nobody renewed.
estate_vpn() {
  vpn=$estate/vpn
  mkdir -p "$vpn/new"
  : >"$vpn/index.txt"
  echo 1000 >"$vpn/serial"
  new_authority vpn 'VPN CA' self
  cat >"$vpn/conf" <<END
[ca]
default_ca = vpn
[vpn]
database = $vpn/index.txt
serial = $vpn/serial
new_certs_dir = $vpn/new
certificate = $ca/vpn.crt
private_key = $ca/vpn.key
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
  vpn_client laptop '-80 days' '+10 days'
  vpn_client phone '-85 days' '+5 days'
  vpn_client phone '-1 hour' '+180 days'
  vpn_client intern '-120 days' '-30 days'
  vpn_client stolen '-30 days' '+60 days'
  openssl ca -config "$vpn/conf" -revoke "$vpn/last.crt" -crl_reason keyCompromise 2>>"$vpn/log"
}

# --- the servers -------------------------------------------------------------------------------------------------

# server_nginx NAME VERIFY: one nginx process; VERIFY is nginx's ssl_verify_client.
server_nginx() {
  local folder=$estate/$1
  cat >"$folder/conf" <<END
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log stderr;
events { worker_connections 256; }
http {
  $(caller_log "$1")
  client_body_temp_path $folder/tmp; proxy_temp_path $folder/tmp; fastcgi_temp_path $folder/tmp;
  uwsgi_temp_path $folder/tmp; scgi_temp_path $folder/tmp;
  server {
    listen 127.0.0.1:$(estate_port "$1") ssl;
    server_name $1 $1.estate.test;
    ssl_certificate $folder/chain.pem;
    ssl_certificate_key $folder/key.pem;
    ssl_client_certificate $ca/clients.pem;
    ssl_verify_client $2;
    ssl_verify_depth 3;
    location / { return 200 "$1\n"; }
  }
}
END
}

# server_haproxy NAME CLIENT_CA: one haproxy process that refuses strangers in TLS.
server_haproxy() {
  local folder=$estate/$1
  cat >"$folder/conf" <<END
global
  nbthread 1
  maxconn 256
defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
frontend $1
  bind 127.0.0.1:$(estate_port "$1") ssl crt $folder/server.pem ca-file $2 verify required
  http-request return status 200 content-type text/plain string "$1"
END
}

# --- the commands ------------------------------------------------------------------------------------------------

port_answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port of loopback on which nothing answers, below the ports that the kernel gives to clients, never the same twice.
free_port() {
  local port
  while :; do
    port=$((15000 + RANDOM % 15000))
    grep -qsx "$port" "$estate"/*/port && continue
    port_answers "$port" || { echo "$port"; return; }
  done
}

estate_make() {
  estate=$1
  estate_kind=${2:-}
  ca=$estate/ca
  mkdir -p "$ca"
  local name
  for name in $(estate_names); do
    mkdir -p "$estate/$name/tmp"
    free_port >"$estate/$name/port.new"
    mv "$estate/$name/port.new" "$estate/$name/port"
  done
  estate_certificates
  if estate_has_rest; then
    server_certificate shipping 40 shipping.estate.test
    estate_keystore
    estate_vpn
  fi
  ! estate_has_callers || callers_make
  for name in $(estate_names); do
    case $(estate_shape "$name") in
      haproxy) server_haproxy "$name" "$ca/$([ "$name" = partners ] && echo partner_root.crt || echo clients.pem)" ;;
      nginx | nginx_down) server_nginx "$name" on ;;
      nginx_open) server_nginx "$name" optional_no_ca ;;
    esac
  done
}

estate_start() {
  local name folder names=("$@")
  [ $# -gt 0 ] || mapfile -t names < <(estate_names)
  for name in "${names[@]}"; do
    folder=$estate/$name
    case $(estate_shape "$name") in
      haproxy) haproxy -db -q -f "$folder/conf" </dev/null >>"$folder/log" 2>&1 & ;;
      nginx_down) continue ;;
      nginx*) nginx -e stderr -p "$folder" -c "$folder/conf" </dev/null >>"$folder/log" 2>&1 & ;;
      *) continue ;;
    esac
    echo $! >"$folder/pid"
    disown
  done
  for name in "${names[@]}"; do [ ! -e "$estate/$name/pid" ] || wait_until_accepting "$name"; done
}

# Renewed means that it begins later: the clock of certificates counts seconds.
estate_renew() {
  local issued
  issued=$(date -r "$estate/$1/leaf.pem" +%s)
  while [ "$(date +%s)" -le "$issued" ]; do sleep 0.1; done
  server_certificate "$1" 90 "$1.estate.test"
}

wait_until_accepting() {
  local attempt
  for attempt in {1..200}; do
    port_answers "$(estate_port "$1")" && return
    kill -0 "$(cat "$estate/$1/pid")" 2>/dev/null || break
    sleep 0.05
  done
  echo "the server '$1' did not start (attempt $attempt):" >&2
  cat "$estate/$1/log" >&2
  return 1
}

# end_process PID: asks a process to end, insists after three seconds, and returns when it is gone. It polls, because
# bash 5.2 can hang in `wait` once a trapped signal has interrupted another `wait`.
end_process() {
  local attempt
  kill -TERM "$1" 2>/dev/null || true
  for attempt in {1..60}; do
    kill -0 "$1" 2>/dev/null || break
    [ "$attempt" != 60 ] || kill -KILL "$1" 2>/dev/null || true
    sleep 0.05
  done
}

estate_stop() {
  local name names=("$@")
  [ $# -gt 0 ] || mapfile -t names < <(estate_names)
  for name in "${names[@]}"; do
    [ -e "$estate/$name/pid" ] || continue
    end_process "$(cat "$estate/$name/pid")"
    rm -f "$estate/$name/pid"
  done
}

# configurations_of SHAPE: the configuration files of these servers, "a, b".
configurations_of() {
  local name
  for name in $(estate_names); do
    case $(estate_shape "$name") in "$1"*) echo "$estate/$name/conf" ;; esac
  done | paste -sd, | sed 's/,/, /g'
}

# Not one server is written down here: they are found in their own configurations.
estate_configuration() {
  cat <<END
# The quickstart's estate. config/examples/full.yml has every key.
defaults: {interval: ${1:-5s}, timeout: ${2:-2s}}

trust:
  internal: {ca_files: [$ca/root.crt]}
  callers: {ca_files: [$ca/root.crt, $ca/issuing.crt]}  # a log has a caller's certificate alone

identities:
  watcher: {certificate_file: $ca/watcher.pem, key_file: $ca/watcher.key, trust: internal}

modules:
  mtls_https:
    protocol: https
    trust: internal
    identity: watcher
    client_auth: {expect: required, every: ${1:-5s}}

discovery:
  - {nginx: [$(configurations_of nginx)], module: mtls_https}
  - {haproxy: [$(configurations_of haproxy)], module: mtls_https}
END
  estate_has_rest || return 0
  cat <<END

files:
  - {name: keystores, paths: [$estate/keystores/*.p12], passphrase_file: $estate/keystores/passphrase, trust: internal, interval: ${1:-5s}}

authorities:
  - {name: vpn, openssl_index: $estate/vpn/index.txt, interval: ${1:-5s}}
END
  ! estate_has_callers || callers_configuration "$@"
}
