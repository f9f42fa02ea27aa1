#!/usr/bin/python3
"""blackbox_test.py EXPORTER: Debian's prometheus-blackbox-exporter and ours probe the same nginx; what both publish must be the same.

The servers: a good one, one whose certificate has ended, one that does not send its intermediate, each asked over TLS and over HTTPS with mutual TLS;
one that refuses our identity, and one that is down. Labels and values are compared exactly; of durations, only that they are there. What differs
on purpose stands in DIFFERENCES, and must differ: a line that has become untrue fails.
"""
import os
import pathlib
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from certificates import Authority, World  # noqa: E402
from lab import Lab  # noqa: E402

EXPORTER = sys.argv[1]
NEVER = -62135596800.0  # Go's zero time, what blackbox_exporter says where no chain was verified

DURATIONS = {"probe_duration_seconds", "probe_dns_lookup_time_seconds", "probe_http_duration_seconds"}
# Published by one side only, always.
THEIRS_ONLY = {"probe_http_content_length", "probe_http_uncompressed_body_length", "probe_http_last_modified_timestamp_seconds"}
OURS_ONLY = {"probe_tls_cipher_info"}
LEFT_OUT_LABELS = {"serialnumber"}  # blackbox_exporter has it since 0.24
LEFT_OUT_PHASES = {"transfer"}      # bodies are not read

# (server, module of blackbox_exporter) -> what is different there on purpose: metric -> (ours, theirs); None: absent. "here": present.
CHAIN_KNOWN = {name: ("here", None) for name in ("probe_ssl_earliest_cert_expiry", "probe_ssl_last_chain_info", "probe_tls_version_info")}
HTTP_NOT_ASKED = {"probe_http_status_code": (200.0, 0.0), "probe_http_ssl": (1.0, 0.0), "probe_http_version": (1.1, 0.0)}
EXPIRED = {"probe_ssl_last_chain_expiry_timestamp_seconds": ("here", None)}  # it is trusted, only late
DIFFERENCES = {
    # It verifies inside the handshake and then knows nothing of the certificate; we publish what came.
    ("expired", "tcp"): CHAIN_KNOWN | EXPIRED,
    ("expired", "http"): CHAIN_KNOWN | HTTP_NOT_ASKED | EXPIRED,
    ("incomplete", "tcp"): CHAIN_KNOWN,
    ("incomplete", "http"): CHAIN_KNOWN | HTTP_NOT_ASKED,
    # Told not to verify it calls them good, and has no chain.
    ("good", "tcp_unverified"): {"probe_ssl_last_chain_expiry_timestamp_seconds": ("here", NEVER)},
    ("expired", "tcp_unverified"): {"probe_success": (0.0, 1.0), "probe_ssl_last_chain_expiry_timestamp_seconds": ("here", NEVER)},
    ("incomplete", "tcp_unverified"): {"probe_success": (0.0, 1.0), "probe_ssl_last_chain_expiry_timestamp_seconds": (None, NEVER)},
    # TLS 1.3: it has left before the server says no.
    ("refuses", "tcp"): {"probe_success": (0.0, 1.0)},
}

NGINX = """
daemon off;
pid {room}/nginx.pid;
error_log {room}/error.log warn;
worker_processes 1;
{user}
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {room}/body; proxy_temp_path {room}/proxy; fastcgi_temp_path {room}/fastcgi; uwsgi_temp_path {room}/uwsgi; scgi_temp_path {room}/scgi;
  ssl_protocols TLSv1.2 TLSv1.3; ssl_verify_client on; ssl_verify_depth 3;
{servers}
}}
stream {{
  server {{ listen 127.0.0.1:{refuses} ssl; ssl_verify_client on; ssl_client_certificate {partner}; ssl_certificate {certificate}; ssl_certificate_key {key};
           proxy_pass 127.0.0.1:{silent}; }}
}}
"""


def start_nginx(lab, world):
    """name -> port"""
    room, servers_ca = lab.room("nginx"), Authority(lab.folder / "more-servers", "Another Servers CA", issuer=None)
    servers_ca.issue(lab.folder / "expired", "lab.test", "server", ended=True)
    certificates = {
        "good": (world.certificate, world.key),
        "expired": (lab.folder / "expired.pem", lab.folder / "expired.key"),
        "incomplete": (world.folder / "server.pem", world.key),
    }
    ports = {name: lab.port() for name in [*certificates, "refuses", "down"]}
    servers = "\n".join(
        f"  server {{ listen 127.0.0.1:{ports[name]} ssl; ssl_client_certificate {world.root}; ssl_certificate {certificate}; ssl_certificate_key {key}; "
        "location / { return 200 ok; } }" for name, (certificate, key) in certificates.items())
    path = room / "nginx.conf"
    path.write_text(NGINX.format(room=room, servers=servers, refuses=ports["refuses"], silent=lab.silent, partner=world.folder / "partner" / "ca.pem",
                                 certificate=world.certificate, key=world.key, user="user root;" if os.geteuid() == 0 else ""))
    lab.run("nginx", ["nginx", "-p", room, "-e", room / "error.log", "-c", path])
    lab.listening(*(ports[name] for name in [*certificates, "refuses"]))
    anchors = lab.folder / "anchors.pem"
    anchors.write_text(world.root.read_text() + servers_ca.certificate.read_text())
    return ports, anchors


