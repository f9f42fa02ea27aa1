"""The program under test as a service: started, asked, reloaded, weighed, ended."""
import bisect
import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import judge
from case import INTERVAL, MODULES, TIMEOUT

BEAT = 1.0  # seconds between two probes of a good neighbour


GIVEN = set()


def free_port():
    """Below the ephemeral range, so that no outgoing connection takes it meanwhile; never the same twice."""
    low = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(max(1024, low - 20000), low), 2000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in GIVEN:
            GIVEN.add(port)
            return port
    raise RuntimeError("no free port")


def seconds(value):
    return f"{round(value * 1000)}ms"


def configuration(folder, cases, neighbours, sockets, settle=None):
    """`sockets` knows the port of each; `settle`: seconds of interval for every case, where one probe is enough."""
    targets = [{"name": case.name, "address": f"127.0.0.1:{sockets.port(case.name)}", "module": case.module, "server_name": case.server_name}
               for case in (*neighbours, *cases)]
    return written(folder, targets, settle)


def written(folder, targets, settle=None):
    """The configuration as JSON, which is YAML."""
    modules = {}
    for name, settings in {**MODULES, "neighbour": {"protocol": "tls", "identity": "client", "timeout": 0.9, "interval": BEAT}}.items():
        settings = dict(settings)
        settings["timeout"] = seconds(settings.get("timeout", TIMEOUT))
        settings["interval"] = seconds(settings.get("interval", settle or INTERVAL))
        modules[name] = settings | {"trust": "faults"}
    return json.dumps({"trust": {"faults": {"ca_files": [str(folder / "root.pem")]}},
                       "identities": {"client": {"certificate_file": str(folder / "client.pem"), "key_file": str(folder / "client.key")}},
                       "modules": modules, "targets": targets}, indent=1)


class ExporterEnded(Exception):
    """It crashed, or did not start."""


class Exporter:
    """`before`: what the program is started by; `options`: of Popen."""

    def __init__(self, program, folder, settings, name="mtls_exporter", before=(), **options):
        self.path, self.log = folder / f"{name}.yml", folder / f"{name}.log"
        self.path.write_text(settings)
        self.port = free_port()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*before, program, f"--config.file={self.path}", f"--web.listen-address=127.0.0.1:{self.port}"],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, **options)

    def get(self, path, accept="text/plain", timeout=20):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", headers={"Accept": accept})
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.read().decode()

    def said(self):
        return self.log.read_text(errors="replace")

    def alive(self):
        if self.process.poll() is not None:
            raise ExporterEnded(f"status {self.process.returncode}\n{self.said()[-3000:]}")

    def until(self, holds, at_most, what=""):
        """Whether `holds()` became true within `at_most` seconds; where it did not, says `what` was waited for."""
        deadline = time.monotonic() + at_most
        while True:
            self.alive()
            try:
                if holds():
                    return True
            except OSError:
                pass
            if time.monotonic() > deadline:
                print(f"gave up waiting for {what}")
                return False
            time.sleep(0.1)

    def reload(self, settings, cases):
        """Waits until exactly `cases` are watched, besides the neighbours."""
        new = self.path.with_suffix(".new")
        new.write_text(settings)
        new.rename(self.path)
        count = len(json.loads(settings)["targets"])
        self.process.send_signal(signal.SIGHUP)

        def adopted():
            return judge.value(self.series()[""], "mtls_exporter_targets") == count and all(self.account(case.name) for case in (*cases[:1], *cases[-1:]))
        self.until(adopted, 20, "the new configuration")

    def series(self):
        return judge.by_target(self.get("/metrics"))

    def account(self, name):
        """What the API says of a target with one identity at most."""
        return json.loads(self.get(f"/api/v1/targets/{name}"))["watches"][0]

    def probes(self, at_least):
        """How many probes each target has had; [0] while there are fewer targets than `at_least`."""
        counts = [one["mtls_probes_total"][0][1] for target, one in self.series().items() if target and "mtls_probes_total" in one]
        return counts if len(counts) >= at_least else [0]

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        """Seconds of CPU time used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, what):
        """VmRSS, VmHWM or VmPeak in MB."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
        return 0.0

    def terminate(self):
        """Seconds that it takes to end, and how it ended."""
        began = time.monotonic()
        self.process.terminate()
        try:
            code = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        return time.monotonic() - began, code

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Threads(threading.Thread):
    """How much CPU each thread of a process has used, noted every 50 ms: whether the exporter was late because it computed, or because the
    machine had no core for it."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.folder, self.samples, self.over = Path(f"/proc/{pid}/task"), [], threading.Event()

    def run(self):
        while not self.over.wait(0.05):
            used = {}
            try:
                for thread in os.listdir(self.folder):
                    fields = (self.folder / thread / "stat").read_text().rsplit(")", 1)[1].split()
                    used[thread] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            except OSError:
                continue
            self.samples.append((time.monotonic(), used))

    def stop(self):
        self.over.set()
        self.join()

    def busiest(self, since, until):
        """Seconds of CPU that the busiest thread used between two moments."""
        times = [at for at, _ in self.samples]
        first, last = max(0, bisect.bisect_right(times, since) - 1), min(len(times) - 1, bisect.bisect_left(times, until))
        if first >= last:
            return 0.0
        before, after = self.samples[first][1], self.samples[last][1]
        return max(used - before.get(thread, 0.0) for thread, used in after.items())
