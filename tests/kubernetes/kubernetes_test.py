#!/usr/bin/python3 -B
"""kubernetes_test.py EXPORTER: a scripted API server over mutual TLS, the exporter with a kubeconfig, and its scrape. What lies in the
cluster is there; what appears, changes and goes is seen within two seconds; a watch that is cut a hundred times loses nothing, nor does
410 Gone; refusals are named; keystores open with the passphrase beside them; kubectl agrees."""
import base64
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

from api_server import Api, Refusal

EXPORTER = os.path.realpath(sys.argv[1])


def fail(text):
    raise SystemExit("FAILED: " + text)


def openssl(*arguments, text=None):
    return subprocess.run(["openssl", *arguments], check=True, capture_output=True, input=text).stdout


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


class Ca:
    def __init__(self, folder):
        self.folder = folder
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Cluster CA", "-days", "3650", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.crt")
        self.pem = pathlib.Path(f"{folder}/ca.crt").read_text()

    def issue(self, name, days=90):
        path = f"{self.folder}/{name}"
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout", f"{path}.key", "-out", f"{path}.csr")
        openssl("x509", "-req", "-in", f"{path}.csr", "-CA", f"{self.folder}/ca.crt", "-CAkey", f"{self.folder}/ca.key", "-CAcreateserial", "-days", str(days), "-copy_extensions", "copy", "-out", f"{path}.crt")
        return path

    def pair(self, name, days=90):
        path = self.issue(name, days)
        return pathlib.Path(f"{path}.crt").read_text(), pathlib.Path(f"{path}.key").read_text()


def tls_secret(space, name, pair, labels=None):
    return {"metadata": {"namespace": space, "name": name, "labels": labels or {}}, "type": "kubernetes.io/tls", "data": {"tls.crt": b64(pair[0]), "tls.key": b64(pair[1])}}


class Exporter:
    def __init__(self, folder, config):
        path = f"{folder}/m.yml"
        open(path, "w").write(config)
        self.log = open(f"{folder}/log", "w+")
        self.process = subprocess.Popen([EXPORTER, f"--config.file={path}", "--web.listen-address=127.0.0.1:0"], stderr=self.log, stdout=self.log)
        self.port = self.wait_for(r"address=127\.0\.0\.1:(\d+)", "its address")[1]

    def said(self):
        self.log.flush()
        return open(self.log.name).read()

    def wait_for(self, pattern, what):
        for _ in range(200):
            found = re.search(pattern, self.said())
            if found:
                return found
            if self.process.poll() is not None:
                fail(f"the exporter ended: {self.said()}")
            time.sleep(0.05)
        fail(f"no {what} in the log: {self.said()}")

    def scrape(self):
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=10).read().decode()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=10)
        self.log.close()
        if code != 0:
            fail(f"exit {code}")


def places(text):
    """The certificates at rest: place -> common name, of the leaves."""
    found = {}
    for line in text.splitlines():
        if line.startswith("mtls_certificate_expiry_days{"):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line))
            if labels["source"] == "file" and labels["position"] == "0":
                found[labels["target"]] = labels["subject_cn"]
    return found


def until(exporter, what, good, seconds=40.0):
    """Waits until the scrape is good, and says how long that took."""
    begin = time.monotonic()
    while time.monotonic() - begin < seconds:
        text = exporter.scrape()
        if good(text):
            return time.monotonic() - begin
        time.sleep(0.05)
    fail(f"{what}: not within {seconds} s; at rest: {places(text)}; " + "\n".join(line for line in text.splitlines() if "mtls_source" in line and "prod" in line and not line.endswith(" 0")))


