#!/usr/bin/python3
"""An estate in which everything changes all the time, a hundred times as fast as elsewhere.

    tests/torture/soak.py --exporter build/exporter/mtls_exporter [--seconds 600] [--reloads 17]

Targets are probed each second instead of each minute or two; meanwhile the configuration is reloaded (targets come and go, files break and
are mended), identities and files are replaced, logs are written and rotated, and everything is scraped. Wrong is: a restart, a scrape that
is not answered, descriptors or threads that grow, resident memory that grows by more than 1 MB an hour of an ordinary pace (a megabyte each
36 s here, from a third of the time on), a target that is not probed any more, a configuration that is not the last good one in the end.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lab"))
from certificates import World  # noqa: E402
from lab import Lab, end_with_parent  # noqa: E402
from servers import nginx  # noqa: E402

PACE = 100
MEGABYTES_AN_HOUR = 1
CERTIFICATES = 20  # that take turns in each place


def certificates(folder):
    """Pairs of a self-signed certificate and its key; one in ten expires in a day."""
    made = []
    for number in range(CERTIFICATES):
        path = folder / f"spare-{number}"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", str(1 if number % 10 == 0 else 90),
                        "-subj", f"/O=Soak/CN=spare {number}", "-keyout", f"{path}.key", "-out", f"{path}.pem"], check=True, capture_output=True)
        made.append((Path(f"{path}.pem").read_bytes(), Path(f"{path}.key").read_bytes()))
    return made


class Soak:
    def __init__(self, options, lab):
        self.options, self.lab, self.random = options, lab, random.Random(options.seed)
        self.server = next(one for one in nginx.start(lab) if one.name == "nginx_required").port
        lab.listening(self.server)
        self.spare = certificates(lab.room("spare"))
        self.files, self.path, self.log = lab.room("files"), lab.folder / "soak.yml", lab.folder / "callers.log"
        self.port, self.stopping, self.troubles = lab.port(), threading.Event(), []
        self.counts = dict.fromkeys(("reloads", "refused", "replaced", "lines", "rotations", "scrapes"), 0)
        self.good_targets = 0

    # --- what changes ---------------------------------------------------------------------------------------------------------------

    def configuration(self):
        world = self.lab.world
        certificate, key = world.clients["good"]
        self.good_targets = self.random.randrange(80, 120)
        targets = [{"name": f"target-{number}", "address": f"127.0.0.1:{self.server}", "server_name": "lab.test", "identity": self.random.choice(("good", "changing"))}
                   for number in self.random.sample(range(200), self.good_targets)]
        return json.dumps({
            "trust": {"lab": {"ca_files": [str(world.root)]}},
            "identities": {"good": {"certificate_file": str(certificate), "key_file": str(key)},
                           "changing": {"certificate_file": str(self.files / "changing.pem"), "key_file": str(self.files / "changing.key")}},
            "defaults": {"interval": "1s", "timeout": "1s", "trust": "lab", "protocol": "https"}, "targets": targets,
            "files": [{"name": "files", "paths": [str(self.files)], "interval": "1s"}],
            "callers": [{"name": "gateway", "log_files": [str(self.log)], "keep": "1h"}],
            "storage": {"path": str(self.lab.folder / "state.sqlite"), "keep": "1h"},
        })

    def replace_file(self, path, content):
        beside = path.with_suffix(".new")
        beside.write_bytes(content)
        os.replace(beside, path)

    def replace_some(self):
        for name in ("changing", f"file-{self.random.randrange(50)}"):
            certificate, key = self.random.choice(self.spare)
            broken = self.random.random() < 0.05
            self.replace_file(self.files / f"{name}.pem", certificate[:self.random.randrange(len(certificate))] if broken else certificate)
            self.replace_file(self.files / f"{name}.key", key)
        if self.random.random() < 0.2:
            (self.files / f"file-{self.random.randrange(50)}.pem").unlink(missing_ok=True)
        self.counts["replaced"] += 1

    def reload(self):
        broken = self.random.random() < 0.2
        self.replace_file(self.path, (self.configuration()[:-40] if broken else self.configuration()).encode())
        try:
            self.ask("/-/reload", "POST")
            self.counts["reloads"] += 1
            if broken:
                self.troubles.append("a broken configuration was taken")
        except urllib.error.HTTPError as refusal:
            self.counts["refused"] += 1
            if not broken:
                self.troubles.append(f"a good configuration was refused: {refusal.read()[:300]}")

    def write_lines(self):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with open(self.log, "a", encoding="utf-8") as log:
            for _ in range(50):
                serial = self.random.randrange(1 << 12)
                log.write(json.dumps({"time": now, "subject": f"CN=caller {serial}", "issuer": "CN=Clients CA", "serial": f"{serial:x}", "not_after": "2099-01-01T00:00:00Z",
                                      "verify": "SUCCESS", "status": 200, "address": f"192.0.2.{serial % 250}"}) + "\n")
        self.counts["lines"] += 50
        if self.random.random() < 0.02:
            os.replace(self.log, f"{self.log}.1")
            self.log.touch()
            self.counts["rotations"] += 1

    # --- what is seen ---------------------------------------------------------------------------------------------------------------

    def ask(self, path, method="GET"):
        with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method), timeout=20) as answer:
            return answer.read().decode()

    def scrape(self):
        self.counts["scrapes"] += 1
        return dict((line.rsplit(" ", 1)[0], float(line.rsplit(" ", 1)[1])) for line in self.ask("/metrics").splitlines() if not line.startswith("#"))

    def again_and_again(self, what, pause):
        def work():
            while not self.stopping.wait(pause):
                try:
                    what()
                except Exception as trouble:  # pylint: disable=broad-except
                    self.troubles.append(f"{what.__name__}: {trouble!r}")
                    return
        return threading.Thread(target=work, daemon=True)

    @staticmethod
    def measure(process):
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        return {"resident": int(status.split("VmRSS:")[1].split()[0]) / 1024, "threads": int(status.split("Threads:")[1].split()[0]),
                "descriptors": len(os.listdir(f"/proc/{process.pid}/fd"))}

    def run(self):
        self.log.touch()
        self.replace_some()
        self.path.write_text(self.configuration(), encoding="utf-8")
        with open(self.lab.folder / "soak.log", "w", encoding="utf-8") as said:
            process = subprocess.Popen([self.options.exporter, f"--config.file={self.path}", f"--web.listen-address=127.0.0.1:{self.port}", "--web.enable-lifecycle",
                                        "--log.level=error"], stderr=said, preexec_fn=end_with_parent)
        try:
            self.lab.listening(self.port)
            began, seen = time.monotonic(), []
            threads = [self.again_and_again(self.replace_some, 0.2), self.again_and_again(self.reload, 1 / self.options.reloads),
                       self.again_and_again(self.write_lines, 0.1), self.again_and_again(self.scrape, 0.5),
                       self.again_and_again(lambda: self.ask("/api/v1/estate"), 2)]
            for thread in threads:
                thread.start()
            while (passed := time.monotonic() - began) < self.options.seconds and process.poll() is None and not self.troubles:
                time.sleep(1)
                if process.poll() is None:
                    seen.append((passed, self.measure(process)))
            self.stopping.set()
            for thread in threads:
                thread.join(30)
            return self.judge(process, seen)
        finally:
            process.kill()
            process.wait()

    def judge(self, process, seen):
        if process.poll() is not None:
            self.troubles.append(f"the exporter ended with {process.returncode}: " + (self.lab.folder / "soak.log").read_text(encoding="utf-8")[-500:])
            return {}
        # The last configuration is a good one, and all of it is probed.
        self.path.write_text(self.configuration(), encoding="utf-8")
        self.ask("/-/reload", "POST")
        time.sleep(5)
        found = self.scrape()
        probed = [name for name in found if name.startswith("mtls_probe_success{")]
        if len(probed) != self.good_targets:
            self.troubles.append(f"{self.good_targets} targets, {len(probed)} of them probed")
        late = [name for name, value in found.items() if name.startswith("mtls_probe_timestamp_seconds{") and value < time.time() - 10]
        if late:
            self.troubles.append(f"not probed any more: {late[:5]}")
        settled = [one for one in seen if one[0] > self.options.seconds / 3]
        slope = slope_of([(at, measured["resident"]) for at, measured in settled]) * 3600 / PACE
        grown = {what: settled[-1][1][what] - settled[0][1][what] for what in ("threads", "descriptors")}
        if slope > MEGABYTES_AN_HOUR:
            self.troubles.append(f"resident memory grows by {slope:.2f} MB an hour of an ordinary pace")
        for what, more in grown.items():
            if more > 20:  # some are always about to be closed
                self.troubles.append(f"{more} more {what}")
        process.terminate()
        if process.wait(10) != 0:
            self.troubles.append(f"ended with {process.returncode}")
        return {"seconds": self.options.seconds, **self.counts, "megabytes_an_hour": round(slope, 3), "resident_megabytes": [round(settled[0][1]["resident"], 1), round(settled[-1][1]["resident"], 1)],
                "descriptors": [settled[0][1]["descriptors"], settled[-1][1]["descriptors"]], "threads": [settled[0][1]["threads"], settled[-1][1]["threads"]], "seed": self.options.seed}


def slope_of(points):
    """Of the line through points with the least squares."""
    mean_x, mean_y = (sum(column) / len(points) for column in zip(*points))
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, y in points)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--exporter", required=True)
    arguments.add_argument("--seconds", type=int, default=600)
    arguments.add_argument("--reloads", type=int, default=17, help="a second, at most: 10,000 in ten minutes")
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = arguments.parse_args()
    options.exporter = os.path.abspath(options.exporter)
    with tempfile.TemporaryDirectory(prefix="mtls-soak-", ignore_cleanup_errors=True) as folder:
        lab = Lab(folder, World(Path(folder) / "world"), folder)
        try:
            soak = Soak(options, lab)
            print(json.dumps(soak.run(), indent=1))
        finally:
            lab.stop()
    for trouble in soak.troubles:
        print(trouble)
    print(f"{len(soak.troubles)} wrong")
    return 1 if soak.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
