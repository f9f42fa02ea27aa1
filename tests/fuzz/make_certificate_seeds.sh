#!/usr/bin/env bash
# Makes the seeds of certificate_fuzz: one certificate for every branch of the reader. The keys are thrown away.
set -euo pipefail
seeds=$(cd "$(dirname "$0")" && pwd)/seeds/certificate
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$seeds"

# certificate NAME SUBJECT EXTENSIONS KEY-OPTION...
certificate() {
  local name=$1 subject=$2 extensions=$3
  shift 3
  printf '[req]\ndistinguished_name=dn\n[dn]\n[x]\n%b\n' "$extensions" > "$scratch/x.cnf"
  openssl req -x509 -config "$scratch/x.cnf" -extensions x -subj "$subject" -days 90 -nodes -utf8 \
    -newkey "$@" -keyout /dev/null -outform DER -out "$seeds/$name.der" 2>/dev/null
}

ec=(ec -pkeyopt ec_paramgen_curve:P-256)
certificate names "/CN=a.example" \
  "subjectAltName=DNS:a.example,DNS:*.b.example,IP:192.0.2.1,IP:2001:db8::1,URI:spiffe://c/d,email:e@f.example,RID:1.2.3,otherName:1.2.4;UTF8:g,dirName:dn2\n[dn2]\nCN=h" "${ec[@]}"
certificate authority "/C=DE/O=Ä/CN=Root" \
  "basicConstraints=critical,CA:TRUE,pathlen:1\nkeyUsage=keyCertSign\nnameConstraints=permitted;DNS:example.com,excluded;IP:192.0.2.0/255.255.255.0\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid:always,issuer:always" "${ec[@]}"
certificate usages "/" \
  "extendedKeyUsage=serverAuth,clientAuth,anyExtendedKeyUsage,1.2.3.4\ncertificatePolicies=1.2.3.5,2.5.29.32.0\nsubjectAltName=critical,DNS:a.example" "${ec[@]}"
certificate rsa "/CN=rsa" "basicConstraints=CA:FALSE" rsa:1024
certificate pss "/CN=pss" "basicConstraints=CA:FALSE" rsa-pss -pkeyopt rsa_keygen_bits:1024
certificate ed25519 "/CN=ed25519" "basicConstraints=CA:FALSE" ed25519
certificate brainpool "/CN=brainpool" "basicConstraints=CA:FALSE" ec -pkeyopt ec_paramgen_curve:brainpoolP256r1