def kubeconfig(folder, api, ca, name="prod", namespace="web"):
    client = ca.issue("exporter")
    path = f"{folder}/{name}.kubeconfig"
    json.dump({"apiVersion": "v1", "kind": "Config", "current-context": name,
               "clusters": [{"name": name, "cluster": {"server": api.url, "certificate-authority-data": b64(ca.pem)}}],
               "users": [{"name": name, "user": {"client-certificate": os.path.basename(client) + ".crt", "client-key-data": b64(open(f"{client}.key").read())}}],
               "contexts": [{"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}]}, open(path, "w"), indent=1)
    return path


def fill(api, ca, folder):
    put = api.store.put
    for space in ("web", "payments", "kube-system"):
        put("namespaces", {"metadata": {"name": space}})
    put("secrets", tls_secret("web", "shop-tls", ca.pair("shop.test")))
    put("secrets", {"metadata": {"namespace": "web", "name": "opaque"}, "type": "Opaque", "data": {"password": b64("swordfish"), "some.pem": b64(ca.pair("opaque.test")[0]), "junk": b64(os.urandom(100))}})
    path = ca.issue("user.test")
    openssl("pkcs12", "-export", "-in", f"{path}.crt", "-inkey", f"{path}.key", "-passout", "pass:open sesame", "-out", f"{path}.p12")
    put("secrets", {"metadata": {"namespace": "payments", "name": "kafka-user"}, "type": "Opaque", "data": {"user.p12": b64(open(f"{path}.p12", "rb").read()), "user.password": b64("open sesame\n")}})
    put("secrets", {"metadata": {"namespace": "web", "name": "chart"}, "type": "helm.sh/release.v1", "data": {"release": b64(ca.pem)}})
    put("secrets", {"metadata": {"namespace": "web", "name": "elsewhere"}, "type": "Opaque", "data": {"config": b64(json.dumps({"kind": "Config", "clusters": [{"name": "c", "cluster": {"certificate-authority": f"{folder}/ca.crt"}}]}, indent=1))}})
    put("configmaps", {"metadata": {"namespace": "web", "name": "bundle"}, "data": {"ca.crt": ca.pem, "settings": "a=b"}})
    put("configmaps", {"metadata": {"namespace": "web", "name": "kube-root-ca.crt"}, "data": {"ca.crt": ca.pem}})
    put("validatingwebhookconfigurations", {"metadata": {"name": "policy"}, "webhooks": [{"name": "check.policy.test", "clientConfig": {"caBundle": b64(ca.pem)}}]})
    put("apiservices", {"metadata": {"name": "v1.metrics.test"}, "spec": {"caBundle": b64(ca.pem)}})
    put("customresourcedefinitions", {"metadata": {"name": "things.test"}, "spec": {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": b64(ca.pem)}}}}})
    put("ingresses", {"metadata": {"namespace": "web", "name": "shop"}, "spec": {"tls": [{"hosts": ["shop.test", "*.shop.test"], "secretName": "shop-tls"}]}})
    put("ingresses", {"metadata": {"namespace": "web", "name": "plain"}, "spec": {"rules": [{"host": "plain.test"}]}})
    put("services", {"metadata": {"namespace": "payments", "name": "api", "annotations": {"mtls-exporter/probe": "endpoints", "mtls-exporter/port": "https", "mtls-exporter/server-name": "api.payments.test"}}, "spec": {"ports": [{"name": "https", "port": 443, "protocol": "TCP"}]}})
    put("services", {"metadata": {"namespace": "payments", "name": "quiet"}, "spec": {"ports": [{"port": 443}]}})
    put("services", {"metadata": {"namespace": "web", "name": "front", "annotations": {"mtls-exporter/probe": "true", "mtls-exporter/module": "slow"}}, "spec": {"ports": [{"name": "https", "port": 8443}]}})
    put("services", {"metadata": {"namespace": "web", "name": "odd", "annotations": {"mtls-exporter/probe": "perhaps"}}, "spec": {"ports": [{"port": 443}]}})
    put("endpointslices", {"metadata": {"namespace": "payments", "name": "api-x", "labels": {"kubernetes.io/service-name": "api"}}, "addressType": "IPv4", "ports": [{"name": "https", "port": 9443}], "endpoints": [{"addresses": ["127.0.0.2"]}, {"addresses": ["127.0.0.3"], "conditions": {"ready": True}}, {"addresses": ["127.0.0.4"], "conditions": {"ready": False}}]})


EXPECTED = {"web/shop-tls#tls.crt": "shop.test", "web/opaque#some.pem": "opaque.test", "payments/kafka-user#user.p12": "user.test", "web/bundle#ca.crt": "Cluster CA",
            "validatingwebhookconfigurations/policy#check.policy.test": "Cluster CA", "apiservices/v1.metrics.test#caBundle": "Cluster CA", "customresourcedefinitions/things.test#conversion": "Cluster CA"}


def without_aliases(found):
    """A keystore's entries may have names of their own behind the key."""
    return {re.sub(r"(\.p12)/.*", r"\1", place): name for place, name in found.items()}


def kubectl_agrees(config, ca):
    """The peers' own client reads the same, and its changes are changes."""
    kubectl = shutil.which("kubectl")
    if not kubectl:
        return "no kubectl here"
    run = lambda *arguments, text=None: subprocess.run([kubectl, f"--kubeconfig={config}", *arguments], capture_output=True, text=True, input=text, timeout=60, env={**os.environ, "HOME": os.path.dirname(config)})
    got = run("get", "secrets", "--all-namespaces", "--chunk-size=100", "-o", "json")
    if got.returncode != 0 or len(json.loads(got.stdout)["items"]) < 5:
        fail(f"kubectl get: {got.stderr}")
    pair = ca.pair("kubectl.test")
    made = run("create", "--validate=false", "-f", "-", text=json.dumps({"apiVersion": "v1", "kind": "Secret"} | tls_secret("web", "by-kubectl", pair)))
    if made.returncode != 0:
        fail(f"kubectl create: {made.stderr}")
    return "kubectl agrees"


def main():
    with tempfile.TemporaryDirectory() as folder:
        ca = Ca(folder)
        server = ca.issue("kubernetes.default")
        api = Api(f"{server}.crt", f"{server}.key", f"{folder}/ca.crt", tokens=["a-token"])
        fill(api, ca, folder)
        config = kubeconfig(folder, api, ca)
        open(f"{folder}/token", "w").write("a-token\n")
        open(f"{folder}/wrong", "w").write("no-token\n")
        exporter = Exporter(folder, f"""
trust: {{cluster: {{ca_files: [ca.crt]}}}}
modules: {{slow: {{interval: 1h}}, default: {{interval: 1h, timeout: 1s, trust: cluster}}}}
discovery:
  - name: prod
    kubernetes: {{kubeconfig: {config}, resources: [secrets, configmaps, webhooks, ingresses, services, endpointslices], exclude: ["*/kube-root-ca.crt"], certificates_trust: cluster}}
    labels: {{cluster: prod}}
  - name: token
    kubernetes: {{url: "{api.url}", trust: cluster, token_file: token, resources: [secrets], namespaces: [payments], label_selector: "tier=web"}}
    labels: {{cluster: token}}
  - name: refused
    kubernetes: {{url: "{api.url}", trust: cluster, token_file: wrong, resources: [ingresses]}}
""")
        try:
            play(api, ca, exporter, config)
        finally:
            exporter.stop()
            api.stop()


def play(api, ca, exporter, config):
    put, said = api.store.put, []
    until(exporter, "the first list", lambda text: without_aliases(places(text)) == EXPECTED)
    text = exporter.scrape()
    if "payments/kafka-user" in "".join(line for line in text.splitlines() if "mtls_source_errors_total" in line and not line.endswith(" 0")):
        fail("the keystore opens")
    wanted = {"shop.test:443", "127.0.0.2:9443", "127.0.0.3:9443", "front.web.svc:8443"}
    until(exporter, "the targets", lambda text: set(re.findall(r'mtls_target_reachable\{target="([^"]*)"', text)) == wanted)
    text = exporter.scrape()
    if not re.search(r'mtls_source_up\{source="file",name="prod",cluster="prod"\} 1', text):
        fail("the cluster is read in full: " + exporter.said())
    if not re.search(r'mtls_chain_valid\{source="file",[^}]*target="web/shop-tls#tls.crt"[^}]*\} 1', text):
        fail("leaves are judged")
    # Refusals are named: 401 of the wrong token, with the resource.
    if "ingresses: status 401" not in exporter.said() or not re.search(r'mtls_source_errors_total\{source="discovery",name="refused",[^}]*reason="permission_denied"[^}]*\} [1-9]', text):
        fail("401 is said: " + exporter.said())
    if "odd" not in exporter.said() or "perhaps" not in exporter.said():
        fail("an annotation that is none is said")

    # What appears, changes and goes.
    put("secrets", tls_secret("web", "new", ca.pair("new.test")))
    said.append(("appears", until(exporter, "a new Secret", lambda text: places(text).get("web/new#tls.crt") == "new.test")))
    put("secrets", tls_secret("web", "new", ca.pair("renewed.test")))
    said.append(("changes", until(exporter, "a changed Secret", lambda text: places(text).get("web/new#tls.crt") == "renewed.test")))
    api.store.delete("secrets", "web", "new")
    said.append(("goes", until(exporter, "a deleted Secret", lambda text: "web/new#tls.crt" not in places(text))))
    put("secrets", tls_secret("payments", "labelled", ca.pair("labelled.test"), {"tier": "web"}))
    until(exporter, "a label selector", lambda text: len([line for line in text.splitlines() if line.startswith("mtls_certificate_expiry_days") and "payments/labelled#tls.crt" in line]) == 2)
    put("ingresses", {"metadata": {"namespace": "web", "name": "late"}, "spec": {"tls": [{}], "rules": [{"host": "late.test"}]}})
    until(exporter, "a new Ingress", lambda text: 'target="late.test:443"' in text)

    # The watch is cut off after every event, a hundred times.
    pairs = [ca.pair(f"c{number}.test") for number in range(4)]
    api.cut_after = 1
    for number in range(110):
        put("secrets", tls_secret("web", f"s{number}", pairs[number % 4]))
        if number % 10 == 9:
            api.store.delete("secrets", "web", f"s{number - 5}")
        time.sleep(0.02)
    kept = {f"web/s{number}#tls.crt": f"c{number % 4}.test" for number in range(110) if number % 10 != 4}
    until(exporter, "a hundred cuts", lambda text: {place: name for place, name in places(text).items() if re.match(r"web/s\d", place)} == kept, 60)
    if api.cuts < 100:
        fail(f"only {api.cuts} cuts")
    api.cut_after = None

    # 410 Gone: what happened meanwhile is forgotten by the server, and found by a list; nothing vanishes between.
    refusal = Refusal(503, "ServiceUnavailable", "etcd is away", {"Retry-After": "1"})
    api.refuse = {("secrets", ""): refusal, ("secrets", "payments"): refusal}
    api.cut_after = 1
    put("secrets", tls_secret("web", "cutter", pairs[0]))  # ends the watch
    time.sleep(0.3)
    api.cut_after = None
    for place in kept:
        api.store.delete("secrets", "web", re.match(r"web/(s\d+)#", place)[1])
    put("secrets", tls_secret("web", "meanwhile", pairs[1]))
    api.store.forget()
    if "web/shop-tls#tls.crt" not in places(exporter.scrape()):
        fail("what was known stays while the API is away")
    until(exporter, "503 is said", lambda text: re.search(r'mtls_source_errors_total\{source="file",name="prod",[^}]*reason="http_status"[^}]*\} [1-9]', text))
    api.refuse = {}
    until(exporter, "410 and a new list", lambda text: places(text).get("web/meanwhile#tls.crt") == "c1.test" and not any(re.match(r"web/s\d+#", place) for place in places(text)), 30)
    if "etcd is away" not in exporter.said():
        fail("the server's own words are in the log")

    # Pages that go stale are asked for as one.
    for number in range(600):
        put("secrets", {"metadata": {"namespace": "kube-system", "name": f"many{number:03}"}, "type": "Opaque", "data": {"a": b64("b")}})
    put("secrets", tls_secret("kube-system", "zz-last", pairs[2]))
    api.stale_pages = True
    api.store.forget()
    put("secrets", tls_secret("web", "cutter", pairs[3]))
    until(exporter, "stale pages", lambda text: places(text).get("web/cutter#tls.crt") == "c3.test" and places(text).get("kube-system/zz-last#tls.crt") == "c2.test", 30)
    api.stale_pages = False

    # 403 for one resource in one namespace names both; the others go on.
    api.refuse = {("configmaps", ""): Refusal(403, "Forbidden", 'configmaps is forbidden: User "exporter" cannot list resource "configmaps"')}
    api.store.forget()
    until(exporter, "403 is said", lambda _: "configmaps: status 403: configmaps is forbidden" in exporter.said(), 40)
    put("secrets", tls_secret("web", "still", pairs[0]))
    until(exporter, "the others go on", lambda text: places(text).get("web/still#tls.crt") == "c0.test" and "web/bundle#ca.crt" in places(text))
    if 'mtls_source_up{source="file",name="prod",cluster="prod"} 0' not in exporter.scrape():
        fail("the cluster is not read in full")
    api.refuse = {}
    until(exporter, "all is well again", lambda text: 'mtls_source_up{source="file",name="prod",cluster="prod"} 1' in text, 60)

    said.append((kubectl_agrees(config, ca), until(exporter, "what kubectl made", lambda text: places(text).get("web/by-kubectl#tls.crt") == "kubectl.test" or not shutil.which("kubectl"))))
    if "PRIVATE KEY" in exporter.scrape() + exporter.said() or "swordfish" in exporter.said() or "a-token" in exporter.said():
        fail("a secret is said")
    print("; ".join(f"{what} {seconds:.2f} s" for what, seconds in said) + f"; {api.cuts} cuts")


main()
