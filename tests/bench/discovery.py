#!/usr/bin/python3
"""What discovery costs: a list of targets replaced at once, and a sweep of loopback.

    tests/bench/discovery.py --exporter build/exporter/mtls_exporter [--targets 10000] [--seconds 20]
"""
import argparse
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections import Counter


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Exporter:
    def __init__(self, binary, folder, configuration, level="error", log=None):
        path = os.path.join(folder, "estate.yml")
        with open(path, "w") as file:
            file.write(configuration)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/metrics"
        self.process = subprocess.Popen([binary, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}", f"--log.level={level}"],
                                        stderr=log)
        while True:
            try:
                self.scrape()
                return
            except OSError:
                time.sleep(0.05)

    def scrape(self):
        with urllib.request.urlopen(self.url, timeout=20) as answer:
            return answer.read().decode()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) / 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def write_list(folder, count, second):
    addresses = [f"127.{second}.{number // 250}.{number % 250 + 1}:1" for number in range(count)]
    path = os.path.join(folder, "targets.json")
    with open(path + ".new", "w") as file:
        json.dump([{"targets": addresses, "labels": {"team": "bench"}}], file)
    os.rename(path + ".new", path)


def of_network(text, second):
    return len(re.findall(r'^mtls_probes_total\{target="127\.%d\.' % second, text, re.M))


def replaced(binary, count):
    with tempfile.TemporaryDirectory() as folder:
        write_list(folder, count, 1)
        exporter = Exporter(binary, folder, "defaults: {interval: 10m}\ndiscovery: [{file_sd: [targets.json]}]\n")
        while of_network(exporter.scrape(), 1) < count:
            time.sleep(0.2)
        time.sleep(5)
        slowest, applied, ended = [0.0], [None], threading.Event()
        begun = time.monotonic()

        def scrape_on():
            while not ended.is_set():
                at = time.monotonic()
                text = exporter.scrape()
                slowest[0] = max(slowest[0], time.monotonic() - at)
                if applied[0] is None and of_network(text, 2) == count and of_network(text, 1) == 0:
                    applied[0] = at - begun

        before = [0.0]
        for _ in range(10):
            at = time.monotonic()
            exporter.scrape()
            before[0] = max(before[0], time.monotonic() - at)
        begun = time.monotonic()
        write_list(folder, count, 2)
        watcher = threading.Thread(target=scrape_on)
        watcher.start()
        while applied[0] is None and time.monotonic() - begun < 30:
            time.sleep(0.05)
        ended.set()
        watcher.join()
        exporter.stop()
        print(f"{count} targets replaced at once: in the scrape after {applied[0]:.2f} s; slowest scrape {slowest[0] * 1000:.0f} ms "
              f"(before: {before[0] * 1000:.0f} ms)")


def counted(binary, count):
    """After a list was replaced, how often each of its targets was probed in an interval: none lost, none doubled."""
    with tempfile.TemporaryDirectory() as folder:
        write_list(folder, count, 1)
        exporter = Exporter(binary, folder, "defaults: {interval: 30s, timeout: 5s}\ndiscovery: [{file_sd: [targets.json]}]\n")
        while of_network(exporter.scrape(), 1) < count:
            time.sleep(0.2)
        write_list(folder, count, 2)
        while of_network(exporter.scrape(), 2) < count:
            time.sleep(0.05)
        time.sleep(31)
        probes = Counter(re.findall(r'^mtls_probes_total\{target="127\.2\.[^}]*\} (\S+)', exporter.scrape(), re.M))
        print(f"{count} targets, 31 s after they replaced others, at an interval of 30 s: " +
              ", ".join(f"{many} probed {times} times" for times, many in sorted(probes.items())))
        exporter.stop()


def opened():
    """Connections begun on this machine since it started."""
    with open("/proc/net/snmp") as file:
        names, values = [line.split() for line in file if line.startswith("Tcp:")]
    return int(values[names.index("ActiveOpens")])


def lags(text):
    """Upper bound -> probes that began at most so late, since the start."""
    found = re.findall(r'^mtls_exporter_schedule_lag_seconds_bucket\{le="([^"]+)"\} (\S+)', text, re.M)
    return {float(bound): float(count) for bound, count in found}


def latest(before, after, share):
    """How late that share of the probes between two scrapes began at most: the bound of a bucket."""
    counts = {bound: count - before[bound] for bound, count in after.items()}
    return next(bound for bound in sorted(counts) if counts[bound] >= share * counts[float("inf")]), int(counts[float("inf")])


def disturbed(binary, seconds):
    """What a sweep does to 500 scheduled probes a second: how late they begin, without it and with it."""
    targets = "".join(f'  - {{name: t{number}, address: "127.0.0.1:9", interval: 1s, timeout: 1s}}\n' for number in range(500))
    for what, discovery in (("without", ""), ("with", "discovery: [{sweep: {cidrs: [127.0.0.0/16], ports: [1, 2], rate: 2000}}]\n")):
        with tempfile.TemporaryDirectory() as folder:
            exporter = Exporter(binary, folder, discovery + "targets:\n" + targets)
            time.sleep(2)
            before = lags(exporter.scrape())
            time.sleep(seconds)
            late, probes = latest(before, lags(exporter.scrape()), 0.99)
            print(f"500 scheduled probes a second {what} a sweep: {probes} of {500 * seconds:.0f}, 99 % of them less than {1000 * late:.0f} ms late")
            exporter.stop()


def swept(binary, seconds):
    with tempfile.TemporaryDirectory() as folder:
        exporter = Exporter(binary, folder, "discovery: [{sweep: {cidrs: [127.0.0.0/16], ports: [1, 2], rate: 2000}}]\n")
        time.sleep(1)
        before, begun, at = exporter.cpu(), opened(), time.monotonic()
        time.sleep(seconds)
        used, passed = exporter.cpu() - before, time.monotonic() - at
        print(f"sweep of 65,536 addresses x 2 ports at 2,000/s ({(opened() - begun) / passed:,.0f}/s seen): {100 * used / passed:.1f} % of a core over {passed:.0f} s, "
              f"{exporter.resident():.0f} MB resident")
        exporter.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--exporter", required=True)
    parser.add_argument("--targets", type=int, default=10000)
    parser.add_argument("--seconds", type=float, default=20)
    arguments = parser.parse_args()
    replaced(arguments.exporter, arguments.targets)
    counted(arguments.exporter, arguments.targets)
    swept(arguments.exporter, arguments.seconds)
    disturbed(arguments.exporter, arguments.seconds)


if __name__ == "__main__":
    main()
