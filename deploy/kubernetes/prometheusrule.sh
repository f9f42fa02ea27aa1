#!/usr/bin/env bash
# prometheusrule.sh: deploy/prometheus/rules as one PrometheusRule of the Prometheus operator, on standard output.
#   deploy/kubernetes/prometheusrule.sh >deploy/kubernetes/common/prometheusrule.yaml
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/../prometheus/rules"
cat <<'END'
# Made by deploy/kubernetes/prometheusrule.sh from deploy/prometheus/rules: change those.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: mtls-exporter
  labels: {app.kubernetes.io/name: mtls-exporter}
spec:
  groups:
END
LC_ALL=C
# A file's YAML anchors are its own; in one document they need names of their own.
for file in *.yml; do
  awk 'groups {print (NF ? "  " : "") $0} /^groups:/ {groups = 1}' "$file" | sed -E "s/(: |- )([&*])([a-z_]+)( |\$)/\\1\\2${file%.yml}_\\3\\4/"
done
