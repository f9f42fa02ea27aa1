#!/usr/bin/python3
"""way_in_test.py EXPORTER: a real Prometheus comes in by mutual TLS with a password, scrapes /metrics and, relabelled by hashmod, /probe.

promtool judges the web configuration; Prometheus's own parser and python3-prometheus-client read a scrape whose every label source was written by somebody
hostile: target names, labels, module names, server names, subjects and names of certificates.
"""
import base64
import crypt
import json
import pathlib
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as text_format

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from certificates import World, openssl  # noqa: E402
from lab import Lab  # noqa: E402

EXPORTER = sys.argv[1]

HOSTILE = ['"', "\\", '\\"', '"} 1', "a\u202eb", "\u00fc\U0001f512", "{{ $value }}", "${x}", "%s%n", "# EOF", "# HELP a b", "<script>alert(1)</script>", "'; DROP", "x" * 255]
SUBJECTS = [*HOSTILE, "line\nbreak", "carriage\rreturn", "nul\1byte", "x" * 64]


def hostile_server(lab, number, subject):
    """A server whose certificate says `subject` wherever text may stand."""
    room = lab.room(f"hostile-{number}")
    escaped = "".join("\\" + c if c in "\\/,+=\"" else c for c in subject)[:60]
    config = room / "openssl.cnf"
    config.write_text("[req]\ndistinguished_name = name\nstring_mask = utf8only\n[name]\n")
    key, certificate = room / "key.pem", room / "cert.pem"
    openssl("req", "-x509", "-utf8", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", 10, "-config", config,
            "-subj", f"/O={escaped}/CN={escaped}", "-keyout", key, "-out", certificate)
    port = lab.port()
    lab.run(f"server-{number}", ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-quiet", "-www"])
    return port


def start_exporter(lab, ports):
    world = lab.world
    hash_of = crypt.crypt("s3cret", crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=2**4))
    web = lab.folder / "web.yml"
    web.write_text(f"""
tls_server_config:
  cert_file: {world.certificate}
  key_file: {world.key}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: {world.root}
http_server_config: {{headers: {{X-Frame-Options: deny}}}}
basic_auth_users: {{prometheus: "{hash_of}"}}
""")
    targets = [{"name": f"{text} {number}"[:250], "address": f"127.0.0.1:{port}", "interval": "1s", "timeout": "900ms", "module": text,
                "labels": {"owner": text}} for number, (text, port) in enumerate(zip(HOSTILE * 2, ports))]
    settings = lab.folder / "mtls_exporter.yml"
    settings.write_text(json.dumps({"metrics": {"detail": "full"}, "labels": {"site": HOSTILE[0]}, "modules": {text: {} for text in HOSTILE}, "targets": targets}, ensure_ascii=False))
    port = lab.port()
    lab.run("exporter", [EXPORTER, f"--config.file={settings}", f"--web.listen-address=127.0.0.1:{port}", f"--web.config.file={web}", "--log.level=error"])
    lab.listening(port)
    return port, web, targets


def start_prometheus(lab, exporter, targets):
    certificate, key = lab.world.clients["good"]
    tls = f"{{ca_file: '{lab.world.root}', cert_file: '{certificate}', key_file: '{key}', server_name: localhost}}"
    common = f"scheme: https, tls_config: {tls}, basic_auth: {{username: prometheus, password: s3cret}}"
    target = json.dumps(targets[0]["name"])
    port, config = lab.port(), lab.folder / "prometheus.yml"
    config.write_text(f"""
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - {{job_name: metrics, {common}, static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]}}
  - {{job_name: stranger, scheme: https, tls_config: {{insecure_skip_verify: true}}, static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}]}}
  - {{job_name: probe, {common}, metrics_path: /probe, params: {{target: [{target}]}}, static_configs: [{{targets: ["127.0.0.1:{exporter}"]}}],
     relabel_configs: [{{source_labels: [__address__], modulus: 1, target_label: __tmp_shard, action: hashmod}},
                       {{source_labels: [__tmp_shard], regex: "0", action: keep}}]}}
""")
    lab.run("prometheus", ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={lab.folder / 'tsdb'}", "--log.level=warn",
                           f"--web.listen-address=127.0.0.1:{port}"])
    lab.listening(port)
    return port


class Asking:
    def __init__(self, lab, port):
        certificate, key = lab.world.clients["good"]
        self.context = ssl.create_default_context(cafile=lab.world.root)
        self.context.load_cert_chain(certificate, key)
        self.base, self.word = f"https://localhost:{port}", base64.b64encode(b"prometheus:s3cret").decode()

    def get(self, path, accept="text/plain"):
        request = urllib.request.Request(self.base + path, headers={"Authorization": "Basic " + self.word, "Accept": accept})
        with urllib.request.urlopen(request, context=self.context, timeout=30) as answer:
            return answer.read().decode()


def promql(port, expression):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/query?" + urllib.parse.urlencode({"query": expression}), timeout=30) as answer:
        return json.load(answer)["data"]["result"]


def eventually(lab, sentence, holds, seconds=60):
    deadline = time.monotonic() + seconds
    while not holds():
        lab.alive()
        if time.monotonic() > deadline:
            raise AssertionError(sentence)
        time.sleep(0.1)
    print("ok:", sentence)


def read_by_the_real_parsers(asking, targets):
    paths = ["/metrics"] + ["/probe?" + urllib.parse.urlencode({"target": target["name"]}) for target in targets]
    for path in paths:
        text = asking.get(path)
        judged = subprocess.run(["promtool", "check", "metrics"], input=text.encode(), capture_output=True, check=False)
        said = (judged.stdout + judged.stderr).decode()
        assert judged.returncode == 0 or "error while linting" not in said and judged.returncode == 3, f"promtool on {path}: {said}"
        for parser, scrape in ((text_format, text), (openmetrics, asking.get(path, "application/openmetrics-text; version=1.0.0"))):
            series = [(sample.name, tuple(sorted(sample.labels.items()))) for family in parser(scrape) for sample in family.samples]
            assert series and len(series) == len(set(series)), f"{path}: a series twice"
    print(f"ok: {len(paths)} scrapes full of hostile text are read by promtool and python3-prometheus-client")


def run(lab):
    ports = [hostile_server(lab, number, subject) for number, subject in enumerate(SUBJECTS)]
    lab.listening(*ports)
    exporter, web, targets = start_exporter(lab, ports)
    judged = subprocess.run(["promtool", "check", "web-config", web], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr
    print("ok: promtool takes the web configuration")
    asking, prometheus = Asking(lab, exporter), start_prometheus(lab, exporter, targets)

    def all_tried():
        try:
            return "ready" in asking.get("/-/ready")
        except urllib.error.HTTPError:
            return False

    eventually(lab, "every hostile target was tried", all_tried)
    read_by_the_real_parsers(asking, targets)
    eventually(lab, "Prometheus comes in with certificate and password", lambda: promql(prometheus, 'up{job="metrics"} == 1'))
    eventually(lab, "Prometheus stores every hostile target", lambda: len(promql(prometheus, 'mtls_target_reachable{job="metrics"} == 1')) == len(targets))
    eventually(lab, "Prometheus probes on demand", lambda: promql(prometheus, 'probe_ip_protocol{job="probe"} == 4'))
    eventually(lab, "a stranger stays outside", lambda: promql(prometheus, 'up{job="stranger"} == 0'))
    assert not promql(prometheus, 'up{job=~"metrics|probe"} == 0'), "a scrape failed"


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder, World(folder / "world"), folder / "cache")
        try:
            run(lab)
        finally:
            lab.stop()


main()
