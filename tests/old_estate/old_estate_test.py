#!/usr/bin/python3 -B
"""old_estate_test.py EXPORTER: the old estate, a real Prometheus and the shipped rules. After an hour of the rules' time the alerts
that fire are those of what needs somebody, by name, and no other; and every certificate is in the scrape once for each place."""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

from estate import STORED, OldEstate, fingerprints, free_port

RULES = pathlib.Path(__file__).resolve().parents[2] / "deploy/prometheus/rules"
HOUR = 60  # seconds: a minute of the rules is a second here

MUST_FIRE = {
    ("MtlsCertificateExpiring", "warning", "a.estate.test"), ("MtlsCertificateExpiring", "critical", "a.estate.test"),
    ("MtlsCertificateExpiring", "warning", "spiffe://estate.test/web"), ("MtlsCertificateExpiring", "warning", "spiffe://estate.test/api"),
    ("MtlsCertificateExpiring", "warning", "spiffe://estate.test/batch"),
}


def expired(text):
    """The rules with their minutes as seconds: in `for` and in ranges."""
    def faster(match):
        return f"{int(match[1]) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}[match[2]] // 60 or 1}s"
    text = re.sub(r"(?<=\[)(\d+)([smhd])(?=\])", faster, text)
    return re.sub(r"(?<=for: )(\d+)([smhd])\b", faster, text)


def wait(what, url):
    for _ in range(300):
        try:
            if urllib.request.urlopen(url, timeout=2).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"FAILED: {what} does not answer")


def scraped(port):
    """(source, target, position, fingerprint) of every mtls_certificate_info."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()
    found = []
    for line in text.splitlines():
        if line.startswith("mtls_certificate_info{"):
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', line))
            found.append((labels["source"], labels["target"], labels["position"], labels["fingerprint_sha256"]))
    return found


def missing_or_twice(estate, found):
    wrong = []
    leaves = collections.Counter(fingerprint for source, _, position, fingerprint in found if source == "server" and position == "0")
    for name, fingerprint in estate.served.items():
        if leaves[fingerprint] != 1:
            wrong.append(f"the served certificate {name} is in the scrape {leaves[fingerprint]} times")
    stored = collections.Counter((target, fingerprint) for source, target, _, fingerprint in found if source == "file")
    files = [*estate.letsencrypt.glob("archive/site/*.pem"), *estate.letsencrypt.glob("live/site/*.pem")]
    for file in files:
        for fingerprint in fingerprints(file):
            if stored[(str(file), fingerprint)] != 1:
                wrong.append(f"{file}: {fingerprint[:8]} is in the scrape {stored[(str(file), fingerprint)]} times")
    for fingerprint in fingerprints(*(estate.pki.by_name[name].pem for name in STORED)):
        for source, place in (("trust", "estate"), ("file", "cacerts#"), ("file", "bundle.pem")):
            count = sum(1 for one in found if one[0] == source and place in one[1] and one[3] == fingerprint)
            if count != (0 if source == "trust" and fingerprint in fingerprints(estate.pki.by_name["lapsing"].pem) else 1):
                wrong.append(f"the root {fingerprint[:8]} of {source} {place} is in the scrape {count} times")
    issued = collections.Counter(fingerprint for source, target, _, fingerprint in found if source == "authority" and target == "mesh")
    for fingerprint in fingerprints(*estate.issued.glob("*.pem")):
        if issued[fingerprint] != 1:
            wrong.append(f"the issued certificate {fingerprint[:8]} is in the scrape {issued[fingerprint]} times")
    return wrong


def main():
    exporter = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory(prefix="old_estate.") as name:
        folder = pathlib.Path(name)
        estate = OldEstate(folder / "estate")
        port, prometheus_port = free_port(), free_port()
        (folder / "c.yml").write_text(estate.configuration())
        rules = folder / "rules"
        rules.mkdir()
        for file in RULES.glob("*.yml"):
            (rules / file.name).write_text(expired(file.read_text()))
        (folder / "p.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [f"{rules}/*.yml"],
            "scrape_configs": [{"job_name": "mtls", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}]}))
        processes = []
        log = (folder / "exporter.log").open("w")
        try:
            estate.load()
            processes.append(subprocess.Popen([exporter, f"--config.file={folder}/c.yml", f"--web.listen-address=127.0.0.1:{port}"], stderr=log))
            wait("the exporter", f"http://127.0.0.1:{port}/-/ready")
            time.sleep(3)  # what is discovered is probed, too
            processes.append(subprocess.Popen(
                ["prometheus", f"--config.file={folder}/p.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{prometheus_port}", "--log.level=error"]))
            wait("Prometheus", f"http://127.0.0.1:{prometheus_port}/-/ready")
            time.sleep(HOUR)
            wrong = missing_or_twice(estate, scraped(port))
            answer = json.load(urllib.request.urlopen(f"http://127.0.0.1:{prometheus_port}/api/v1/alerts"))
            alerts = [one for one in answer["data"]["alerts"]]
            firing = {(one["labels"]["alertname"], one["labels"]["severity"], one["labels"].get("subject_cn", "")): one for one in alerts}
            for one in MUST_FIRE - {key for key, alert in firing.items() if alert["state"] == "firing"}:
                wrong.append(f"does not fire: {' '.join(one)}")
            for key, alert in firing.items():
                if key not in MUST_FIRE:
                    wrong.append(f"{alert['state']} and must not: {key[1]} {key[0]}: {alert['annotations']['summary']}")
            if len([one for one in alerts if one["state"] == "firing"]) > len(MUST_FIRE):
                wrong.append("an alert fires more than once")
        finally:
            for process in processes:
                process.terminate()
                process.wait()
            estate.stop()
        if wrong:
            print((folder / "exporter.log").read_text()[-3000:])
    print("\n".join(f"FAILED: {one}" for one in wrong) or f"ok: {len(MUST_FIRE)} alerts fire, no other, and every certificate is there once")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
