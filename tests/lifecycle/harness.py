"""Asks a real Prometheus what the alerting rules would have said over a past that never was: the series become blocks (promtool), each
rule's own expression, read from its file, is evaluated by query_range, and `for` is applied here. Prometheus never evaluates alerting rules
over history itself; tests/lifecycle/harness_test.py holds this against `promtool test rules`."""
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_POINTS = 10_000  # of one query; Prometheus refuses more than 11,000


def seconds(duration):
    return sum(int(number) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit] for number, unit in re.findall(r"(\d+)([smhd])", str(duration or "0s")))


def alert_rules():
    """Every alerting rule of deploy/prometheus/rules: name, expression, `for` in seconds, labels."""
    for file in sorted((ROOT / "deploy/prometheus/rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    yield rule["alert"], rule["expr"], seconds(rule.get("for")), rule.get("labels", {})


def write_openmetrics(series, file):
    """Writes series and returns how many samples they have."""
    count = 0
    with open(file, "w") as out:
        for family, by_labels in series.families.items():
            out.write(f"# TYPE {family} gauge\n")
            for labels, samples in by_labels.items():
                count += len(samples)
                out.write("".join([f"{family}{{{labels}}} {value:.6g} {at}\n" for at, value in samples]))
        out.write("# EOF\n")
    return count


class Prometheus:
    """A Prometheus over the given series; `with` ends it and removes its data. `folder` is where it may write."""

    def __init__(self, series):
        self.folder = tempfile.TemporaryDirectory(prefix="mtls-lifecycle.")
        past = f"{self.folder.name}/past.om"
        self.samples = write_openmetrics(series, past)
        # One block, however long: the tool reads its whole input once for every block.
        subprocess.run(["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=20000h", past,
                        f"{self.folder.name}/tsdb"], check=True, stdout=subprocess.DEVNULL)
        pathlib.Path(past).unlink()
        config = pathlib.Path(self.folder.name) / "prometheus.yml"
        config.write_text("global: {}\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = open(f"{self.folder.name}/log", "w+")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={self.folder.name}/tsdb", "--storage.tsdb.retention.time=100y",
             f"--web.listen-address=127.0.0.1:{port}", "--query.timeout=5m", "--log.level=warn"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(f"{self.url}/-/ready", timeout=5).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.log.seek(0)
                    raise RuntimeError(f"Prometheus did not start: {self.log.read()}") from None
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def query_range(self, expression, start, end, step):
        """[(labels, [moments at which the expression holds])]."""
        found = {}
        while start <= end:
            last = min(end, start + (MAX_POINTS - 1) * step)
            query = urllib.parse.urlencode({"query": expression, "start": start, "end": last, "step": step}).encode()
            with urllib.request.urlopen(f"{self.url}/api/v1/query_range", query, timeout=300) as answer:
                result = json.load(answer)
            for one in result["data"]["result"]:
                labels = {name: value for name, value in one["metric"].items() if name != "__name__"}
                found.setdefault(tuple(sorted(labels.items())), []).extend(int(at) for at, _ in one["values"])
            start = last + step
        return [(dict(labels), moments) for labels, moments in found.items()]


def firing(moments, wait, step):
    """The stretches (from, until) in which an alert fires whose expression holds at these moments of the grid. A moment stands for the
    step that follows it; with a step that divides `wait` this is Prometheus's own rule, t - active_since >= wait."""
    stretches = []
    since = last = None
    for at in [*moments, None]:
        if since is not None and (at is None or at - last > step):
            if last + step > since + wait:
                stretches.append((since + wait, last + step))
            since = None
        if since is None:
            since = at
        last = at
    return stretches


def history(prometheus, start, end, step):
    """[(labels with alertname, from, until)] of everything that fired."""
    fired = []
    for name, expression, wait, labels in alert_rules():
        for found, moments in prometheus.query_range(expression, start, end, step):
            for since, until in firing(moments, wait, step):
                fired.append((found | labels | {"alertname": name}, since, until))
    return fired