def start_exporters(lab, world, ports, anchors):
    """(URL of ours, URL of theirs); both answer to (target, module)."""
    certificate, key = world.clients["good"]
    common = f"trust: lab, identity: watcher"
    ours = lab.folder / "ours.yml"
    ours.write_text(f"""
trust: {{lab: {{ca_files: ['{anchors}']}}}}
identities: {{watcher: {{certificate_file: '{certificate}', key_file: '{key}'}}}}
modules:
  tcp: {{{common}}}
  http: {{{common}, protocol: https, http: {{accepted_status: [2xx]}}}}
targets:
""" + "".join(f"  - {{name: {name}, address: '127.0.0.1:{port}', server_name: localhost, module: tcp, interval: 1h}}\n" for name, port in ports.items()))
    theirs = lab.folder / "theirs.yml"
    tls = f"cert_file: '{certificate}', key_file: '{key}', server_name: localhost"
    verified, unverified = f"{{{tls}, ca_file: '{anchors}'}}", f"{{{tls}, insecure_skip_verify: true}}"
    theirs.write_text(f"""
modules:
  tcp: {{prober: tcp, timeout: 9s, tcp: {{tls: true, tls_config: {verified}}}}}
  tcp_unverified: {{prober: tcp, timeout: 9s, tcp: {{tls: true, tls_config: {unverified}}}}}
  http: {{prober: http, timeout: 9s, http: {{tls_config: {verified}, enable_http2: false}}}}
""")
    urls = []
    for name, program, config in (("ours", EXPORTER, ours), ("theirs", "prometheus-blackbox-exporter", theirs)):
        port = lab.port()
        lab.run(name, [program, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"])
        lab.listening(port)
        while name == "ours" and not ready(port):
            lab.alive()
            time.sleep(0.02)
        urls.append(f"http://127.0.0.1:{port}/probe")
    return urls


def ready(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=30).status == 200
    except urllib.error.HTTPError:
        return False


def probe(url, target, module):
    """{(name, labels): value} of the names that blackbox_exporter has."""
    request = f"{url}?" + urllib.parse.urlencode({"target": target, "module": module})
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read().decode()
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = frozenset((name, value) for name, value in sample.labels.items() if name not in LEFT_OUT_LABELS)
            if sample.name.startswith("probe_") and ("phase", "transfer") not in labels:
                assert (sample.name, labels) not in found, f"twice: {sample}"
                found[sample.name, labels] = sample.value
    return found


def by_name(samples):
    names = {}
    for (name, labels), value in samples.items():
        names.setdefault(name, {})[labels] = None if name in DURATIONS else value
    return names


def compare(ours, theirs, differences):
    """What is wrong, in sentences."""
    ours, theirs, wrong = by_name(ours), by_name(theirs), []
    for name in sorted((ours.keys() | theirs.keys() | differences.keys()) - THEIRS_ONLY - OURS_ONLY):
        mine, other = ours.get(name), theirs.get(name)
        if name in differences:
            for side, samples, said in (("we", mine, differences[name][0]), ("they", other, differences[name][1])):
                values = None if samples is None else next(iter(samples.values())) if said != "here" else "here"
                if values != said:
                    wrong.append(f"{name}: {side} should say {said}, and say {samples}")
        elif mine != other:
            wrong.append(f"{name}: {mine}, they say {other}")
    return wrong


def refuted(ours):
    """A comparison that cannot fail shows nothing."""
    spoilt = dict(ours)
    key = next(key for key in spoilt if key[0] == "probe_ip_protocol")
    spoilt[key] += 1
    assert compare(ours, ours, {}) == [] and len(compare(spoilt, ours, {})) == 1
    assert compare(ours, ours, {"probe_success": (0.0, 1.0)}) != []
    del spoilt[key]
    assert len(compare(spoilt, ours, {})) == 1


def run(lab):
    ports, anchors = start_nginx(lab, lab.world)
    ours, theirs = start_exporters(lab, lab.world, ports, anchors)
    failures, compared = [], 0
    for server, port in ports.items():
        for module in ("tcp", "http", "tcp_unverified"):
            if server in ("refuses", "down") and module == "tcp_unverified" or server == "refuses" and module == "http":
                continue
            scheme = "https://" if module == "http" else ""
            mine = probe(ours, server, module.removesuffix("_unverified"))
            other = probe(theirs, f"{scheme}127.0.0.1:{port}", module)
            compared += len(mine.keys() & other.keys())
            if server == "good" and module == "http":
                refuted(mine)
                assert mine["probe_success", frozenset()] == 1.0, "the good server is not good"
            failures += [f"{server}, {module}: {sentence}" for sentence in compare(mine, other, DIFFERENCES.get((server, module), {}))]
    print("\n".join(failures) or f"{compared} samples are the same")
    return 1 if failures else 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        lab = Lab(folder, World(folder / "world"), folder / "cache")
        try:
            return run(lab)
        finally:
            lab.stop()


sys.exit(main())
