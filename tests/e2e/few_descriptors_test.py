#!/usr/bin/python3
"""few_descriptors_test.py EXPORTER: the real program under a limit of 64 open files, with 80 clients that say nothing.

A scrape is answered within a second all the same, probes go on and none fails for want of a socket; the log says who has how many. Under a limit
that is too low to work with the program says so and ends.
"""
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
from lab import Lab  # noqa: E402

EXPORTER = sys.argv[1]
LIMIT = 64
IDLE = 80
TARGETS = 40  # that answer
HANGING = 50  # that do not: more than there are places


def limited(limit, *arguments):
    """The exporter under a limit of open files: a number is the soft and the hard one, "64:1024" are two."""
    return ["prlimit", f"--nofile={limit}", EXPORTER, *arguments]


def servers(lab):
    """Several: each serves one connection at a time."""
    key, certificate = lab.folder / "key.pem", lab.folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "10", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    ports = [lab.port() for _ in range(4)]
    for port in ports:
        lab.run(f"server-{port}", ["openssl", "s_server", "-accept", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-quiet", "-www"])
    lab.listening(*ports)
    return ports, certificate


def configuration(lab, ports, certificate):
    """Every other target is named: its look-up wants descriptors, too."""
    targets = "".join(f"  - {{name: well{number}, address: '{'localhost' if number % 2 else '127.0.0.1'}:{ports[number % len(ports)]}'}}\n"
                      for number in range(TARGETS))
    targets += "".join(f"  - {{name: hanging{number}, address: '127.0.0.1:{lab.silent}', timeout: 1s}}\n" for number in range(HANGING))
    path = lab.folder / "estate.yml"
    path.write_text(f"trust: {{lab: {{ca_files: [{certificate}]}}}}\nfiles: [{{name: web, paths: [{lab.folder}/*.pem]}}]\n"
                    f"defaults: {{trust: lab, protocol: tls, interval: 2s, timeout: 2s}}\ntargets:\n{targets}")
    return path


def idle(port, number):
    """Says nothing, or half of a request."""
    client = socket.create_connection(("127.0.0.1", port), timeout=10)
    if number % 2:
        client.sendall(b"GET /metrics HTTP/1.1\r\nHost")
    return client


def scrape(port):
    """(seconds, text)"""
    begun = time.monotonic()
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=20) as answer:
        return time.monotonic() - begun, answer.read().decode()


def total(text, name, **labels):
    """Of all the samples of `name` that have these labels, or begin so."""
    lines = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.M)
    return sum(float(value) for found, value in lines if all(f'{label}="{wanted}' in found for label, wanted in labels.items()))


def well(text, name):
    return total(text, name, target="well")


def run(lab):
    failures = []

    def check(holds, what):
        if not holds:
            failures.append(what)

    config = configuration(lab, *servers(lab))
    port = lab.port()
    exporter = lab.run("exporter", limited(LIMIT, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"))
    lab.listening(port)
    deadline = time.monotonic() + 60
    while well(scrape(port)[1], "mtls_target_reachable") < TARGETS and time.monotonic() < deadline:
        time.sleep(0.1)
    before = well(scrape(port)[1], "mtls_probes_total")
    slowest, clients, text = 0, [], ""
    for _ in range(5):
        clients = [idle(port, number) for number in range(IDLE)]  # those of the round before have gone
        seconds, text = scrape(port)
        slowest = max(slowest, seconds)
        time.sleep(1)
    check(slowest < 1, f"a scrape among {IDLE} idle clients took {slowest:.2f} s")
    probed = well(text, "mtls_probes_total") - before
    check(probed >= TARGETS, f"{probed:g} probes in five seconds")
    check(total(text, "mtls_exporter_probe_results_total", stage="internal") == 0, "a probe failed for want of ours")
    check(well(text, "mtls_handshake_failure") == 0, f"{well(text, 'mtls_handshake_failure'):g} of {TARGETS} targets have failed")
    check(total(text, "mtls_exporter_probes_delayed_total", cause="descriptors") > 0, "no probe had to wait")
    check("mtls_exporter_probes_delayed_total{cause=\"places\"} 0" in text, "the cause is the descriptors")
    check(total(text, "mtls_source_up", source="file") == 1, "the files are not read")
    check(total(text, "process_open_fds") <= LIMIT, "more descriptors than there are")
    log = (lab.folder / "exporter.log").read_text()
    said = re.search(r"level=warn.*the limit of open files is low.*limit=64 web_connections=(\d+) probes_at_once=(\d+)", log)
    check(said, f"the log does not say the shares:\n{log[:2000]}")
    print(f"slowest scrape {slowest * 1000:.0f} ms, {probed:g} probes, {total(text, 'process_open_fds'):g} descriptors, "
          f"delayed {total(text, 'mtls_exporter_probes_delayed_total', cause='descriptors'):g}; web {said and said[1]}, probes {said and said[2]}")
    lab.end(exporter)

    too_few = subprocess.run(limited(32, f"--config.file={config}", "--web.listen-address=127.0.0.1:0"), capture_output=True,
                             text=True, timeout=20)
    check(too_few.returncode == 2, f"with 32 files it ends with {too_few.returncode}")
    check(re.search(r"the limit of open files is 32, and this configuration needs at least \d+: raise it", too_few.stderr), too_few.stderr)

    port = lab.port()
    exporter = lab.run("raised", limited("32:1024", f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}"))
    lab.listening(port)
    check(total(scrape(port)[1], "process_max_fds") == 1024, "the soft limit is not raised to the hard one")
    check("limit=1024" in (lab.folder / "raised.log").read_text(), "the shares are not those of the raised limit")
    lab.end(exporter)
    print("\n".join(failures) or "all is well")
    return 1 if failures else 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab(folder, None, pathlib.Path(folder) / "cache")
        try:
            return run(lab)
        finally:
            lab.stop()


sys.exit(main())
