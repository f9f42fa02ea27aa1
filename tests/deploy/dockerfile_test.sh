#!/usr/bin/env bash
# A small lint of the Dockerfile (hadolint is not in Debian): the habits that matter here, each as one rule.
# With a file as argument it judges that one instead; without one it also shows that every rule can fail.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.."

# Prints one line per broken rule of the Dockerfile on standard input; comments and continued lines are folded away.
lint() {
  sed -e '/^[[:space:]]*#/d' | sed -e ':a' -e '/\\$/N; s/\\\n//; ta' | awk '
    function broken(rule) { print rule ": " $0 }
    $1 == "ARG" && stages == 0 { split($2, pair, "="); given["${" pair[1] "}"] = pair[2] }
    $1 == "FROM" { stages++; user = ""; base = ($2 in given) ? given[$2] : $2; if (base !~ /:[0-9]/) broken("a base image has a version") }
    $1 == "ADD" { broken("COPY, not ADD") }
    $1 == "RUN" && /apt-get|install-packages/ && stages == 2 && !/rm -rf \/var\/lib\/apt\/lists/ { broken("package lists are not left in the image") }
    $1 == "RUN" && /apt-get (install|upgrade)/ { broken("packages come from deploy/packages.txt") }
    $1 == "RUN" && /curl|wget/ { broken("nothing is fetched but packages") }
    ($1 == "ENTRYPOINT" || $1 == "CMD") && $2 !~ /^\[/ { broken("exec form, so that SIGTERM arrives") }
    $1 == "USER" { user = $2 }
    $1 == "HEALTHCHECK" { health = 1 }
    $1 == "LABEL" && /org\.opencontainers\.image\.title/ { labels = 1 }
    ($1 == "ENV" || $1 == "ARG") && /PASSWORD|SECRET|TOKEN/ { broken("no secret in the image") }
    END {
      $0 = "whole file"
      if (stages < 2) broken("the compiler stays in a stage of its own")
      if (user !~ /^[1-9][0-9]*(:[1-9][0-9]*)?$/) broken("the last stage runs as a numeric user that is not root")
      if (!health) broken("there is a health check")
      if (!labels) broken("there are OCI labels")
    }'
}

found=$(lint <"${1:-Dockerfile}")
[ -z "$found" ] || { echo "$found"; exit 1; }
[ $# = 0 ] || exit 0

must_break() { grep -q "^$1" <<<"$(lint <<<"$(sed "$2" Dockerfile)")" || { echo "the rule '$1' does not see: $2"; exit 1; }; }
must_break 'a base image has a version' 's/debian:12-slim/debian:latest/'
must_break 'COPY, not ADD' 's/^COPY config/ADD config/'
must_break 'package lists' 's|rm -rf /var/lib/apt/lists/\*|true|'
must_break 'packages come from' 's|deploy/install-packages.sh build|apt-get install -y g++|'
must_break 'nothing is fetched' 's|^RUN deploy/install.*|RUN curl http://example.com|'
must_break 'exec form' 's/^ENTRYPOINT .*/ENTRYPOINT mtls_exporter/'
must_break 'no secret' 's/^ARG VERSION.*/ARG TOKEN/'
must_break 'the compiler stays' '/AS build/d'
must_break 'the last stage runs' '/^USER/d'
must_break 'there is a health' 's/^HEALTHCHECK.*//'
must_break 'there are OCI' 's/org.opencontainers/org.other/'
mapfile -t sources < <(awk '$1 == "COPY" && $2 !~ /^--/ {for (i = 2; i < NF; i++) print $i}' Dockerfile)
for source in "${sources[@]}"; do
  [ -e "$source" ] || { echo "COPY $source: no such file"; exit 1; }
done
echo "the Dockerfile keeps every rule, and every rule can fail"
