#!/usr/bin/env bash
# Makes the seeds of the readers of certificates at rest. The keys are thrown away; no seed holds one.
set -euo pipefail
seeds=$(cd "$(dirname "$0")" && pwd)/seeds
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
for format in pem der pkcs7 pkcs12 java_keystore kubeconfig manifest revocation_list ocsp_answer; do mkdir -p "$seeds/$format"; done

for name in ca leaf; do
  openssl req -x509 -subj "/CN=$name" -days 90 -noenc -newkey ec -pkeyopt ec_paramgen_curve:P-256 -keyout "$name.key" -out "$name.pem" 2>/dev/null
done
touch index.txt && echo 01 >number
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ndefault_crl_days=30\n' >ca.cnf
openssl ca -gencrl -config ca.cnf -cert ca.pem -keyfile ca.key -out ca.crl 2>/dev/null

{ echo 'words around'; cat leaf.pem; sed 's/^/    /' ca.pem; } >"$seeds/pem/bundle"
cat ca.crl >"$seeds/pem/revocation_list"
openssl x509 -in leaf.pem -trustout -setalias web >"$seeds/pem/trusted"
openssl crl2pkcs7 -nocrl -certfile leaf.pem >"$seeds/pem/pkcs7"
openssl x509 -in leaf.pem -outform DER >"$seeds/der/certificate"
openssl crl -in ca.crl -outform DER >"$seeds/der/revocation_list"
cp "$seeds/der/revocation_list" "$seeds/revocation_list/empty"
# With entries, reasons, a scope and another signature.
openssl ca -config ca.cnf -cert ca.pem -keyfile ca.key -revoke leaf.pem -crl_reason keyCompromise 2>/dev/null
printf '[scope]\nissuingDistributionPoint=critical,@part\nauthorityKeyIdentifier=keyid:always\n[part]\nfullname=URI:http://pki.test/a.crl\nindirectCRL=TRUE\nonlysomereasons=keyCompromise,superseded\n' >>ca.cnf
openssl ca -gencrl -config ca.cnf -crlexts scope -cert ca.pem -keyfile ca.key 2>/dev/null | openssl crl -outform DER -out "$seeds/revocation_list/part"
openssl genpkey -algorithm ED25519 -out ed.key 2>/dev/null
openssl req -x509 -key ed.key -subj /CN=ed -days 90 -out ed.pem
openssl ca -gencrl -config ca.cnf -md null -cert ed.pem -keyfile ed.key 2>/dev/null | openssl crl -outform DER -out "$seeds/revocation_list/ed25519"
for digest in sha1 sha256; do
  openssl ocsp -$digest -issuer ca.pem -cert leaf.pem -no_nonce -reqout request
  openssl ocsp -index index.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -ndays 7 -reqin request -respout "$seeds/ocsp_answer/$digest" 2>/dev/null
done
printf '\x30\x03\x0a\x01\x03' >"$seeds/ocsp_answer/try_later"
openssl crl2pkcs7 -in ca.crl -certfile leaf.pem -outform DER >"$seeds/pkcs7/both"
openssl pkcs12 -export -nokeys -in leaf.pem -name web -caname ca -passout pass:x -iter 1 -out "$seeds/pkcs12/modern"
openssl pkcs12 -export -nokeys -in leaf.pem -passout pass: -iter 1 -legacy -out "$seeds/pkcs12/legacy"
mkdir -p "$seeds/encoded_text"
iconv -f UTF-8 -t UTF-16 leaf.pem >"$seeds/encoded_text/utf16"
openssl x509 -in leaf.pem -outform DER | base64 >"$seeds/encoded_text/base64"
printf '<ca>\n%s\n</ca>\n<pkcs12>\n%s\n</pkcs12>\n' "$(cat ca.pem)" "$(base64 "$seeds/pkcs12/modern")" >"$seeds/encoded_text/openvpn"
printf '{"certificate": "%s", "pem": "%s"}\n' "$(base64 -w0 leaf.pem)" "$(sed ':a;N;$!ba;s/\n/\\n/g' ca.pem)" >"$seeds/pem/in_json"
keytool -genseckey -alias k -keyalg AES -keysize 128 -storetype JCEKS -keystore secret.jceks -storepass changeit 2>/dev/null
tail -c +$(($(LC_ALL=C grep -obUaP '\xac\xed' secret.jceks | head -1 | cut -d: -f1) + 1)) secret.jceks >"$seeds/encoded_text/java_object"
for type in JKS JCEKS; do
  keytool -importcert -noprompt -alias ca -file ca.pem -storetype $type -keystore "$seeds/java_keystore/$type" -storepass changeit 2>/dev/null
done
cat >"$seeds/kubeconfig/embedded" <<END
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {certificate-authority-data: $(base64 -w0 ca.pem)}}]
users: [{name: u, user: {client-certificate: ../u.pem}}]
END
cat >"$seeds/manifest/secret_and_configmap" <<END
apiVersion: v1
kind: Secret
metadata: {name: s}
data: {tls.crt: $(base64 -w0 leaf.pem), password: aHVudGVyMg==}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m}
data:
  ca.crt: |
$(sed 's/^/    /' ca.pem)
END
